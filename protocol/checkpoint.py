"""The signed root of a log (c2sp.org/tlog-checkpoint), inside a signed note.

<origin>                    which log; also the name of the key that signs
<tree size>                 decimal
<root hash>                 base64
                            (extension lines are allowed by the format; we write none and refuse them)
"""

import base64
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.errors import IntegrityError
from protocol.merkle import EMPTY_ROOT, HASH_BYTES, TREE_SIZE_LIMIT
from protocol.signed_note import NoteError, NoteKey, decode_base64, open_note, sign_note, split_note

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class CheckpointError(IntegrityError):
    """Not a checkpoint, or not one of this log."""

    sentence = "The log's checkpoint cannot be accepted: {problem}."


@dataclass(frozen=True)
class Checkpoint:
    """What a log said it was at some moment."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Of a note's text. Raises CheckpointError."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise CheckpointError(problem="it has not three lines")
    origin, size_text, root_text, _ = lines
    if not origin:
        raise CheckpointError(problem="it names no log")
    size = parse_number(size_text)
    try:
        root = decode_base64(root_text)
    except NoteError:
        raise CheckpointError(problem="its root hash is malformed") from None
    if len(root) != HASH_BYTES:
        raise CheckpointError(problem="its root hash has not 32 bytes")
    if size == 0 and root != EMPTY_ROOT:
        raise CheckpointError(problem="it is empty and has a root all the same")
    return Checkpoint(origin, size, root)


def parse_number(text: str) -> int:
    """A tree size or an index: decimal, no leading zeroes, at most 2^63 - 1. Raises CheckpointError."""
    if not _NUMBER.fullmatch(text) or int(text) > TREE_SIZE_LIMIT:
        raise CheckpointError(problem="a number is malformed")
    return int(text)


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """The note. Its key's name is the origin."""
    return sign_note(checkpoint.text, checkpoint.origin, key)


def open_checkpoint(note: bytes, log_key: NoteKey) -> Checkpoint:
    """The checkpoint, if the log signed it. Raises CheckpointError."""
    try:
        opened = open_note(note, [log_key])
    except NoteError as error:
        raise CheckpointError(**error.fields) from None
    checkpoint = parse_checkpoint(opened.text)
    if checkpoint.origin != log_key.name:
        raise CheckpointError(problem="it is of another log")
    return checkpoint


def claimed_checkpoint(note: bytes) -> Checkpoint:
    """What an unverified note says. Raises CheckpointError."""
    try:
        text, _ = split_note(note)
    except NoteError as error:
        raise CheckpointError(**error.fields) from None
    return parse_checkpoint(text)
