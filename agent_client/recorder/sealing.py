"""The thread that seals: events in, sealed and spooled records out, one batch after the other.

Everything here runs in one worker thread, in order, so that neither compressing nor a slow disk holds the session's
event loop up. A record leaves this file only after its spool is on the disk: the spool is never behind the broker.
"""

from collections import deque
from collections.abc import Callable, Sequence

from agent_client.recorder.gathering import Batch
from agent_client.recorder.limits import MAX_BATCH_BYTES, MAX_BATCH_EVENTS, RecorderLimits
from agent_client.recorder.spool import Spool
from agent_client.recorder.totals import RecordingTotals
from agent_client.recorder.window import SealedRecord
from protocol.events import FinalSummary
from protocol.messages.fields import EndReason
from protocol.record_sealing import RecordSealer, SealTooLargeError

CLOCK_JUMP_MS = 5_000
"""Wall clock and monotonic clock have moved apart by so much: the machine slept, or somebody set the clock."""

MERGED_BODY_BYTES = 192 * 1024
"""What several batches together should shrink to: three quarters of a body, as the next ones may shrink less."""

MERGED_LIMIT_BYTES = 4 * MAX_BATCH_BYTES
"""Of such batches before they shrink: a little less than a record may hold uncompressed."""

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
        self._shrunk_to = 1.0
        """The last DATA record's bytes, as a share of its events'."""

    def open(self) -> list[SealedRecord]:
        """Record 0: the first epoch."""
        return self._spooled([self._epoch()])

    def seal(self, batches: Sequence[Batch], acked_seq: int) -> list[SealedRecord]:
        """DATA records of all batches, in order, with a new epoch wherever one is due. A record holds whole batches.

        One fdatasync for all of them: that is the group commit of this side.
        """
        records: list[SealedRecord] = []
        waiting = deque(batches)
        while waiting:
            if self._sealer.needs_new_epoch(self._unix_ms()) or self._clock_jumped():
                records.append(self._epoch())
            records.append(self._next_record(waiting))
        self._spooled(records)
        self._spool.trim(acked_seq, at_least_bytes=self._limits.spool_rewrite_bytes)
        return records

    def _next_record(self, waiting: deque[Batch]) -> SealedRecord:
        """Of as many batches as fit, judging by how much the last record shrank; of one, should that be wrong."""
        together = self._likely_to_fit(waiting)
        events = [event for batch in together for event in batch.events]
        try:
            data = self._sealer.seal_events(events, events[0].t_ms, events[-1].t_ms)
        except SealTooLargeError:
            if len(together) == 1:
                raise
            together, events = together[:1], together[0].events
            data = self._sealer.seal_events(events, events[0].t_ms, events[-1].t_ms)
        for _ in together:
            waiting.popleft()
        for event in events:
            self._totals.add(event)
        self._events = together[-1].events_until
        self._shrunk_to = len(data) / max(1, sum(batch.size_bytes for batch in together))
        return self._sealed(data)

    def _likely_to_fit(self, waiting: deque[Batch]) -> list[Batch]:
        room_bytes = min(MERGED_LIMIT_BYTES, MERGED_BODY_BYTES / self._shrunk_to)
        together: list[Batch] = []
        size_bytes = event_count = 0
        for batch in waiting:
            size_bytes += batch.size_bytes
            event_count += len(batch.events)
            if together and (size_bytes > room_bytes or event_count > MAX_BATCH_EVENTS):
                break
            together.append(batch)
        return together

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
