"""The sealed channel: what arrives is what was sent, in order, or the channel shuts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.control_channel import ControlChannel, ControlChannelForged, ControlMessageTooLong
from protocol.errors import PeerError
from protocol.grants import Scope
from protocol.messages.control import (
    AgentToEngineer,
    Denied,
    Ended,
    EndSession,
    EngineerToAgent,
    Granted,
    RequestAccess,
    RequestMore,
)
from protocol.messages.wire import CONTROL_FRAME_LIMIT_BYTES

KEY, STREAM = b"k" * 32, b"s" * 16

to_agent: st.SearchStrategy[EngineerToAgent] = st.one_of(
    st.builds(EndSession),
    st.builds(RequestMore, st.just((Scope.SHELL,)), st.integers(0, 480), st.text(max_size=200)),
)


def ends(stream_id: bytes = STREAM) -> tuple[ControlChannel, ControlChannel]:
    return ControlChannel("engineer", KEY, stream_id), ControlChannel("agent", KEY, stream_id)


@given(st.lists(to_agent, max_size=6), st.data())
def test_messages_arrive_in_order_however_they_are_cut(messages: list[EngineerToAgent], data: st.DataObject) -> None:
    """The stream below may cut and join bytes as it likes."""
    engineer, agent = ends()
    sent = b"".join(engineer.seal(message) for message in messages)
    received: list[EngineerToAgent | AgentToEngineer] = []
    while sent:
        size_bytes = data.draw(st.integers(1, len(sent)))
        received += agent.receive_data(sent[:size_bytes])
        sent = sent[size_bytes:]
    assert received == messages


def test_both_directions() -> None:
    """An answer comes back under a key of its own."""
    engineer, agent = ends()
    granted = Granted(
        scopes=(Scope.VIEW,), expires_at_ms=5, user_name="li", host_label="h", folders=("/srv",), language="zh-CN"
    )
    assert agent.receive_data(engineer.seal(EndSession())) == [EndSession()]
    assert engineer.receive_data(agent.seal(granted)) == [granted]
    assert engineer.receive_data(agent.seal(Denied(reason="customer"))) == [Denied(reason="customer")]


def test_equal_messages_look_different() -> None:
    """No nonce is used twice: the same words never make the same bytes."""
    engineer, _ = ends()
    assert len({engineer.seal(EndSession()) for _ in range(50)}) == 50


@given(st.integers(0), st.integers(0, 7))
def test_any_changed_bit_shuts_the_channel(position: int, bit: int) -> None:
    """Length, contents, tag: whatever is changed, nothing comes out, then and later."""
    engineer, agent = ends()
    frame = bytearray(engineer.seal(EndSession()))
    frame[position % len(frame)] ^= 1 << bit
    try:
        received = agent.receive_data(bytes(frame) + bytes(300))
    except (PeerError, ControlChannelForged):
        received = []
        with pytest.raises((PeerError, ControlChannelForged)):
            agent.receive_data(engineer.seal(EndSession()))
    # A length that is larger now leaves the channel waiting for the rest.
    assert received == []


@pytest.mark.parametrize("order", [(1,), (0, 0), (1, 0), (0, 2)])
def test_frames_cannot_be_dropped_repeated_or_reordered(order: tuple[int, ...]) -> None:
    """Each frame opens in its own place only."""
    engineer, agent = ends()
    frames = [engineer.seal(RequestMore(scopes=(), minutes=minutes, reason="")) for minutes in (1, 2, 3)]
    with pytest.raises(ControlChannelForged):
        agent.receive_data(b"".join(frames[index] for index in order))


def test_frames_cannot_be_reflected() -> None:
    """What an end sealed does not open for itself."""
    engineer, agent = ends()
    with pytest.raises(ControlChannelForged):
        engineer.receive_data(engineer.seal(EndSession()))
    with pytest.raises(ControlChannelForged):
        agent.receive_data(agent.seal(Ended(reason="idle")))


def test_frames_of_another_stream_do_not_open() -> None:
    """Each stream has keys of its own, also under one pairing."""
    engineer, _ = ends()
    _, agent = ends(b"t" * 16)
    with pytest.raises(ControlChannelForged):
        agent.receive_data(engineer.seal(EndSession()))


def test_an_agent_takes_engineers_messages_only() -> None:
    """A peer with the right key that speaks the other side's lines breaks the protocol."""
    _, agent = ends()
    engineer, _ = ends()
    with pytest.raises(PeerError):
        agent.receive_data(engineer.seal(Denied(reason="customer")))


@pytest.mark.parametrize("length_bytes", [0, 15, 16, CONTROL_FRAME_LIMIT_BYTES + 17, 2**32 - 1])
def test_impossible_lengths_are_refused_before_anything_is_kept(length_bytes: int) -> None:
    """A peer cannot make us wait for, or hold, more than one frame."""
    _, agent = ends()
    with pytest.raises(PeerError):
        agent.receive_data(length_bytes.to_bytes(4, "big"))


def test_a_message_too_long_is_our_own_mistake() -> None:
    """It is refused before it is sealed, and the channel goes on."""
    engineer, agent = ends()
    with pytest.raises(ControlMessageTooLong):
        engineer.seal(RequestMore(scopes=(), minutes=1, reason="x" * CONTROL_FRAME_LIMIT_BYTES))
    assert agent.receive_data(engineer.seal(EndSession())) == [EndSession()]


def test_the_longest_request_fits() -> None:
    """Every field of RequestAccess at its limit, in characters of four bytes, is still one frame."""
    engineer, agent = ends()
    request = RequestAccess(
        certificate=bytes(4096),
        signature=bytes(64),
        reason="\U0001f600" * 2000,
        ticket="\U0001f600" * 200,
        scopes=tuple(Scope),
        minutes=480,
        ssh_user_key=bytes(1024),
        client="browser",
    )
    assert agent.receive_data(engineer.seal(request)) == [request]
