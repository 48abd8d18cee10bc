"""The process that makes indexes: started by indexing.py, behind the walls of confinement.py.

It is given the secrets of a session's epochs and the key of its index, and hands back what is to be written, already
encrypted: it can write to no file. Where a session stands is kept from one step to the next, because going on is cheap
and beginning again is not: the chain is proved from its first record each time that a session is taken up.

A step goes through what has arrived, for a bounded time: sessions that share a worker take turns.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from audit.quality.marks import Mark, MarkRules, MarkWatch
from audit.replay_index.index_files import CHUNKS_FILE, HEAD_FILE, Head, IndexFiles, encode_head
from audit.replay_index.indexer import SessionIndexer
from audit.replay_index.sealed_files import ChunkSeal, Place
from audit.replay_index.viewing import ViewerLines, mark_line
from audit.service.worker_frames import PIECE_LIMIT_BYTES, in_pieces, serve
from audit.session_files import session_folder
from audit.vault.following import RecordingFollower
from audit.vault.inspection import StoredRecord
from audit.vault.library import Recording
from audit.vault.opening import OpenedRecord, SealBrokenError
from protocol.errors import ConsentryError

STEP_SECONDS = 0.2
"""Then others have their turn; a live session that waits for this one is still within its two seconds."""

SessionId = Annotated[bytes, Meta(min_length=16, max_length=16)]


class IndexTask(Struct, frozen=True, forbid_unknown_fields=True, tag="index", kw_only=True):
    """One step. `secrets` are those of the epochs, None to ask only whether something is missing.

    `commit`: what was fed is to be found by readers. `live`: somebody looks on. `picture`: and has seen nothing yet.
    """

    records_folder: str
    index_folder: str
    session_id: SessionId
    index_key: bytes
    secrets: dict[int, bytes] | None
    commit: bool = False
    live: bool = False
    picture: bool = False


class RulesTask(Struct, frozen=True, forbid_unknown_fields=True, tag="rules"):
    """By what sessions are marked from here on; before the first step."""

    rules: MarkRules


class ForgetTask(Struct, frozen=True, forbid_unknown_fields=True, tag="forget"):
    """The session is not to be gone on with here."""

    session_id: SessionId


class Chunks(Struct, frozen=True, forbid_unknown_fields=True, tag="chunks"):
    """Bytes for the session's file of chunks. What lies there from `offset` on was never committed."""

    offset: Annotated[int, Meta(ge=0)]
    data: bytes


class HeadPart(Struct, frozen=True, forbid_unknown_fields=True, tag="head"):
    """A piece of the new head; with the last one, everything before it is to be made durable."""

    data: bytes
    last: bool


class Pictured(Struct, frozen=True, forbid_unknown_fields=True, tag="pictured"):
    """A piece of a picture for whoever waits for one: JSON, see viewing.py."""

    data: bytes
    last: bool


class Told(Struct, frozen=True, forbid_unknown_fields=True, tag="told"):
    """What happened, whole lines, for whoever looks on."""

    data: bytes


class Stepped(Struct, frozen=True, forbid_unknown_fields=True, tag="stepped"):
    """How the step ended. `more`: there is more to go through. `uncommitted`: readers do not find all of it yet."""

    more: bool
    finished: bool
    uncommitted: bool


StepPart = Chunks | HeadPart | Pictured | Told | Stepped


class _GivenSecrets:
    """EpochSecrets of a live session: its file may be open since before an epoch's body was put beside it, so what the
    record holds is not looked at."""

    def __init__(self) -> None:
        self.secrets: dict[int, bytes] = {}

    def secret_of(self, record: StoredRecord) -> bytes:
        secret = self.secrets.get(record.epoch)
        if secret is None:
            raise SealBrokenError(record=record.seq, problem="no key that is here opens it")
        return secret


class _HandedOver:
    """IndexOutput: what is to be written, for somebody who may write."""

    def __init__(self, key: bytes) -> None:
        self._chunks, self._head = ChunkSeal(key, CHUNKS_FILE), ChunkSeal(key, HEAD_FILE)
        self._ready: list[StepPart] = []
        self.uncommitted = False

    def append(self, data: bytes, offset: int) -> Place:
        chunk = self._chunks.seal(data, offset)
        at = offset
        for piece in in_pieces(chunk):
            self._ready.append(Chunks(at, piece))
            at += len(piece)
        return Place(offset, len(chunk))

    def commit(self, head: Head) -> None:
        self._ready += [HeadPart(piece, last) for piece, last in _parts(self._head.seal(encode_head(head), 0))]
        self.uncommitted = False

    def close(self) -> None:
        return

    def take(self) -> list[StepPart]:
        ready, self._ready = self._ready, []
        return ready


@dataclass
class _Session:
    follower: RecordingFollower
    secrets: _GivenSecrets
    indexer: SessionIndexer
    output: _HandedOver
    marks: MarkWatch
    """From where this process took the session up: what it counts begins anew after a restart."""
    viewer: ViewerLines | None = None


class IndexMaker:
    """All sessions that this process has taken up."""

    def __init__(self) -> None:
        self._rules = MarkRules(())
        self._sessions: dict[bytes, _Session] = {}

    def pieces(self, task: IndexTask | RulesTask | ForgetTask) -> Iterator[bytes]:
        if isinstance(task, RulesTask):
            self._rules = task.rules
            for session in self._sessions.values():
                session.marks.judge_by(task.rules.rule)
            return
        if isinstance(task, ForgetTask):
            self._forget(task.session_id)
            return
        try:
            for part in self._step(task):
                yield msgspec.msgpack.encode(part)
        except BaseException:
            self._forget(task.session_id)
            raise

    def _forget(self, session_id: bytes) -> None:
        session = self._sessions.pop(session_id, None)
        if session is not None:
            session.follower.close()

    def _step(self, task: IndexTask) -> Iterator[StepPart]:
        session = self._sessions.get(task.session_id)
        if session is None:
            head = IndexFiles(Path(task.index_folder), task.session_id, task.index_key).committed_head()
            if head.finished or task.secrets is None:
                yield Stepped(more=not head.finished, finished=head.finished, uncommitted=False)
                return
            session = self._sessions[task.session_id] = _take_up(task, head, self._rules)
        session.secrets.secrets.update(task.secrets or {})
        if session.viewer is None and task.picture:
            more = yield from _feed(session, live=False)  # nobody has seen anything yet: the first picture shows it all
            yield from _pictured(session)
        else:
            if task.picture:
                yield from _pictured(session)
            more = yield from _feed(session, live=task.live)
        if task.commit and session.output.uncommitted:
            session.indexer.flush()
        yield from session.output.take()
        finished = session.indexer.finished
        yield Stepped(more=more, finished=finished, uncommitted=session.output.uncommitted)
        if finished:
            self._forget(task.session_id)


def _take_up(task: IndexTask, head: Head, rules: MarkRules) -> _Session:
    secrets, output = _GivenSecrets(), _HandedOver(task.index_key)
    recording = Recording.read(session_folder(Path(task.records_folder), task.session_id))
    follower, indexer = RecordingFollower(recording, secrets), SessionIndexer(output, head)
    return _Session(follower, secrets, indexer, output, MarkWatch(rules.rule))


def _pictured(session: _Session) -> Iterator[Pictured]:
    session.viewer = session.viewer or ViewerLines()
    marks = [msgspec.to_builtins(mark) for mark in session.marks.marks]
    picture = session.viewer.picture(session.indexer.picture(), marks) + "\n"
    yield from (Pictured(piece, last) for piece, last in _parts(picture.encode()))


def _feed(session: _Session, *, live: bool) -> Generator[StepPart, None, bool]:
    """Answers whether there is more."""
    begun = time.monotonic()
    for record in _opened(session):
        if isinstance(record, OpenedRecord):
            session.output.uncommitted = True
            session.indexer.feed(record)
            yield from session.output.take()
            marks = [mark for event in record.events for mark in session.marks.feed(event)]
            if live and session.viewer is not None:
                yield from _told(session.viewer, record, marks)
            if time.monotonic() - begun > STEP_SECONDS:
                return not session.indexer.finished
        else:
            yield record
    return False


def _opened(session: _Session) -> Iterator[OpenedRecord | StepPart]:
    """Record by record; what came before one that does not open is committed, for it is as good as ever."""
    try:
        yield from session.follower.advance(first=session.indexer.next_seq)
    except ConsentryError:
        session.indexer.flush()
        yield from session.output.take()
        raise


def _told(viewer: ViewerLines, record: OpenedRecord, marks: Sequence[Mark]) -> Iterator[Told]:
    lines: list[bytes] = []
    size = 0
    happened = (line for event in record.events for line in viewer.lines(event))
    for line in chain(happened, (mark_line(mark.t_ms, mark.rule, mark.detail) for mark in marks)):
        data = line.encode() + b"\n"
        if lines and size + len(data) > PIECE_LIMIT_BYTES:
            yield Told(b"".join(lines))
            lines, size = [], 0
        lines.append(data)
        size += len(data)
    if lines:
        yield Told(b"".join(lines))


def _parts(data: bytes) -> Iterator[tuple[bytes, bool]]:
    pieces = list(in_pieces(data))
    return zip(pieces, [False] * (len(pieces) - 1) + [True], strict=True)


def main() -> None:
    serve(IndexTask | RulesTask | ForgetTask, IndexMaker().pieces)


if __name__ == "__main__":
    main()
