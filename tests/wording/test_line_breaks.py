"""Where lines end, in Chinese and in Latin script."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wording.line_breaks import broken

TEXT = st.text(st.sampled_from("ab -_|/—，。（）「」“”[](){}:.中文字符…\u3000"), max_size=60)


@given(TEXT, st.integers(4, 40))
def test_nothing_is_lost_and_every_line_fits(text: str, width: int) -> None:
    """Blanks at a line's end take no room."""
    lines = broken(text, width)
    assert "".join(lines) == text
    assert all(cell_len(line.rstrip()) <= width for line in lines)


def test_chinese_breaks_anywhere_but_before_a_closing_mark() -> None:
    """And not behind an opening one; words and options in Latin script stay whole."""
    text = "与 --helped 一起使用：在哪个会话中（写其名称）。"
    assert broken(text, 20) == ["与 --helped 一起使", "用：在哪个会话中（写", "其名称）。"]
    assert broken("一二三四。", 8) == ["一二三", "四。"]
    assert broken("一二三（四", 8) == ["一二三", "（四"]
    assert broken("一二三 [四]", 9) == ["一二三 ", "[四]"]


def test_latin_script_breaks_at_blanks_and_what_is_too_long_anywhere() -> None:
    """As everybody expects."""
    assert broken("one two three", 8) == ["one two ", "three"]
    assert broken("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_a_word_longer_than_a_line_is_parted_between_values_and_then_between_the_words_of_a_name() -> None:
    """A list of scopes does not break inside one of them, where a line has room for it; a variable ends at a word."""
    assert broken("view|shell|files:r|files:w|root", 19) == ["view|shell|files:r|", "files:w|root"]
    assert broken("reviewer|external-reviewer|supervisor", 12) == ["reviewer|", "external-", "reviewer|", "supervisor"]
    assert broken("[env: CONSENTRY_AUDIT_DATA_FOLDER]", 20) == ["[env: ", "CONSENTRY_AUDIT_", "DATA_FOLDER]"]
    assert broken("/srv/consentry/records", 10) == ["/srv/", "consentry/", "records"]
