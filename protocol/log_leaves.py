"""What the organisation's log can say: seven kinds of fixed-size entries, none of them with personal data.

    magic "CLL1" | kind u8 | time u64 (Unix ms, the broker's clock) | fields of the kind, in this order

    1 open    session id 16 | manifest commitment 32 | agent key 32      a session may begin
    2 head    session id 16 | next seq u64 | chain hash 32               so far its recording has come
    3 close   session id 16 | next seq u64 | chain hash 32 | reason u8   the broker considers it over
    4 view    session id 16 | commitment 32                              somebody looked: who and why is committed to
    5 erase   session id 16 | commitment 32                              its keys were destroyed, on whose order
    6 key     profile version u64 | SHA-256 of the profile's note 32     from now on this profile is in force
    7 qa      session id 16 | commitment 32                              a scorecard, a rating

Integers are big-endian. A commitment is SHA-256(salt 32 ‖ what is committed to): whoever is given salt and content can
check it, nobody can guess it, and an erased salt leaves nothing that could be linked to a person.
"""

import hashlib
import struct
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, get_args

from protocol.errors import IntegrityError
from protocol.messages.fields import EndReason

MAGIC = b"CLL1"
SALT_BYTES = 32

_HEAD = struct.Struct(">4sBQ")
_TIME_LIMIT_MS = 2**53
_COUNT_LIMIT = 2**53

_REASONS: tuple[EndReason, ...] = get_args(EndReason)
"""Coded by their place, from 1 on: new ones are added at the end of EndReason."""


class LeafError(IntegrityError):
    """Bytes that are no entry of this log."""

    sentence = "The log's entry cannot be read: {problem}."


@dataclass(frozen=True)
class OpenLeaf:
    """A session's recording has its first record on the broker's disk."""

    KIND: ClassVar = 1
    time_ms: int
    session_id: bytes
    manifest_commitment: bytes
    agent_key: bytes


@dataclass(frozen=True)
class HeadLeaf:
    """Every record below `next_seq` is on the broker's disk, and the last one's hash is `chain_hash`."""

    KIND: ClassVar = 2
    time_ms: int
    session_id: bytes
    next_seq: int
    chain_hash: bytes


@dataclass(frozen=True)
class CloseLeaf:
    """As `HeadLeaf`, when the session ended, and why. Records that come later are told by one more head."""

    KIND: ClassVar = 3
    time_ms: int
    session_id: bytes
    next_seq: int
    chain_hash: bytes
    reason: EndReason


@dataclass(frozen=True)
class ViewLeaf:
    """Somebody opened, searched or exported a recording."""

    KIND: ClassVar = 4
    time_ms: int
    session_id: bytes
    commitment: bytes


@dataclass(frozen=True)
class EraseLeaf:
    """A recording's keys were destroyed."""

    KIND: ClassVar = 5
    time_ms: int
    session_id: bytes
    commitment: bytes


@dataclass(frozen=True)
class KeyLeaf:
    """The organisation's profile, which names every key, from now on."""

    KIND: ClassVar = 6
    time_ms: int
    profile_version: int
    profile_sha256: bytes


@dataclass(frozen=True)
class QaLeaf:
    """A scorecard or a rating, fixed."""

    KIND: ClassVar = 7
    time_ms: int
    session_id: bytes
    commitment: bytes


Leaf: TypeAlias = OpenLeaf | HeadLeaf | CloseLeaf | ViewLeaf | EraseLeaf | KeyLeaf | QaLeaf

_BODIES: dict[type[Leaf], struct.Struct] = {
    OpenLeaf: struct.Struct(">16s32s32s"),
    HeadLeaf: struct.Struct(">16sQ32s"),
    CloseLeaf: struct.Struct(">16sQ32sB"),
    ViewLeaf: struct.Struct(">16s32s"),
    EraseLeaf: struct.Struct(">16s32s"),
    KeyLeaf: struct.Struct(">Q32s"),
    QaLeaf: struct.Struct(">16s32s"),
}

_KINDS: dict[int, type[Leaf]] = {kind.KIND: kind for kind in _BODIES}


def commitment(salt: bytes, content: bytes) -> bytes:
    """SHA-256(salt ‖ content)."""
    return hashlib.sha256(salt + content).digest()


def encode_leaf(leaf: Leaf) -> bytes:
    """Raises LeafError for values that do not fit: what is written can always be read."""
    values = list(vars(leaf).values())[1:]
    if isinstance(leaf, CloseLeaf):
        values[-1] = _REASONS.index(leaf.reason) + 1
    try:
        encoded = _HEAD.pack(MAGIC, leaf.KIND, leaf.time_ms) + _BODIES[type(leaf)].pack(*values)
    except struct.error:
        raise LeafError(problem="a number is out of range") from None
    if decode_leaf(encoded) != leaf:  # `struct` pads and cuts bytes of a wrong length
        raise LeafError(problem="a field has a wrong length")
    return encoded


def decode_leaf(entry: bytes) -> Leaf:
    """Raises LeafError."""
    if len(entry) < _HEAD.size:
        raise LeafError(problem="it is too short")
    magic, number, time_ms = _HEAD.unpack_from(entry)
    kind = _KINDS.get(number)
    if magic != MAGIC or kind is None:
        raise LeafError(problem="it is of no known kind")
    body = _BODIES[kind]
    if len(entry) != _HEAD.size + body.size:
        raise LeafError(problem="it has not the length of its kind")
    values = list(body.unpack_from(entry, _HEAD.size))
    if time_ms > _TIME_LIMIT_MS or any(isinstance(one, int) and one > _COUNT_LIMIT for one in values):
        raise LeafError(problem="a number is out of range")
    if kind is CloseLeaf:
        code = values[-1]
        if not 1 <= code <= len(_REASONS):
            raise LeafError(problem="it gives no known reason")
        values[-1] = _REASONS[code - 1]
    return kind(time_ms, *values)
