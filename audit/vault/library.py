"""The sessions of a records folder, and how much of each recording is there.

    complete   ends with FINAL
    arriving   not closed, and something came within the last day
    partial    closed or silent for a day without FINAL, or frozen because its agent signed two pasts
    lost       opened, but not one record came; or the file that the chain begins with is gone

The list goes by the lengths in the headers and proves nothing: `verify` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Literal

from audit.session_files import (
    CLOSING_FILE,
    ERASED_FILE,
    OPENING_FILE,
    RATING_FILE,
    RECORDS_FILE,
    SessionClosing,
    SessionErasure,
    SessionOpening,
    SessionRating,
    read_small_file,
    session_id_of,
)
from audit.vault.epoch_files import epoch_file_of, joined, read_epochs
from audit.vault.inspection import DATA, FINAL, HEADER, Inspection, inspect_chain
from audit.vault.opening import Keys, OpenedRecord, RecordingErasedError, open_records
from protocol.details import system_reason
from protocol.errors import InputError, IntegrityError
from protocol.events import Manifest, ManifestRecorded, decode_manifest

SILENT_AFTER_MS = 24 * 60 * 60 * 1000
"""Nothing new for so long: the session is over, whether or not anybody said so."""


class RecordsFolderError(InputError):
    """The records folder cannot be read."""

    sentence = "The records folder {folder} cannot be read: {problem}. Give it with --records."


class UnknownSessionError(InputError):
    """No such session."""

    sentence = "No session in {folder} has a number that begins with {text}. `consentry audit list` shows them all."


class AmbiguousSessionError(InputError):
    """Several sessions."""

    sentence = "{count} sessions have numbers that begin with {text}. Give more of it."


class SessionLostError(IntegrityError):
    """Without the opening nothing can be checked or read."""

    sentence = "The recording of session {session} is lost: the file that its chain begins with is missing."


Sealed = Literal["opened", "no-key", "other-key", "erased", "unreadable"]


class RecordingState(StrEnum):
    """How much of a recording is there; the module's text explains each."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    ARRIVING = "arriving"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Scan:
    """What the headers claim, up to the first place where none stands."""

    record_count: int
    finished: bool
    duration_ms: int
    size_bytes: int


def scan_headers(source: BinaryIO) -> Scan:
    """Walks a records file by the lengths in its headers, without reading bodies."""
    size_bytes = source.seek(0, 2)
    offset = count = duration_ms = 0
    finished = False
    while offset < size_bytes:
        source.seek(offset)
        head = source.read(HEADER.size)
        if len(head) < HEADER.size or not head.startswith(b"CSR1"):
            break
        fields = HEADER.unpack(head)
        offset += HEADER.size + fields[11] + 64
        if offset > size_bytes:
            break
        count += 1
        finished = fields[1] == FINAL
        if fields[1] == DATA:
            duration_ms = max(duration_ms, fields[9])
    return Scan(count, finished and offset == size_bytes, duration_ms, size_bytes)


@dataclass(frozen=True, slots=True)
class Recording:
    """One session's folder, its small files read."""

    folder: Path
    session_id: bytes
    opening: SessionOpening | None
    closing: SessionClosing | None
    rating: SessionRating | None
    fork_count: int
    tail_count: int
    erasure: SessionErasure | None = None
    problem: IntegrityError | None = field(default=None)
    """A small file that is there but cannot be read."""

    @classmethod
    def read(cls, folder: Path) -> "Recording":
        """Raises RecordsFolderError if the folder is not one of a session."""
        session_id = session_id_of(folder)
        if session_id is None:
            raise RecordsFolderError(folder=folder, problem="it is not named like a session")
        problem: IntegrityError | None = None
        opening = closing = rating = erasure = None
        try:
            opening = read_small_file(folder / OPENING_FILE, SessionOpening)
            closing = read_small_file(folder / CLOSING_FILE, SessionClosing)
            rating = read_small_file(folder / RATING_FILE, SessionRating)
            erasure = read_small_file(folder / ERASED_FILE, SessionErasure)
        except IntegrityError as error:
            problem = error
        if opening is not None and opening.session_id != session_id:
            opening = None
        forks, tails = len([*folder.glob("fork-*.csr")]), len([*folder.glob("tail-*.csr")])
        return cls(folder, session_id, opening, closing, rating, forks, tails, erasure, problem)

    def open_file(self) -> BinaryIO:
        """The records, for reading. Raises SessionLostError."""
        try:
            records = (self.folder / RECORDS_FILE).open("rb")
            return joined(records, read_epochs(epoch_file_of(self.folder)))
        except OSError:
            raise SessionLostError(session=self.session_id.hex()) from None

    def inspect(self, source: BinaryIO) -> Inspection:
        """Proves the chain. Raises SessionLostError if what it begins with is missing."""
        if self.opening is None:
            raise self.problem or SessionLostError(session=self.session_id.hex())
        return inspect_chain(source, self.session_id, self.opening.agent_key, self.opening.manifest_commitment)

    def state(self, scan: Scan | None, now_ms: int) -> RecordingState:
        """`now_ms` is Unix time; it is compared with the time of the last byte."""
        if self.opening is None or scan is None:
            return RecordingState.LOST
        if scan.finished and not self.fork_count:
            return RecordingState.COMPLETE
        over = self.closing is not None or self.fork_count > 0 or now_ms - self.changed_at_ms() > SILENT_AFTER_MS
        if not over:
            return RecordingState.ARRIVING
        return RecordingState.PARTIAL if scan.record_count else RecordingState.LOST

    def changed_at_ms(self) -> int:
        """Unix time of the last byte on the disk of the records folder."""
        return int((self.folder / RECORDS_FILE).stat().st_mtime * 1000)


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of the list. `manifest` only with a key that opens the recording."""

    recording: Recording
    state: RecordingState
    scan: Scan | None
    manifest: Manifest | None
    sealed: Sealed


def list_sessions(records_folder: Path, keys: Keys, now_ms: int) -> Iterator[Listing]:
    """Every session of a folder, oldest first. Raises RecordsFolderError."""
    for recording in read_recordings(records_folder):
        yield _list_one(recording, keys, now_ms)


def read_recordings(records_folder: Path) -> list[Recording]:
    """Every session's folder, oldest first. Raises RecordsFolderError."""
    recordings = [Recording.read(folder) for folder in _session_folders(records_folder)]
    recordings.sort(key=lambda found: (found.opening.opened_at_ms if found.opening else 0, found.session_id))
    return recordings


def find_session(records_folder: Path, text: str) -> Recording:
    """By the beginning of its number. Raises RecordsFolderError, UnknownSessionError, AmbiguousSessionError."""
    wanted = text.lower()
    found = [folder for folder in _session_folders(records_folder) if folder.name.startswith(wanted)]
    if not found or not wanted:
        raise UnknownSessionError(folder=records_folder, text=text)
    if len(found) > 1:
        raise AmbiguousSessionError(count=len(found), text=text)
    return Recording.read(found[0])


def _session_folders(records_folder: Path) -> list[Path]:
    try:
        return [path for path in records_folder.iterdir() if session_id_of(path) is not None and path.is_dir()]
    except OSError as error:
        raise RecordsFolderError(folder=records_folder, problem=system_reason(error)) from None


def _list_one(recording: Recording, keys: Keys, now_ms: int) -> Listing:
    try:
        with recording.open_file() as source:
            scan = scan_headers(source)
            manifest, sealed = _first_words(source, keys)
    except SessionLostError:
        return Listing(recording, RecordingState.LOST, None, None, "unreadable")
    return Listing(recording, recording.state(scan, now_ms), scan, manifest, sealed)


def _first_words(source: BinaryIO, keys: Keys) -> tuple[Manifest | None, Sealed]:
    """The manifest, out of the first two records."""
    if not keys:
        return None, "no-key"
    try:
        for opened in _peek(source, keys):
            for event in opened.events:
                if isinstance(event, ManifestRecorded):
                    return decode_manifest(event.manifest), "opened"
    except RecordingErasedError:
        return None, "erased"
    except InputError:
        return None, "other-key"
    except IntegrityError:
        return None, "unreadable"
    return None, "unreadable"


def _peek(source: BinaryIO, keys: Keys) -> Iterator[OpenedRecord]:
    offsets = []
    offset = 0
    for _ in range(2):
        source.seek(offset)
        head = source.read(HEADER.size)
        if len(head) < HEADER.size or not head.startswith(b"CSR1"):
            break
        offsets.append(offset)
        offset += HEADER.size + HEADER.unpack(head)[11] + 64
    return open_records(source, offsets, keys)
