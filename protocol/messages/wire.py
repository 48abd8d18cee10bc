"""How any message travels: its form, its limits, how it is encoded, and the one refusal that all servers give."""

from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from protocol.decoding import UNREADABLE
from protocol.details import Detail
from protocol.errors import PeerError
from protocol.messages.fields import LongText, ShortText

SUBPROTOCOL = "consentry.v1"
"""Websocket subprotocol of the three conversations with the broker."""

UNPAIRED_FRAME_LIMIT_BYTES = 4 * 1024
"""Largest message before two ends have proved a code: a stranger never makes us hold more."""

CONTROL_FRAME_LIMIT_BYTES = 16 * 1024
"""Largest message of a sealed control channel."""

HELLO_TIMEOUT_SECONDS = 10.0
"""A connection that has not said what it is by then is closed."""


class Message(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", rename="kebab"):
    """What all have in common: a map with a `type`, keys in kebab-case, and nothing that is not listed."""


class Refused(Message, frozen=True, tag="refused"):
    """No, and why. `code` is stable for programs; `sentence` is for people. Used in every conversation."""

    code: ShortText
    sentence: LongText


M = TypeVar("M")
_encoder = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """The bytes of any message."""
    return _encoder.encode(message)


class MessageDecoder(Generic[M]):
    """Decodes one conversation's messages in one direction, and nothing else."""

    def __init__(self, union: object, *, limit_bytes: int = UNPAIRED_FRAME_LIMIT_BYTES) -> None:
        self._decoder: msgspec.msgpack.Decoder[M] = msgspec.msgpack.Decoder(union)
        self._limit_bytes = limit_bytes

    def decode(self, data: bytes) -> M:
        """Raises PeerError if the bytes are too many, not msgpack, or not one of this conversation's messages."""
        if len(data) > self._limit_bytes:
            raise PeerError(
                problem=Detail(
                    "a message of {size_bytes} bytes, {limit_bytes} are allowed",
                    size_bytes=len(data),
                    limit_bytes=self._limit_bytes,
                )
            )
        try:
            return self._decoder.decode(data)
        except UNREADABLE as error:
            # msgspec names the field and the rule, never the value.
            raise PeerError(problem=Detail("a message that is not in the protocol ({error})", error=error)) from None
