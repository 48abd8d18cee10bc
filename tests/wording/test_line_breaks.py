"""Where lines end, in Chinese and in Latin script."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wording.line_breaks import broken

TEXT = st.text(st.sampled_from("ab -—，。（）「」“”[](){}:.中文字符…\u3000"), max_size=60)


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
