"""A line of chat is plain text of some length, and nobody writes faster than others can read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.chat import (
    BURST_LINES,
    EVERY_MS,
    LINE_LIMIT_CHARACTERS,
    LineUnusable,
    Pace,
    chat_line,
    is_chat_line,
)
from protocol.control_channel import ControlChannel
from protocol.errors import PeerError
from protocol.messages.control import AgentToEngineer, EngineerToAgent, Said, Say
from protocol.messages.wire import CONTROL_FRAME_LIMIT_BYTES, MessageDecoder, encode

_to_agent: MessageDecoder[Say] = MessageDecoder(EngineerToAgent, limit_bytes=CONTROL_FRAME_LIMIT_BYTES)
_to_engineer: MessageDecoder[Said] = MessageDecoder(AgentToEngineer, limit_bytes=CONTROL_FRAME_LIMIT_BYTES)


@given(st.text(max_size=1200))
def test_what_was_typed_is_sent_as_a_line_or_not_at_all(typed: str) -> None:
    """Whatever `chat_line` lets through, the other end takes; everything else is one error."""
    try:
        line = chat_line(typed)
    except LineUnusable:
        return
    assert is_chat_line(line)
    assert _to_agent.decode(encode(Say(text=line))).text == line


@pytest.mark.parametrize("typed", ["", "  \n ", "\x1b", "x" * (LINE_LIMIT_CHARACTERS + 1)])
def test_nothing_and_too_much_are_no_line(typed: str) -> None:
    with pytest.raises(LineUnusable):
        chat_line(typed)


def test_a_paste_is_made_plain() -> None:
    """Line ends and tabs are what they look like; what a terminal would obey is left out."""
    assert chat_line(" one\r\ntwo\tthree\x1b[2J\x07\x00 ") == "one\ntwo    three[2J"


@pytest.mark.parametrize("text", ["", "\x1b[2J", "a\tb", "a\rb", "\x7f", "\x9b", "x" * 1001])
def test_a_message_with_anything_else_is_not_in_the_protocol(text: str) -> None:
    """The decoder refuses it: no code behind sees an escape sequence as a line of chat."""
    with pytest.raises(PeerError):
        _to_agent.decode(msgspec.msgpack.encode({"type": "say", "text": text}))


def test_the_longest_line_fits_into_a_frame() -> None:
    """In the widest characters, with the longest name, in both directions."""
    text = "\U00020000" * LINE_LIMIT_CHARACTERS
    said = Said(number=1, participant=1, name="\U00020000" * 200, said_at_ms=0, text=text, mine=False)
    assert ControlChannel("agent", bytes(32), bytes(16)).seal(said)
    assert _to_engineer.decode(encode(said)) == said
    assert ControlChannel("engineer", bytes(32), bytes(16)).seal(Say(text=text))


def test_a_burst_is_taken_and_then_one_line_each_second() -> None:
    pace = Pace()
    assert [pace.may_write(1_000) for _ in range(BURST_LINES + 1)] == [True] * BURST_LINES + [False]
    assert not pace.may_write(1_000 + EVERY_MS - 1)
    assert pace.may_write(1_000 + EVERY_MS)
    assert not pace.may_write(1_000 + EVERY_MS)


@given(st.lists(st.integers(0, 100_000), max_size=200))
def test_no_clock_makes_anybody_faster(times: list[int]) -> None:
    """However time jumps about, there are no more lines than the latest time allows."""
    pace = Pace()
    taken = sum(pace.may_write(now_ms) for now_ms in times)
    span_ms = max(times, default=0) - (times[0] if times else 0)
    assert taken <= BURST_LINES + span_ms / EVERY_MS
