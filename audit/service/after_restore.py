"""What a service that was restored from a copy does before anything else: it asks the log what was erased since.

The copy knows nothing of erases that were carried out after it was made, and with an older copy of the keys it would
open those recordings again. But each of them has its `erase` leaf in the organisation's log. So until the log was read
from its first entry to its last, nothing is shown (`demand_learned`); and what opens a recording that the log calls
erased is set aside: to everybody it is an erased one.

It is not destroyed on that word alone. The broker writes the log, and could enter erases that nobody ordered; a leaf
says that two people decided, not who. So each becomes an erase that was asked for, by `(log)`: somebody confirms it,
under the rules of every erase, or refuses it, and it is back.

    <data folder>/restored.json     there from the restore until the log was read
    <data folder>/epochs/aside/     what is set aside

What else was decided since the copy has leaves as well, which say of which session, and not what: they are counted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
import structlog

from audit.service.broker_feed import BrokerFeed
from audit.service.log_reading import LogEntryRead, read_log
from audit.service.sealed_store import SealedStore
from audit.service.session_keys import SessionKeys
from audit.storage.journal import Happening, SqlJournal
from audit.storage.log_entries import SqlLogEntries
from audit.storage.requests import SqlRequests
from audit.storage.sessions import SqlSessions
from protocol.errors import ConsentryError, RefusedError, UnavailableError
from protocol.log_leaves import CloseLeaf, EraseLeaf, OpenLeaf, ViewLeaf
from serving.clock import Clock
from serving.private_files import write_private_file

log = structlog.get_logger(__name__)

RESTORED_FILE = "restored.json"
FROM_LOG = "(log)"
"""No user name: who asks for an erase that the log knows of."""


class ErasesNotLearned(UnavailableError):
    sentence = (
        "This audit service was restored from a copy, and could not yet ask the broker's log what was erased since. "
        "Until then it shows no recordings. Let it reach the broker."
    )


class RecordingSetAside(RefusedError):
    sentence = (
        "The organisation's log says that this recording was erased after the copy was made from which this audit "
        "service was restored. Nobody sees it before its erase is confirmed, or refused."
    )


def note_restored(data_folder: Path, now_ms: int) -> None:
    """Raises DataFolderUnusable."""
    write_private_file(data_folder / RESTORED_FILE, msgspec.json.encode({"restored_at_ms": now_ms}))


class AfterRestore:
    """For one event loop. `forget` are those who hold something of a session that may be made again."""

    def __init__(
        self,
        data_folder: Path,
        *,
        feed: BrokerFeed,
        store: SealedStore,
        keys: SessionKeys,
        sessions: SqlSessions,
        requests: SqlRequests,
        log_entries: SqlLogEntries,
        journal: SqlJournal,
        clock: Clock,
        forget: Sequence[Callable[[bytes], Awaitable[None]]] = (),
    ) -> None:
        self._mark = data_folder / RESTORED_FILE
        self._feed = feed
        self._store = store
        self._keys = keys
        self._sessions = sessions
        self._requests = requests
        self._log_entries = log_entries
        self._journal = journal
        self._clock = clock
        self._forget = forget
        self._is_due = self._mark.exists()

    def demand_learned(self) -> None:
        """Raises ErasesNotLearned."""
        if self._is_due:
            raise ErasesNotLearned

    async def learn(self) -> None:
        """Once after a restore, when the broker answers. Raises as `read_log`: then nothing was learned."""
        if not self._is_due:
            return
        profile = self._feed.profile
        entries = list[LogEntryRead]()
        if profile is not None and profile.log is not None:
            try:
                entries = await read_log(self._feed, profile.log.policy.log_key)
            except ConsentryError as error:
                log.error("erases_not_learned", problem=str(error))
                raise
            if profile.log.former_vkeys:
                # What the lost log had of erases, nobody can read any more.
                log.warning("erases_of_lost_log_unknown", lost=profile.log.former_vkeys[-1])
        erased = {one.leaf.session_id: one for one in entries if isinstance(one.leaf, EraseLeaf)}
        times = _times_of(entries)
        for session_id, found in erased.items():
            await self._take_up(session_id, found, *times.get(session_id, (found.leaf.time_ms, found.leaf.time_ms)))
        await self._tell_of_missing(entries)
        await asyncio.to_thread(self._mark.unlink)
        self._is_due = False
        log.info("erases_learned", entries=len(entries), erased=len(erased))

    async def _take_up(self, session_id: bytes, found: LogEntryRead, opened_at_ms: int, ended_at_ms: int) -> None:
        """Each step is the same when it is done twice."""
        if self._store.is_erased(session_id):
            return
        erased_at_ms = found.leaf.time_ms
        if await self._sessions.find(session_id) is None:
            # Of after the copy: there is nothing to destroy, and nothing of it is to come.
            await asyncio.to_thread(self._store.erase, session_id, erased_at_ms)
            await self._sessions.add_erased(session_id, opened_at_ms, ended_at_ms, erased_at_ms)
            return
        # First: what is set aside and asked for by nobody is brought back at the start.
        if not await self._requests.has_erase(session_id):
            reason = f"erase, log #{found.place}"
            await self._requests.add("erase", session_id, reason, FROM_LOG, self._clock.unix_ms())
        await asyncio.to_thread(self._store.set_aside, session_id)
        await asyncio.to_thread(self._keys.set_aside, session_id)
        for step in self._forget:
            await step(session_id)
        await self._sessions.was_set_aside(session_id, erased_at_ms)
        log.warning("recording_set_aside", session=session_id.hex(), place=found.place)

    async def _tell_of_missing(self, entries: list[LogEntryRead]) -> None:
        """Looks, holds and classes of after the copy: that there were some, and of how many sessions."""
        known = await self._log_entries.commitments("view")
        missing = [
            one.leaf.session_id
            for one in entries
            if isinstance(one.leaf, ViewLeaf) and one.leaf.commitment not in known
        ]
        if not missing:
            return
        log.error("decisions_missing", entries=len(missing), sessions=len(set(missing)))
        now_ms = self._clock.unix_ms()
        await self._journal.add(
            Happening(
                source="audit",
                source_key=f"missing:restore:{now_ms}",
                at_ms=now_ms,
                kind="events_missing",
                facts={"source": "audit", "entries": len(missing), "sessions": len(set(missing))},
            )
        )


def _times_of(entries: list[LogEntryRead]) -> dict[bytes, tuple[int, int]]:
    """When each session was opened and closed, as the log has it."""
    found: dict[bytes, tuple[int, int]] = {}
    for one in entries:
        if isinstance(one.leaf, OpenLeaf):
            found[one.leaf.session_id] = one.leaf.time_ms, one.leaf.time_ms
        elif isinstance(one.leaf, CloseLeaf) and one.leaf.session_id in found:
            found[one.leaf.session_id] = found[one.leaf.session_id][0], one.leaf.time_ms
    return found
