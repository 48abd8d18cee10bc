"""Which event of a session becomes which entry of the log, and the proofs that are handed out.

    record 0 is on the disk                     open, once
    64 records more in a second or longer,
    or 60 seconds with some                     head
    the session ended, for whatever reason      close, once; not for one whose recording was never begun
    the profile is another one                  key, at the start
    the audit service says so                   view, erase, qa: commitments, once each

An entry is asked for as often as it takes: the log keeps it once. What a crash left out is made up for at the start.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from audit.ingest import Position, SessionOpening
from audit.log import EntryKey
from protocol.checkpoint import claimed_checkpoint
from protocol.errors import ConsentryError, RefusedError
from protocol.log_leaves import CloseLeaf, EraseLeaf, HeadLeaf, KeyLeaf, Leaf, OpenLeaf, QaLeaf, ViewLeaf
from protocol.log_proof import LogProof
from protocol.messages.agent import LogEntry, ProofReady
from protocol.messages.fields import EndReason
from serving.clock import Clock

log = structlog.get_logger(__name__)

HEAD_AFTER_RECORDS = 64
HEAD_AFTER_MS = 60_000
"""A session's next head is due after so many records, or after so long if there were any …"""

HEAD_PAUSE_MS = 1_000
"""… and never within this time of its last: a bulk transfer brings 64 records many times a second, and an entry waits
for the disk more often than they do."""

_KINDS: dict[LogEntry, int] = {"open": OpenLeaf.KIND, "close": CloseLeaf.KIND}

AuditEntry = Literal["view", "erase", "qa"]
_AUDIT_LEAVES: dict[AuditEntry, type[ViewLeaf | EraseLeaf | QaLeaf]] = {
    "view": ViewLeaf, "erase": EraseLeaf, "qa": QaLeaf,
}  # fmt: skip


class EntryMissing(RefusedError):
    """Asked for before the event that it is about."""

    sentence = "The log has no such entry of this session: its recording has not begun, or has not ended."


class Log(Protocol):
    """What is needed of the transparency log."""

    async def append(self, leaf: Leaf, key: EntryKey | None = None) -> int: ...

    async def prove(self, place: int) -> LogProof: ...

    async def prove_consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]: ...

    async def entry(self, place: int) -> bytes: ...

    async def place_of(self, key: EntryKey) -> int | None: ...

    async def subjects_without(self, kind: int, other_kind: int) -> list[bytes]: ...


@dataclass
class _Running:
    """How far a session's recording has come, and how far the log knows of it. Times are on the monotonic clock."""

    position: Position
    logged_seq: int
    logged_at_ms: int

    def head_is_due(self, now_ms: int) -> bool:
        records, waited_ms = self.position.next_seq - self.logged_seq, now_ms - self.logged_at_ms
        return (records >= HEAD_AFTER_RECORDS and waited_ms >= HEAD_PAUSE_MS) or (
            records > 0 and waited_ms >= HEAD_AFTER_MS
        )


class Logbook:
    """All methods run on one event loop; those that are not coroutines never wait."""

    def __init__(self, transparency_log: Log, clock: Clock) -> None:
        self._log = transparency_log
        self._clock = clock
        self._running: dict[bytes, _Running] = {}
        self._appending: dict[EntryKey, asyncio.Task[int]] = {}

    async def profile_in_force(self, version: int, note: bytes) -> None:
        """Called at every start; a profile is entered once."""
        digest = hashlib.sha256(note).digest()
        await self._log.append(KeyLeaf(self._clock.unix_ms(), version, digest), EntryKey(KeyLeaf.KIND, digest))

    def records_durable(self, opening: SessionOpening, position: Position) -> None:
        """More of a session's recording is on the disk, or was when its upload was taken up."""
        if position.next_seq == 0:
            return
        session_id, now_ms = opening.session_id, self._clock.monotonic_ms()
        running = self._running.get(session_id)
        if running is None:
            running = self._running[session_id] = _Running(position, position.next_seq, now_ms)
            self._append_open(opening, self._clock.unix_ms())
        running.position = position
        if running.head_is_due(now_ms):
            self._append_head(session_id, running, now_ms)

    def session_closed(self, opening: SessionOpening, position: Position, reason: EndReason) -> None:
        """Its recording is closed at this position. One without a record was never begun."""
        if position.next_seq == 0:
            return
        session_id, now_ms = opening.session_id, self._clock.unix_ms()
        running = self._running.get(session_id)
        if running is not None:
            running.logged_seq = max(running.logged_seq, position.next_seq)
        self._append_open(opening, now_ms)  # it is there, unless a crash came in between
        leaf = CloseLeaf(now_ms, session_id, position.next_seq, position.chain_hash, reason)
        self._append(EntryKey(CloseLeaf.KIND, session_id), leaf)

    async def enter(self, kind: AuditEntry, session_id: bytes, commitment: bytes) -> int:
        """What the audit service commits to: the entry's place, once it is in the log. Raises LogFailed."""
        leaf = _AUDIT_LEAVES[kind](self._clock.unix_ms(), session_id, commitment)
        return await self._log.append(leaf, EntryKey(leaf.KIND, session_id + commitment))

    async def sessions_not_closed(self) -> list[bytes]:
        """Opened in the log, and not closed: running ones, and those that a crash left so."""
        return await self._log.subjects_without(OpenLeaf.KIND, CloseLeaf.KIND)

    def handle_time(self) -> None:
        """Heads that are due; and what needs none is forgotten."""
        now_ms = self._clock.monotonic_ms()
        for session_id, running in list(self._running.items()):
            if running.head_is_due(now_ms):
                self._append_head(session_id, running, now_ms)
            elif now_ms - running.logged_at_ms >= HEAD_AFTER_MS:
                # Whoever comes with more records is asked for the `open` entry again, which is there.
                del self._running[session_id]

    async def proof(self, session_id: bytes, entry: LogEntry, known_size: int) -> ProofReady:
        """Waits until there is one that the witness policy accepts. Raises EntryMissing, LogFailed."""
        key = EntryKey(_KINDS[entry], session_id)
        appending = self._appending.get(key)
        place = await asyncio.shield(appending) if appending else await self._log.place_of(key)
        if place is None:
            raise EntryMissing
        proof = await self._log.prove(place)
        size = claimed_checkpoint(proof.checkpoint_note).size
        consistency: tuple[bytes, ...] = ()
        if 0 < known_size <= size:
            consistency = await self._log.prove_consistency(known_size, size)
        elif known_size:
            # Somebody remembers more than there is. They will refuse; so must whoever runs this.
            log.error("log_smaller_than_remembered", known_size=known_size, size=size)
        return ProofReady(entry, await self._log.entry(place), proof.encode(), consistency)

    async def aclose(self) -> None:
        for task in list(self._appending.values()):
            task.cancel()
        await asyncio.gather(*self._appending.values(), return_exceptions=True)

    def _append_open(self, opening: SessionOpening, now_ms: int) -> None:
        leaf = OpenLeaf(now_ms, opening.session_id, opening.manifest_commitment, opening.agent_key)
        self._append(EntryKey(OpenLeaf.KIND, opening.session_id), leaf)

    def _append_head(self, session_id: bytes, running: _Running, now_ms: int) -> None:
        position = running.position
        running.logged_seq, running.logged_at_ms = position.next_seq, now_ms
        leaf = HeadLeaf(self._clock.unix_ms(), session_id, position.next_seq, position.chain_hash)
        # Its own key, so that two of one session may be under way at once.
        self._append(EntryKey(HeadLeaf.KIND, session_id + position.next_seq.to_bytes(8, "big")), leaf)

    def _append(self, key: EntryKey, leaf: Leaf) -> None:
        if key not in self._appending:
            task = asyncio.create_task(self._log.append(leaf, key), name="log-entry")
            self._appending[key] = task
            task.add_done_callback(lambda done: self._appended(key, done))

    def _appended(self, key: EntryKey, task: "asyncio.Task[int]") -> None:
        del self._appending[key]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ConsentryError):
            log.error("log_entry_lost", kind=key.kind, problem=str(error))  # the next start makes up for it
        elif error is not None:
            raise error
