"""Streams that take bytes and acknowledge none: told of after a minute, once, and only while somebody is there."""

from dataclasses import dataclass

from tunnel.stream_connection import ConnectionState
from tunnel.unanswered import UNANSWERED_SECONDS, UnansweredStreams

LOOK_EVERY_SECONDS = UNANSWERED_SECONDS / 4


@dataclass(eq=False)
class Stream:
    buffered_bytes: int = 1000
    acknowledged_bytes: int = 0
    connected: bool = True

    @property
    def state(self) -> ConnectionState:
        return ConnectionState(self.connected, 0.0)


def _told(watch: UnansweredStreams[Stream], streams: list[Stream], *, looks: int, begin: int = 0) -> list[int]:
    """The numbers of the looks at which something was told."""
    return [at for at in range(begin, begin + looks) if watch.look(streams, at * LOOK_EVERY_SECONDS)]


def test_who_acknowledges_nothing_for_a_minute_is_told_of_once() -> None:
    assert _told(UnansweredStreams(), [Stream()], looks=20) == [4]


def test_who_moves_and_stops_again_is_told_of_again() -> None:
    """A byte is enough to begin anew."""
    watch, stream = UnansweredStreams[Stream](), Stream()
    assert _told(watch, [stream], looks=8) == [4]
    stream.acknowledged_bytes = 1
    assert _told(watch, [stream], looks=8, begin=8) == [12]


def test_nobody_is_told_of_who_owes_nothing_or_is_away() -> None:
    """A stream that is cut off waits for its leg, and one that has nothing under way for its user."""
    watch, stream = UnansweredStreams[Stream](), Stream(connected=False)
    assert _told(watch, [stream, Stream(buffered_bytes=0)], looks=8) == []
    stream.connected = True
    assert _told(watch, [stream], looks=8, begin=8) == [12]


def test_streams_that_have_ended_are_forgotten() -> None:
    """One that comes back to the list begins anew, as a new one would."""
    watch, stream = UnansweredStreams[Stream](), Stream()
    assert _told(watch, [stream], looks=4) == []
    assert _told(watch, [], looks=1, begin=4) == []
    assert _told(watch, [stream], looks=4, begin=5) == []
