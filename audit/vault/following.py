"""A recording that is still being written, read as it grows: each record proved and opened when it is whole."""

from collections.abc import Iterator

from audit.vault.inspection import ChainInspector, Inspection
from audit.vault.library import Recording, SessionLostError
from audit.vault.opening import Keys, OpenedRecord, RecordOpener, epoch_secrets


class RecordingFollower:
    """Reads on from where it stopped. Raises SessionLostError if what the chain begins with is missing."""

    def __init__(self, recording: Recording, keys: Keys) -> None:
        if recording.opening is None:
            raise recording.problem or SessionLostError(session=recording.session_id.hex())
        opening = recording.opening
        self._source = recording.open_file()
        self._inspector = ChainInspector(
            self._source, recording.session_id, opening.agent_key, opening.manifest_commitment
        )
        self._opener = RecordOpener(epoch_secrets(keys))

    @property
    def inspection(self) -> Inspection:
        """What was proved so far."""
        return self._inspector.found

    def advance(self, *, first: int = 0) -> Iterator[OpenedRecord]:
        """What came since the last time, from number `first` on; what comes before is proved and passed over.

        Ends at the first record that is not whole, or at a fault. Raises what opening raises.
        """
        if not self._inspector.has_next():
            return
        for record in self._inspector.advance():
            if record.seq < first:
                self._opener.skip(record)
            else:
                yield self._opener.open(record)
            if not self._inspector.has_next():
                return

    def close(self) -> None:
        self._source.close()
