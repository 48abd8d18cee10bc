"""Bytes that msgspec refuses in ways of its own: every reader turns them into its documented error."""

from collections.abc import Callable

import pytest

from protocol.errors import ConsentryError, IntegrityError, PeerError
from protocol.events import decode_events, decode_final, decode_manifest
from protocol.messages.agent import AgentToBroker, BrokerToAgent
from protocol.messages.control import AgentToEngineer, EngineerToAgent
from protocol.messages.pairing import BrokerToEngineer, EngineerToBroker
from protocol.messages.recorder import BrokerToRecorder, RecorderToBroker
from protocol.messages.wire import MessageDecoder
from protocol.profile import decode_recipient
from protocol.receipts import ReceiptError, open_receipt

NESTED = b"\x91" * 3000 + b"\x01"
"""Arrays in arrays, deeper than Python counts; 3 KB, so below every limit of size."""

UNREADABLE = {
    "nested where it is stepped over": b"\x82\xa4xxxx" + NESTED + b"\xa4type\xa1x",
    "a type that is not UTF-8": b"\x81\xa4type\xa2\xff\xfe",
    "a name that is not UTF-8": b"\x81\xa4\xff\xff\xff\xff\x01",
    "a reserved byte": b"\xc1",
    "nothing": b"",
}


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize(
    "union",
    [
        AgentToBroker,
        BrokerToAgent,
        EngineerToBroker,
        BrokerToEngineer,
        RecorderToBroker,
        BrokerToRecorder,
        EngineerToAgent,
        AgentToEngineer,
    ],
)
def test_no_conversation_breaks_on_them(union: object, kind: str) -> None:
    """Each of the eight decoders says PeerError; anything else would kill the task that reads."""
    with pytest.raises(PeerError):
        MessageDecoder(union).decode(UNREADABLE[kind])


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("decode", [decode_manifest, decode_final, decode_events])
def test_no_recording_breaks_its_reader(decode: Callable[[bytes], object], kind: str) -> None:
    """A customer's own agent seals what it likes: QA is told that it is not intact, and sees no traceback."""
    with pytest.raises(IntegrityError):
        decode(UNREADABLE[kind])


def test_an_event_with_a_surplus_field_that_is_nested_is_refused() -> None:
    """Events may grow fields at their end, which older readers step over: not at any price."""
    with pytest.raises(IntegrityError):
        decode_events(b"\x91\x96\xa9in-hidden\x01\x00\x01\x05" + NESTED)


@pytest.mark.parametrize("text", [b'{"\xff":1}', b'{"version":"\xff"}', b"[" * 100_000, b"\xff\xfe"])
def test_no_receipt_or_recipient_breaks_its_reader(text: bytes) -> None:
    """The same for what arrives as JSON."""
    with pytest.raises(ReceiptError):
        open_receipt(text)
    with pytest.raises(ConsentryError):
        decode_recipient(text)
