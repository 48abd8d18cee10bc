"""What a page that comes back is told is bounded, whatever an engineer does."""

from agent_client.page.history import HAPPENINGS_KEPT, LINES_KEPT, ROOM_TAIL_BYTES, History


def test_of_many_happenings_the_newest_are_kept() -> None:
    """The receipt has all of them."""
    history = History()
    history.remember("session-live", {}, b"live")
    for number in range(3 * HAPPENINGS_KEPT):
        history.remember("file-touched", {}, b"%d" % number)
    assert history.events[0] == b"live"
    assert len(history.events) == 1 + HAPPENINGS_KEPT
    assert history.events[-1] == b"%d" % (3 * HAPPENINGS_KEPT - 1)


def test_of_many_messages_the_newest_are_kept() -> None:
    """And files do not push them out."""
    history = History()
    for _ in range(2 * HAPPENINGS_KEPT):
        history.remember("chat-said", {}, b"line")
        history.remember("file-touched", {}, b"file")
    assert history.events.count(b"line") == LINES_KEPT
    assert history.events.count(b"file") == HAPPENINGS_KEPT


def test_what_makes_each_other_outdated_is_kept_once() -> None:
    """A thousand pauses are one fact, and stand where the last of them was."""
    history = History()
    for _ in range(1000):
        history.remember("paused", {"by": "customer"}, b"paused")
        history.remember("paused", {"by": "recorder"}, b"stalled")
        history.remember("resumed", {"by": "customer"}, b"resumed")
    assert history.events == [b"stalled", b"resumed"]


def test_of_the_output_the_end_is_kept() -> None:
    """Some screens, not the whole session."""
    history = History()
    for _ in range(100):
        history.remember_output(b"x" * 10_000)
    history.remember_output(b"end")
    assert ROOM_TAIL_BYTES <= len(history.output) < ROOM_TAIL_BYTES + 10_000
    assert history.output.endswith(b"end")
