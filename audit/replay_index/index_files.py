"""Where the index of a session lies, and what its head says.

    <index folder>/keys/                          keys.py
    <index folder>/sessions/<session id>/
        chunks       chunks behind one another: per interval its keyframe, its events and its timeline entries;
                     blocks of entries and their filters
        head         one chunk, replaced whole: the table of contents, and where building goes on
        additions    chunks of entries that others add later: marks, notes, chat

An **interval** is a stretch of the recording that a reader goes through to show any moment in it: it begins with a
keyframe. It ends at a record's end when a minute has passed, or when feeding it to an emulator again would take long.
Everything up to the head's `end` in `chunks` is committed; what lies behind it is left from a crash and is cut off.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from audit.durability import Durability
from audit.replay_index.commands import CommandsState
from audit.replay_index.entries import Entry
from audit.replay_index.lines import LinesState
from audit.replay_index.sealed_files import ChunkFile, IndexDamagedError, Place
from audit.replay_index.snapshots import TerminalState
from protocol.decoding import UNREADABLE
from protocol.events import ParticipantJoined

FORMAT = 1
INDEX_FOLDER = "index"
"""In the audit service's data folder."""
KEYS_FOLDER = "keys"
SESSIONS_FOLDER = "sessions"
HEAD_FILE = "head"
CHUNKS_FILE = "chunks"
ADDITIONS_FILE = "additions"


class SessionFacts(Struct, frozen=True):
    """What a search is narrowed by and a list shows. `started_at_ms` is Unix time."""

    session_id: bytes
    started_at_ms: int = 0
    engineers: tuple[tuple[str, str], ...] = ()
    """Name and staff number of each, in the order in which they came."""
    customer: str = ""
    organisation: str = ""
    reason: str = ""
    ticket: str = ""


class Interval(Struct, frozen=True, array_like=True):
    """`begins_ms` on the session's clock: everything before its keyframe happened by then."""

    begins_ms: int
    keyframe: Place
    events: Place


class BlockPlace(Struct, frozen=True, array_like=True):
    filter: Place
    block: Place


class ChannelState(Struct, frozen=True, array_like=True):
    """One terminal, as a keyframe or for going on."""

    channel: int
    terminal: TerminalState


class Keyframe(Struct, frozen=True, array_like=True):
    t_ms: int
    channels: tuple[ChannelState, ...]
    joined: tuple[ParticipantJoined, ...] = ()
    """Who had come in by then."""


class Watch(Struct, frozen=True, array_like=True):
    """Where the watching of one channel stands, beside its terminal."""

    channel: int
    lines: LinesState
    commands: CommandsState


class Head(Struct, frozen=True):
    """`keyframe` and `watches` are there while the recording is not finished."""

    format: int
    facts: SessionFacts
    next_seq: int
    """The record that the index waits for."""
    records_bytes: int
    """Length of the records before it."""
    finished: bool
    end: int
    duration_ms: int
    intervals: tuple[Interval, ...]
    timeline: tuple[Place, ...]
    blocks: tuple[BlockPlace, ...]
    pending: tuple[Entry, ...]
    """Entries that no block holds yet."""
    keyframe: Keyframe | None
    watches: tuple[Watch, ...]


_head_encoder = msgspec.msgpack.Encoder()
_head_decoder = msgspec.msgpack.Decoder(Head)


def encode_head(head: Head) -> bytes:
    return _head_encoder.encode(head)


def empty_head(session_id: bytes) -> Head:
    return Head(FORMAT, SessionFacts(session_id), 0, 0, False, 0, 0, (), (), (), (), None, ())


class IndexFiles:
    """The files of one session's index. Raises IndexDamagedError where they do not read as written, or OSError."""

    def __init__(self, index_folder: Path, session_id: bytes, key: bytes, durability: Durability | None = None) -> None:
        self.session_id = session_id
        self.folder = session_folder(index_folder, session_id)
        self._durability = durability or Durability()
        self.chunks = ChunkFile(self.folder / CHUNKS_FILE, key, durability)
        self.additions = ChunkFile(self.folder / ADDITIONS_FILE, key, durability)
        self._head = ChunkFile(self.folder / HEAD_FILE, key, durability)

    def make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read_head(self) -> Head | None:
        """None if no index was begun, or it is of another version of this program."""
        data = self._head.read_whole()
        if data is None:
            return None
        try:
            head = _head_decoder.decode(data)
        except UNREADABLE as error:
            if _format_of(data) != FORMAT:
                return None
            raise IndexDamagedError(session=self.session_id.hex(), problem=error) from None
        return head if head.format == FORMAT else None

    def committed_head(self) -> Head:
        """Where building goes on: an empty head if nothing was begun, or what is there is damaged."""
        try:
            head = self.read_head()
            if head is not None and self.chunks.size_bytes() >= head.end:
                return head
        except IndexDamagedError:
            pass  # it is made from the records: it can be made anew
        return empty_head(self.session_id)

    def append(self, data: bytes, offset: int) -> Place:
        """A chunk, durable with the next commit."""
        return self.chunks.append(data, offset)

    def commit(self, head: Head) -> None:
        """Chunks first, then the head that names them: a crash between the two leaves the old head."""
        self.chunks.sync()
        self._head.replace(encode_head(head))

    def remove(self) -> None:
        """Removes whatever is there. Raises OSError."""
        self.close()
        remove_session(self.folder)

    def close(self) -> None:
        self.chunks.close()
        self.additions.close()


def session_folder(index_folder: Path, session_id: bytes) -> Path:
    return index_folder / SESSIONS_FOLDER / session_id.hex()


def remove_session(folder: Path) -> None:
    """Raises OSError."""
    if folder.is_dir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def _format_of(data: bytes) -> object:
    found = msgspec.msgpack.decode(data)
    return found.get("format") if isinstance(found, dict) else None
