"""Lines are found as they stood on the screen: tricks with escape sequences neither hide nor invent any."""

import pytest

from audit.replay_index.lines import ShownLines


def shown(*pieces: tuple[int, str], columns: int = 40, rows: int = 6) -> list[tuple[int, str]]:
    """What is indexed of pieces of output, each at its time."""
    lines = ShownLines()
    lines.emulator.resize(columns, rows)
    for t_ms, text in pieces:
        lines.settle_before(t_ms)
        lines.feed(t_ms, text.encode())
    lines.finish()
    return lines.ready


@pytest.mark.parametrize(
    "trick",
    [
        "r\x1b[0mm -r\x1b[31mf /srv",
        "rm -rf /srX\bv",
        "xx -rf /srv\x1b[1;1Hrm",
        "\x1b[8mrm -rf /srv\x1b[0m",
        "\x1b[30;40mrm -rf /srv",
        "rm\u200b -rf /srv",
        "\x1b]0;title\x07rm -rf /srv",
        "rm -rf \x1b[6n/srv",
        "rm -rf\x1b[9G/srv\x1b[7G ",
    ],
)
def test_text_is_what_stood_there_not_what_was_sent(trick: str) -> None:
    """Colours, corrections, cursor jumps, concealment and invisible characters change nothing."""
    assert [text.replace("\u200b", "").replace("  ", " ") for _, text in shown((1000, trick))] == ["rm -rf /srv"]


def test_what_is_overwritten_after_it_could_be_read_is_indexed() -> None:
    """A quarter of a second is enough; the line that took its place is indexed as well."""
    assert shown((1000, "secret plan"), (1300, "\rharmless \x1b[K")) == [(1000, "secret plan"), (1300, "harmless")]


def test_what_is_overwritten_at_once_was_never_there_to_be_read() -> None:
    """Within one piece of output, or sooner than anybody reads."""
    assert shown((1000, "secret plan\rharmless   ")) == [(1000, "harmless")]
    assert shown((1000, "secret plan"), (1100, "\rharmless   ")) == [(1100, "harmless")]


def test_unbroken_output_is_looked_at_every_second() -> None:
    """Whoever never pauses does not escape."""
    pieces = [(1000 + 100 * step, f"\rword{chr(97 + step)} ") for step in range(25)]
    words = [text for _, text in shown(*pieces)]
    assert len(words) >= 3
    assert words[-1] == "wordy"


def test_lines_that_scroll_away_in_one_piece_are_all_indexed() -> None:
    """Nothing of a flood is left out."""
    flood = "".join(f"line number {number}\r\n" for number in range(1000))
    assert shown((1000, flood)) == [(1000, f"line number {number}") for number in range(1000)]


@pytest.mark.parametrize("clear", ["\x1b[2J", "\x1b[3J", "\x1bc", "\x1b[H\x1b[2J"])
def test_clearing_the_screen_hides_nothing(clear: str) -> None:
    """Even at once after it was shown."""
    assert shown((1000, f"secret plan\r\n{clear}")) == [(1000, "secret plan")]


def test_the_time_is_when_the_line_came_to_be_as_it_is() -> None:
    """Not when it scrolled away half an hour later."""
    flood = "".join(f"later {number}\r\n" for number in range(20))
    assert shown((1000, "$ "), (5000, "uptime"), (6000, "\r\n"), (1_800_000, flood))[:2] == [
        (1000, "$"),
        (5000, "$ uptime"),
    ]


def test_full_screen_programs_are_indexed_by_what_settles() -> None:
    """On the alternate screen nothing scrolls away: each picture that stood still counts."""
    pieces = [
        (1000, "\x1b[?1049h\x1b[2J\x1b[Hfirst page"),
        (3000, "\x1b[2J\x1b[Hsecond page"),
        (5000, "\x1b[?1049l$ "),
    ]
    assert [text for _, text in shown(*pieces)] == ["first page", "second page", "$"]


def test_redrawing_numbers_does_not_fill_the_index() -> None:
    """A progress bar is indexed when it comes, once a minute, and as it was at last; new words count at once."""
    steps = [(1000 * step, f"\rdownloaded {step} of 300") for step in range(1, 301)]
    texts = [text for _, text in shown(*steps, (302_000, "\rdownloaded everything  "))]
    assert 4 <= len(texts) <= 9
    assert texts[-1] == "downloaded everything"


def test_a_line_that_wraps_is_one_line() -> None:
    """A word at the margin is found, whether the rows stand on the screen or scroll away together."""
    command = "tar czf /backup/archive-of-everything-that-matters.tar.gz /srv/data"
    assert shown((1000, command), columns=20) == [(1000, command)]
    assert shown((1000, f"{command}\r\n" * 50), columns=20) == [(1000, command)] * 50
    words = "twenty columns here and the next word"
    assert shown((1000, f"{words}\r\n"), (2000, "end"), columns=20)[0] == (1000, words)


def test_a_full_row_that_does_not_wrap_stays_alone() -> None:
    """A ruler as wide as the screen is not glued to the next line."""
    assert shown((1000, "-" * 20 + "\r\nnext"), columns=20) == [(1000, "-" * 20), (1000, "next")]


def test_the_main_screen_is_not_lost_under_a_full_screen_program() -> None:
    """Lines that it covers are indexed once, not again when it goes."""
    texts = [text for _, text in shown((1000, "before\r\n"), (2000, "\x1b[?1049hvi"), (3000, "\x1b[?1049lafter"))]
    assert texts == ["before", "vi", "after"]
