"""What of a long text is in sight, and whether it was read to its end."""

import pytest

from agent_client.screens.keys import Key, KeyKind
from agent_client.screens.reading import Reading
from agent_client.screens.rows import Row, row

TEXT = [row(str(number)) for number in range(20)]


def pressed(reading: Reading, *kinds: KeyKind) -> list[str]:
    """What is in sight after each key has had its frame."""
    shown: list[Row] = []
    for kind in kinds:
        reading.press(Key(kind, "", b""))
        shown = reading.rows(TEXT, 40, 8)
    return [line[0].text for line in shown]


def lines(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last + 1)]


def test_a_text_that_fits_is_read_at_once() -> None:
    """Nobody has to press anything."""
    reading = Reading()
    assert not reading.is_complete
    assert reading.rows(TEXT, 40, 20) == TEXT
    assert reading.is_complete


def test_arrows_move_a_line_and_pages_all_but_one() -> None:
    """So nothing is passed over; beyond either end there is nothing."""
    reading = Reading()
    assert [line[0].text for line in reading.rows(TEXT, 40, 8)] == lines(0, 7)
    assert pressed(reading, "up") == lines(0, 7)
    assert pressed(reading, "down", "down") == lines(2, 9)
    assert pressed(reading, "page-down") == lines(9, 16)
    assert not reading.is_complete
    assert pressed(reading, "page-down") == lines(12, 19)
    assert reading.is_complete
    assert pressed(reading, "page-up", "page-up", "page-up") == lines(0, 7)
    assert reading.is_complete


def test_what_no_frame_has_shown_was_not_read() -> None:
    """Keys that were pressed in one go have moved it, and the end is yet to be drawn."""
    reading = Reading()
    reading.rows(TEXT, 40, 8)
    for _ in range(3):
        reading.press(Key("page-down", "", b""))
    assert not reading.is_complete
    reading.rows(TEXT, 40, 8)
    assert reading.is_complete


@pytest.mark.parametrize("anew", ["another width", "nothing in sight"])
def test_what_was_read_is_to_be_read_again(anew: str) -> None:
    """Where the lines are others now, or the window showed nothing for a while."""
    reading = Reading()
    reading.rows(TEXT, 40, 20)
    if anew == "another width":
        reading.rows(TEXT, 39, 8)
    else:
        reading.forget()
    assert not reading.is_complete


def test_a_line_that_keys_change_is_brought_into_sight() -> None:
    """With as little moving as that takes."""
    reading = Reading()
    reading.rows(TEXT, 40, 8)
    reading.bring_into_sight(10)
    assert pressed(reading, "other") == lines(3, 10)
    reading.bring_into_sight(1)
    assert pressed(reading, "other") == lines(1, 8)
