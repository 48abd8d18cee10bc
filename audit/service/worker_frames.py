"""How a confined worker is spoken with, and the loop that each of them runs.

It reads one task from standard input, and writes pieces of the answer to standard output, each a frame
`length u32 ‖ msgpack`, until one says that it is done or has failed. Tasks follow each other.
"""

import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from audit.replay_index.sealed_files import IndexDamagedError
from audit.replay_index.session_index import NotIndexedError
from audit.service.confinement import confine
from audit.vault.opening import RecordingErasedError
from audit.vault.reading import RecordingChanged
from protocol.errors import ConsentryError
from wording import error_id

FRAME_LIMIT_BYTES = 1024 * 1024
PIECE_LIMIT_BYTES = FRAME_LIMIT_BYTES // 2

_LENGTH = struct.Struct(">I")
_HARMLESS = (RecordingErasedError, RecordingChanged, NotIndexedError, IndexDamagedError)
"""What is not the fault of whoever made the recording."""


class Piece(Struct, frozen=True, forbid_unknown_fields=True, tag="piece"):
    """More of the answer."""

    data: bytes


class Done(Struct, frozen=True, forbid_unknown_fields=True, tag="done"):
    """That was all."""


class Failed(Struct, frozen=True, forbid_unknown_fields=True, tag="failed"):
    """`code` is the error's name for programs, `hostile` whether the recording was made to do harm, or wrongly."""

    code: str
    sentence: str
    hostile: bool


class Ready(Struct, frozen=True, forbid_unknown_fields=True, tag="ready"):
    """The walls are up; which ones."""

    walls: list[str]


Answer = Piece | Done | Failed | Ready


def serve(kind: Any, pieces_of: Callable[[Any], Iterator[bytes]]) -> None:
    """Puts up the walls that the command line names, then answers tasks of this kind until there are no more.

    `pieces_of` yields at most PIECE_LIMIT_BYTES at a time.
    """
    memory_bytes, processor_seconds, *readable = sys.argv[1:]
    # The pipe keeps standard output's number to itself: whatever prints by mistake goes to standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    walls = confine(
        memory_bytes=int(memory_bytes), processor_seconds=int(processor_seconds), readable=[Path(p) for p in readable]
    )
    send(answers, Ready(walls))
    decoder = msgspec.msgpack.Decoder(kind)
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        _perform(decoder.decode(frame), pieces_of, answers)


def _perform(task: object, pieces_of: Callable[[Any], Iterator[bytes]], answers: BinaryIO) -> None:
    try:
        for piece in pieces_of(task):
            send(answers, Piece(piece))
    except ConsentryError as error:
        hostile = not isinstance(error, _HARMLESS)
        send(answers, Failed(error_id(type(error)).removeprefix("error-"), str(error)[:1000], hostile))
    except (MemoryError, RecursionError, ValueError, OverflowError, ArithmeticError, LookupError) as error:
        # What nobody thought of, in a recording that somebody made: it is the recording's fault until proved ours.
        send(answers, Failed("recording-unreadable", f"Reading it failed ({type(error).__name__}).", hostile=True))
    else:
        send(answers, Done())


def in_pieces(data: bytes) -> Iterator[bytes]:
    for begin in range(0, len(data), PIECE_LIMIT_BYTES):
        yield data[begin : begin + PIECE_LIMIT_BYTES]


def send(answers: BinaryIO, answer: Answer) -> None:
    data = msgspec.msgpack.encode(answer)
    answers.write(_LENGTH.pack(len(data)) + data)
    answers.flush()


def read_frame(source: BinaryIO) -> bytes | None:
    """One frame, None at the end."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    if size > FRAME_LIMIT_BYTES:
        return None
    data = source.read(size)
    return data if len(data) == size else None
