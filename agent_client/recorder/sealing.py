"""The thread that seals: events in, sealed and spooled records out, one batch after the other.

Everything here runs in one worker thread, in order, so that neither compressing nor a slow disk holds the session's
event loop up. A record leaves this file only after its spool is on the disk: the spool is never behind the broker.
"""

from collections.abc import Callable, Sequence

from agent_client.recorder.gathering import Batch
from agent_client.recorder.limits import RecorderLimits
from agent_client.recorder.spool import Spool
from agent_client.recorder.totals import RecordingTotals
from agent_client.recorder.window import SealedRecord
from protocol.events import FinalSummary
from protocol.messages import EndReason
from protocol.record_sealing import RecordSealer

CLOCK_JUMP_MS = 5_000
"""Wall clock and monotonic clock have moved apart by so much: the machine slept, or somebody set the clock."""

Clock = Callable[[], int]


class SealingLine:
    """Owns the sealer and the spool. Errors are ConsentryErrors; after one nothing more may be sealed."""

    def __init__(
        self, sealer: RecordSealer, spool: Spool, limits: RecorderLimits, *, unix_ms: Clock, monotonic_ms: Clock
    ) -> None:
        self._sealer = sealer
        self._spool = spool
        self._limits = limits
        self._unix_ms = unix_ms
        self._monotonic_ms = monotonic_ms
        self._totals = RecordingTotals()
        self._clock_difference_ms = unix_ms() - monotonic_ms()
        self._events = 0

    def open(self) -> list[SealedRecord]:
        """Record 0: the first epoch."""
        return self._spooled([self._epoch()])

    def seal(self, batches: Sequence[Batch], acked_seq: int) -> list[SealedRecord]:
        """One DATA record per batch, with a new epoch before it where one is due; the last one of each batch holds it.

        One fdatasync for all of them: that is the group commit of this side.
        """
        records: list[SealedRecord] = []
        for batch in batches:
            if self._sealer.needs_new_epoch(self._unix_ms()) or self._clock_jumped():
                records.append(self._epoch())
            for event in batch.events:
                self._totals.add(event)
            data = self._sealer.seal_events(batch.events, batch.events[0].t_ms, batch.events[-1].t_ms)
            self._events = batch.events_until
            records.append(self._sealed(data))
        self._spooled(records)
        self._spool.trim(acked_seq, at_least_bytes=self._limits.spool_rewrite_bytes)
        return records

    def seal_final(self, reason: EndReason) -> tuple[SealedRecord, FinalSummary]:
        """The last record of all."""
        summary = self._totals.summary(
            record_count=self._sealer.next_seq + 1,
            event_count=self._sealer.event_count,
            reason=reason,
            ended_at_ms=self._unix_ms(),
        )
        record = self._sealed(self._sealer.seal_final(summary))
        self._spooled([record])
        return record, summary

    def _epoch(self) -> SealedRecord:
        return self._sealed(self._sealer.seal_epoch(self._unix_ms()))

    def _sealed(self, data: bytes) -> SealedRecord:
        return SealedRecord(self._sealer.next_seq - 1, data, self._sealer.chain_hash, self._events)

    def _spooled(self, records: list[SealedRecord]) -> list[SealedRecord]:
        for record in records:
            self._spool.append(record.data)
        self._spool.sync()
        return records

    def _clock_jumped(self) -> bool:
        difference_ms = self._unix_ms() - self._monotonic_ms()
        jumped = abs(difference_ms - self._clock_difference_ms) > CLOCK_JUMP_MS
        self._clock_difference_ms = difference_ms
        return jumped
