"""What is recorded but not yet on the broker's disk, and what follows from how much and how old it is. Pure.

    stage      the oldest waits     so
    ─────      ────────────────     ──
    open       ≤ 10 s, ≤ 4 MiB      the shell runs
    full       > 10 s or > 4 MiB    the shell is not read: it waits by itself
    paused     > 60 s               the customer is told, everything is frozen
    failed     > 10 min             the session ends

Time counts from when a record was sealed. `failed` is for good; every other stage opens again by acknowledgements.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from agent_client.recorder.errors import AcksDisagree
from agent_client.recorder.limits import RecorderLimits
from protocol.details import Detail

Stage = Literal["open", "full", "paused", "failed"]


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """`chain_hash` is what the next record names as its `prev`; `events_until` counts the session's events so far."""

    seq: int
    data: bytes
    chain_hash: bytes
    events_until: int


class UnackedWindow:
    """Records in order, from the first that is not acknowledged. Each stays until the broker has it on disk."""

    def __init__(self, limits: RecorderLimits, *, first_seq: int = 0) -> None:
        self._limits = limits
        self._records: deque[tuple[SealedRecord, int]] = deque()
        self._unsealed_bytes = 0
        self.acked_seq = first_seq
        self.next_seq = first_seq
        self.acked_chain_hash: bytes | None = None
        self.acked_events = 0
        self.sealed_bytes = 0
        self.acked_bytes = 0

    @property
    def waiting_bytes(self) -> int:
        """Everything that is not safe yet: recorded and not sealed, and sealed and not acknowledged."""
        return self._unsealed_bytes + self.sealed_bytes - self.acked_bytes

    def recorded(self, size_bytes: int) -> None:
        """So much plaintext was recorded and waits to be sealed."""
        self._unsealed_bytes += size_bytes

    def sealed(self, record: SealedRecord, plaintext_bytes: int, now_ms: int) -> None:
        assert record.seq == self.next_seq, "records are sealed in order"
        self._unsealed_bytes -= plaintext_bytes
        self._records.append((record, now_ms))
        self.sealed_bytes += len(record.data)
        self.next_seq += 1

    def record_at(self, seq: int) -> SealedRecord | None:
        """The record to send next after `seq - 1`; None if there is none yet. Raises AcksDisagree if it is gone."""
        if seq < self.acked_seq:
            raise AcksDisagree(problem=Detail("it asks for record {seq} again, which it had acknowledged", seq=seq))
        return self._records[seq - self.acked_seq][0] if seq < self.next_seq else None

    def acked(self, next_seq: int, chain_hash: bytes) -> bool:
        """The broker holds every record below `next_seq`. True if that is news. Raises AcksDisagree."""
        if next_seq < self.acked_seq:
            raise AcksDisagree(
                problem=Detail(
                    "it holds {next_seq} records and had acknowledged {acked_seq}",
                    next_seq=next_seq,
                    acked_seq=self.acked_seq,
                )
            )
        if next_seq > self.next_seq:
            raise AcksDisagree(
                problem=Detail(
                    "it claims to hold {next_seq} records of {sealed}", next_seq=next_seq, sealed=self.next_seq
                )
            )
        if next_seq == self.acked_seq:
            if self.acked_chain_hash not in (None, chain_hash):
                raise AcksDisagree(problem="its chain has another head")
            return False
        last = self._records[next_seq - self.acked_seq - 1][0]
        if last.chain_hash != chain_hash:
            raise AcksDisagree(problem=Detail("its chain has another record {seq}", seq=last.seq))
        while self.acked_seq < next_seq:
            record, _ = self._records.popleft()
            self.acked_bytes += len(record.data)
            self.acked_seq += 1
        self.acked_events = last.events_until
        self.acked_chain_hash = chain_hash
        return True

    def stage(self, now_ms: int) -> Stage:
        waited_ms = now_ms - self._records[0][1] if self._records else 0
        if waited_ms > self._limits.fail_after_ms:
            return "failed"
        if waited_ms > self._limits.pause_after_ms:
            return "paused"
        if waited_ms > self._limits.window_ms or self.waiting_bytes > self._limits.window_bytes:
            return "full"
        return "open"

    def next_stage_at_ms(self, now_ms: int) -> int | None:
        """When time alone changes the stage; None while nothing waits, or after the last change."""
        if not self._records:
            return None
        since = self._records[0][1]
        limits = self._limits
        for after_ms in (limits.window_ms, limits.pause_after_ms, limits.fail_after_ms):
            if now_ms - since <= after_ms:
                return since + after_ms + 1
        return None
