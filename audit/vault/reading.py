"""A recording that is open for reading: proved first, then opened, as far as it is proved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from audit.vault.inspection import Inspection
from audit.vault.library import Recording
from audit.vault.opening import Keys, OpenedRecord, open_records
from protocol.errors import IntegrityError
from protocol.events import Event, Manifest, ManifestRecorded, decode_manifest


class RecordingChanged(IntegrityError):
    sentence = "The records were whole when they arrived here, and are not what the agent signed any more."


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """Reads only records that the chain proves; what comes after a fault is not shown as if nothing had happened."""

    inspection: Inspection
    _recording: Recording
    _source: BinaryIO
    _keys: Keys

    @property
    def is_whole(self) -> bool:
        """From the first record to FINAL, nothing wrong."""
        return self.inspection.finished and self.inspection.fault is None

    def records(self) -> Iterator[OpenedRecord]:
        """From the first one, each time anew. Raises what opening raises, and RecordingChanged."""
        try:
            yield from open_records(self._source, self.inspection.offsets, self._keys)
        except IntegrityError:
            # Proved and yet not to be opened: made so by its agent, unless somebody else wrote into the file since.
            proved = len(self.inspection.offsets)
            if len(self._recording.inspect(self._source).offsets) < proved:
                raise RecordingChanged from None
            raise

    def events(self) -> Iterator[Event]:
        """From the first one, each time anew."""
        for record in self.records():
            yield from record.events

    def manifest(self) -> Manifest | None:
        """What both sides agreed on, if the recording begins as it must. Raises IntegrityError."""
        first = next(self.events(), None)
        return decode_manifest(first.manifest) if isinstance(first, ManifestRecorded) else None


@contextmanager
def open_recording(recording: Recording, keys: Keys) -> Iterator[OpenRecording]:
    """Proves the chain, then lets it be read. Raises SessionLostError."""
    with recording.open_file() as source:
        yield OpenRecording(recording.inspect(source), recording, source, keys)
