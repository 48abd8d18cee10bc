"""Pulled records on disk: verified again, then kept in two places, neither of which can be read alone.

It is the broker's own session file (audit/ingest/session_file.py) with one difference: the body of an EPOCH record goes
into the session's epoch file, synced first, and zeros go where it was. Plain and blocking; the caller lets one thread
at a time work on one session.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from audit.durability import Durability
from audit.ingest.session_file import Position, SessionFile
from audit.session_files import (
    CLOSING_FILE,
    ERASED_FILE,
    RATING_FILE,
    SessionClosing,
    SessionOpening,
    SessionRating,
    session_folder,
    session_id_of,
)
from audit.vault.epoch_files import ASIDE_FOLDER, EPOCHS_FOLDER, encode_entry, epoch_file_of, read_epochs
from protocol.decoding import UNREADABLE
from protocol.errors import ConsentryError, PeerError
from protocol.records import HEADER_BYTES, RecordHeader, RecordMalformedError, RecordType, iter_record_spans

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Stored:
    """How far a session's records are here. `problem` is why the next one was not taken."""

    next_seq: int
    size_bytes: int
    finished: bool
    problem: ConsentryError | None = None


class SplitSessionFile(SessionFile):
    """A session file without the bodies of its EPOCH records."""

    def __init__(self, folder: Path, opening: SessionOpening) -> None:
        super().__init__(folder, opening)
        self._epochs = read_epochs(epoch_file_of(folder))

    @property
    def size_bytes(self) -> int:
        return self._length_bytes

    @property
    def finished(self) -> bool:
        return self._verifier.finished

    def take(self, handle: int, records: list[bytes], durability: Durability) -> ConsentryError | None:
        """As many of these as continue the chain, durable when this returns; why the first other one was refused."""
        data: list[bytes] = []
        problem = None
        for record in records:
            try:
                _, taken = self.stage(record, self.authenticate(record))
            except ConsentryError as refusal:
                problem = refusal
                break
            if taken and RecordHeader.parse(taken).type is RecordType.EPOCH:
                taken = self._withhold(taken, self._length_bytes + sum(map(len, data)), durability)
            data.append(taken)
        if any(data):
            self.append(handle, b"".join(data), durability)
            durability.sync_data(handle)
        return problem

    def _withhold(self, record: bytes, offset: int, durability: Durability) -> bytes:
        """Moves an EPOCH record's body to where it can be destroyed."""
        header = RecordHeader.parse(record)
        body = record[HEADER_BYTES : HEADER_BYTES + header.body_bytes]
        path = epoch_file_of(self.folder)
        handle = durability.open(path, os.O_RDWR | os.O_CREAT)
        try:
            durability.write_all(handle, encode_entry(offset + HEADER_BYTES, body), path.stat().st_size)
            durability.sync_data(handle)
        finally:
            durability.close(handle)
        if not self._epochs:
            durability.sync_folder(path.parent)
        self._epochs[offset + HEADER_BYTES] = body
        return record[:HEADER_BYTES] + bytes(len(body)) + record[HEADER_BYTES + len(body) :]

    def _read_record(self, handle: int, offset: int, durability: Durability) -> bytes:
        record = super()._read_record(handle, offset, durability)
        body = self._epochs.get(offset + HEADER_BYTES, b"")
        if not body or len(record) < HEADER_BYTES + len(body):
            return record
        return record[:HEADER_BYTES] + body + record[HEADER_BYTES + len(body) :]


class SealedStore:
    """All sessions of an audit service. Raises OSError when the disk refuses."""

    def __init__(self, data_folder: Path, durability: Durability | None = None) -> None:
        self.records_folder = data_folder / "records"
        self._epochs_folder = data_folder / EPOCHS_FOLDER
        self._durability = durability or Durability()
        self._sessions: dict[bytes, SplitSessionFile] = {}

    def prepare(self) -> None:
        """Makes the folders, and finishes erases that were interrupted."""
        for folder in (self.records_folder, self._epochs_folder):
            self._durability.create_folder(folder)
        for folder in self.records_folder.iterdir():
            if session_id_of(folder) is not None and (folder / ERASED_FILE).exists():
                self._destroy(folder)

    def without_closing(self) -> list[bytes]:
        """Those that the broker has not closed, or that were not looked at since; none that was erased."""
        return [
            session_id
            for folder in self.records_folder.iterdir()
            if (session_id := session_id_of(folder)) is not None
            and not (folder / CLOSING_FILE).exists()
            and not (folder / ERASED_FILE).exists()
        ]

    def open(self, opening: SessionOpening) -> Stored:
        """Makes a session known. Raises SessionErasedError, and IntegrityError for one that was opened otherwise."""
        session = self._sessions.get(opening.session_id) or self._load(opening.session_id)
        if session is None:
            folder = session_folder(self.records_folder, opening.session_id)
            SessionFile.create(folder, opening, self._durability)
            session = SplitSessionFile(folder, opening)
        ours = session.opening
        if (ours.agent_key, ours.manifest_commitment) != (opening.agent_key, opening.manifest_commitment):
            raise PeerError(problem="the broker says that this session's recording was opened otherwise")
        self._sessions[opening.session_id] = session
        return _stored(session)

    def append(self, session_id: bytes, data: bytes) -> Stored:
        """Takes the whole records at the beginning of `data`, which lie at the end of what is here."""
        session = self._sessions[session_id]
        spans = list(iter_record_spans(data))
        handle = self._durability.open(session.records_path, os.O_RDWR)
        try:
            problem = session.take(handle, [data[begin:end] for begin, end in spans], self._durability)
        finally:
            self._durability.close(handle)
        rest = data[spans[-1][1] if spans else 0 :]
        return _stored(session, problem or _problem_of_rest(rest))

    def keep_small_files(self, session_id: bytes, files: dict[str, bytes]) -> None:
        """The closing and the rating, if they can be read: they come from another machine."""
        folder = session_folder(self.records_folder, session_id)
        for name, kind in ((CLOSING_FILE, SessionClosing), (RATING_FILE, SessionRating)):
            data = files.get(name)
            if data is None or ((folder / name).exists() and (folder / name).read_bytes() == data):
                continue
            try:
                msgspec.msgpack.decode(data, type=kind)
            except UNREADABLE:
                log.warning("small_file_unreadable", session=session_id.hex(), name=name)
                continue
            self._durability.write_small_file(folder / name, data)

    def keep_fork(self, session_id: bytes, seq: int, record: bytes) -> None:
        """Evidence that an agent signed two pasts."""
        path = session_folder(self.records_folder, session_id) / f"fork-{seq}.csr"
        if not path.exists():
            self._durability.write_small_file(path, record)

    def forget(self, session_id: bytes) -> None:
        """Lets go of what is in memory: nothing is expected to come for a while."""
        self._sessions.pop(session_id, None)

    def erase(self, session_id: bytes, now_ms: int) -> None:
        """Destroys what opens the recording, for good. The mark comes first: see `prepare`. Twice is the same."""
        folder = session_folder(self.records_folder, session_id)
        self._sessions.pop(session_id, None)
        self._durability.create_folder(folder)
        if not (folder / ERASED_FILE).exists():
            mark = msgspec.msgpack.encode({"erased_at_ms": now_ms})
            self._durability.write_small_file(folder / ERASED_FILE, mark)
        self._destroy(folder)

    def is_erased(self, session_id: bytes) -> bool:
        return (session_folder(self.records_folder, session_id) / ERASED_FILE).exists()

    def is_aside(self, session_id: bytes) -> bool:
        return aside_of(epoch_file_of(session_folder(self.records_folder, session_id))).exists()

    def all_aside(self) -> list[bytes]:
        """What is set aside, and was not erased since."""
        folder = self._epochs_folder / ASIDE_FOLDER
        paths = sorted(folder.glob("*.epochs")) if folder.is_dir() else []
        return [one for path in paths if not self.is_erased(one := bytes.fromhex(path.stem))]

    def set_aside(self, session_id: bytes) -> None:
        """Puts what opens the recording where nothing looks for it. Twice is the same."""
        self._sessions.pop(session_id, None)
        move_file(*_there_and_aside(self.records_folder, session_id), self._durability)

    def bring_back(self, session_id: bytes) -> None:
        """The reverse. Twice is the same."""
        there, aside = _there_and_aside(self.records_folder, session_id)
        move_file(aside, there, self._durability)

    def _destroy(self, folder: Path) -> None:
        for path in (
            epoch_file_of(folder),
            aside_of(epoch_file_of(folder)),
            folder / RATING_FILE,
            *folder.glob("fork-*.csr"),
            *folder.glob("tail-*.csr"),
        ):
            destroy_file(path, self._durability)

    def _load(self, session_id: bytes) -> SplitSessionFile | None:
        folder = session_folder(self.records_folder, session_id)
        found = SplitSessionFile.load(folder, self._durability) if folder.exists() else None
        assert found is None or isinstance(found, SplitSessionFile)
        return found


def aside_of(path: Path) -> Path:
    """Where a file of the epochs' folder is while it is set aside."""
    return path.parent / ASIDE_FOLDER / path.name


def move_file(source: Path, target: Path, durability: Durability) -> None:
    """Within one file system; nothing where there is none."""
    if not source.exists():
        return
    durability.create_folder(target.parent)
    durability.rename(source, target)
    for folder in (target.parent, source.parent):
        durability.sync_folder(folder)


def _there_and_aside(records_folder: Path, session_id: bytes) -> tuple[Path, Path]:
    there = epoch_file_of(session_folder(records_folder, session_id))
    return there, aside_of(there)


def destroy_file(path: Path, durability: Durability) -> None:
    """Overwrites, then removes. What a file system or a flash drive keeps of old blocks is beyond a program."""
    if not path.exists():
        return
    handle = durability.open(path, os.O_RDWR)
    try:
        durability.write_all(handle, bytes(path.stat().st_size), 0)
        durability.sync_data(handle)
    finally:
        durability.close(handle)
    durability.remove(path)
    durability.sync_folder(path.parent)


def _stored(session: SplitSessionFile, problem: ConsentryError | None = None) -> Stored:
    position: Position = session.position
    return Stored(position.next_seq, session.size_bytes, session.finished, problem)


def _problem_of_rest(rest: bytes) -> ConsentryError | None:
    """Bytes behind the last whole record are one that is still coming, or no record at all."""
    if len(rest) < HEADER_BYTES:
        return None
    try:
        RecordHeader.parse(rest)
    except RecordMalformedError as malformed:
        return malformed
    return None
