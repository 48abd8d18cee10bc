"""Indexes of a records folder, brought up to date on demand: for the command line, where no service runs.

A recording is proved from its first record each time, for a chain cannot be believed from its middle; only records that
the index does not have yet are opened and parsed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.replay_index.indexer import SessionIndexer
from audit.replay_index.keys import IndexErasedError, IndexKeys
from audit.replay_index.sealed_files import IndexDamagedError
from audit.replay_index.session_index import NotIndexedError, SessionIndex
from audit.session_files import RECORDS_FILE
from audit.vault.following import RecordingFollower
from audit.vault.library import Recording, SessionLostError, read_recordings
from audit.vault.opening import SealBrokenError, SealedForOthersError
from audit.vault.recipient_key import RecipientKey
from protocol.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of one recording. `problem` says why it is not, or not wholly, indexed."""

    session_id: bytes
    problem: IntegrityError | SealedForOthersError | None = None


class IndexRefresher:
    """Knows where records and their indexes lie, and the keys to both."""

    def __init__(
        self, records_folder: Path, index_folder: Path, keys: Sequence[RecipientKey], index_keys: IndexKeys
    ) -> None:
        self._records_folder = records_folder
        self._index_folder = index_folder
        self._keys = keys
        self._index_keys = index_keys

    def stale(self) -> list[Recording]:
        """The recordings whose index lacks something. Raises RecordsFolderError, IndexKeyError."""
        return [recording for recording in read_recordings(self._records_folder) if self.is_stale(recording)]

    def is_stale(self, recording: Recording) -> bool:
        """By lengths alone. An erased session is never stale."""
        try:
            index = SessionIndex.open(self._index_folder, recording.session_id, self._index_keys)
        except (NotIndexedError, IndexDamagedError):
            return True
        except IndexErasedError:
            return False
        return not index.finished and index.records_bytes < _records_bytes(recording)

    def refresh(
        self, recordings: Sequence[Recording], on_progress: Callable[[int], None] | None = None
    ) -> Iterator[Refreshed]:
        """Indexes what is missing. `on_progress` is told how many bytes of records were gone through."""
        for recording in recordings:
            yield self._refresh_one(recording, on_progress or _ignore)

    def _refresh_one(self, recording: Recording, on_progress: Callable[[int], None]) -> Refreshed:
        try:
            follower = RecordingFollower(recording, self._keys)
        except SessionLostError as problem:
            return Refreshed(recording.session_id, problem)
        indexer = SessionIndexer.open(self._index_folder, recording.session_id, self._index_keys)
        try:
            for record in follower.advance(first=indexer.next_seq):
                indexer.feed(record)
                on_progress(record.stored.size_bytes)
            indexer.flush()
        except (SealedForOthersError, SealBrokenError, IntegrityError) as problem:
            return Refreshed(recording.session_id, problem)
        finally:
            indexer.close()
            follower.close()
        return Refreshed(recording.session_id)


def _records_bytes(recording: Recording) -> int:
    try:
        return (recording.folder / RECORDS_FILE).stat().st_size
    except OSError:
        return 0


def _ignore(_size_bytes: int) -> None:
    return
