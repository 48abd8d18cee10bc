"""Follows the broker's feed: what it says of sessions into the database, sealed records into the store.

Everything can be asked for again. The feed's cursor is kept with the page that it came with; a recording goes on at the
length that it has here; and what may have grown while nobody looked is looked at when the feed says `resync`. So a stop
at any point, here or there, costs at most asking twice. A broker that was set back to a copy gives numbers again: then
everything is asked for once more.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from audit.ingest import SessionErasedError
from audit.service.after_restore import AfterRestore
from audit.service.broker_feed import BrokerFeed, ChangedSession, RemoteRecording, decode_base64url
from audit.service.log_check import LogCheck
from audit.service.sealed_store import SealedStore
from audit.session_files import CLOSING_FILE, OPENING_FILE, SessionOpening
from audit.storage.sessions import BrokerSession, SqlSessions
from protocol.decoding import UNREADABLE
from protocol.details import Detail
from protocol.errors import ConsentryError, PeerError
from serving.clock import Clock

log = structlog.get_logger(__name__)

PULLS_AT_ONCE = 4
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0


class Puller:
    """`on_arrival` hears of each session of which something new is here, and whether it is over; and is waited for."""

    def __init__(
        self,
        feed: BrokerFeed,
        store: SealedStore,
        sessions: SqlSessions,
        clock: Clock,
        on_arrival: Callable[[bytes, bool], Awaitable[None]],
        log_check: LogCheck,
        after_restore: AfterRestore,
    ) -> None:
        self._feed = feed
        self._store = store
        self._sessions = sessions
        self._clock = clock
        self._on_arrival = on_arrival
        self._log_check = log_check
        self._after_restore = after_restore
        self._due: dict[bytes, None] = {}
        """Sessions to look at, in order; a dictionary for its order."""
        self._busy: set[bytes] = set()
        self._stirred = asyncio.Event()
        self.connected = False
        """The broker answered the last question."""

    @property
    def waiting(self) -> int:
        """Sessions that are to be looked at, or are being."""
        return len(self._due.keys() | self._busy)

    async def run(self) -> None:
        """For ever, through every failure of the broker or the network between."""
        wait_seconds = FIRST_WAIT_SECONDS
        async with asyncio.TaskGroup() as group:
            for number in range(PULLS_AT_ONCE):
                group.create_task(self._pull_due(), name=f"pull-{number}")
            while True:
                try:
                    await self._feed.connect()
                    await self._after_restore.learn()
                    await self._follow()
                except (ConsentryError, OSError) as error:
                    if self.connected or wait_seconds == FIRST_WAIT_SECONDS:
                        log.warning("broker_unreachable", problem=str(error))
                    wait_seconds = FIRST_WAIT_SECONDS if self.connected else min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
                    self.connected = False
                    await asyncio.sleep(wait_seconds)

    async def _follow(self) -> None:
        # A broker whose log was lost lost changes, too, and has given their numbers to others since.
        cursor = 0 if self._log_check.is_another_log() else await self._sessions.cursor()
        position = ""
        while True:
            page = await self._feed.changes(cursor, position)
            if page.newest is not None and page.newest < cursor:
                log.error("broker_set_back", newest=page.newest, known=cursor)
                cursor, position = 0, ""
                await self._sessions.keep_page([], cursor, self._clock.unix_ms())
                continue
            if not self.connected:
                self.connected = True
                log.info("broker_followed", cursor=page.cursor)
            due = [bytes.fromhex(session_id) for session_id in page.grown]
            if page.sessions:
                changed = [_session(raw) for raw in page.sessions]
                await self._sessions.keep_page(changed, page.cursor, self._clock.unix_ms())
                due += [session.session_id for session in changed]
            if page.resync:
                due += await self._sessions.unfinished()
                due += await asyncio.to_thread(self._store.without_closing)
            self._look_at(*due)  # together: one that a page names twice is pulled, and read, once
            cursor, position = page.cursor, page.position

    def _look_at(self, *session_ids: bytes) -> None:
        for session_id in session_ids:
            self._due[session_id] = None
        if session_ids:
            self._stirred.set()

    async def _pull_due(self) -> None:
        while True:
            session_id = next((one for one in self._due if one not in self._busy), None)
            if session_id is None:
                self._stirred.clear()
                await self._stirred.wait()
                continue
            del self._due[session_id]
            self._busy.add(session_id)
            try:
                await self._pull(session_id)
            except (ConsentryError, OSError) as error:
                log.warning("pull_failed", session=session_id.hex(), problem=str(error))
                self._store.forget(session_id)
            finally:
                self._busy.discard(session_id)
                if self._due:
                    self._stirred.set()

    async def _pull(self, session_id: bytes) -> None:
        if self._store.is_aside(session_id):
            return  # the log calls it erased: nothing is added to it before that is decided
        remote = await self._feed.recording(session_id)
        opening = _opening(remote, session_id)
        if remote is None or opening is None:
            return  # nothing was recorded, or it was erased there
        try:
            stored = await asyncio.to_thread(self._store.open, opening)
        except SessionErasedError:
            await self._feed.erase(session_id)  # it was erased here: the broker has not heard it yet
            return
        before = stored.next_seq
        while data := await self._feed.records(session_id, stored.size_bytes):
            reached = stored.size_bytes
            stored = await asyncio.to_thread(self._store.append, session_id, data)
            if stored.problem is not None:
                await self._sessions.was_read(session_id, "broken", stored.problem, None)
                log.error("recording_broken", session=session_id.hex(), problem=str(stored.problem))
                break
            if stored.size_bytes == reached:
                break  # the rest of a record is still being written there
        await asyncio.to_thread(self._keep_beside, session_id, remote)
        for seq in remote.forks:
            record = await self._feed.fork(session_id, seq)
            await asyncio.to_thread(self._store.keep_fork, session_id, seq, record)
        await self._sessions.pulled(session_id, stored.next_seq, stored.finished)
        if stored.finished:
            self._store.forget(session_id)
        if stored.problem is None and stored.next_seq > before:
            await self._sessions.is_sound_again(session_id)
        ended = CLOSING_FILE in remote.files
        if stored.next_seq > before or stored.finished or ended:
            await self._on_arrival(session_id, stored.finished or ended)
        # Last: a log that cannot answer holds up nothing else.
        await self._log_check.collect(session_id, ended=ended)

    def _keep_beside(self, session_id: bytes, remote: RemoteRecording) -> None:
        self._store.keep_small_files(session_id, {name: _bytes(text) for name, text in remote.files.items()})


def _session(raw: msgspec.Raw) -> BrokerSession:
    data = bytes(raw)
    try:
        known = msgspec.json.decode(data, type=ChangedSession)
    except UNREADABLE as error:
        raise PeerError(problem=Detail("a session of the broker that cannot be read ({error})", error=error)) from None
    return BrokerSession(bytes.fromhex(known.session_id), known.opened_at_ms, known.ended_at_ms, data)


def _opening(remote: RemoteRecording | None, session_id: bytes) -> SessionOpening | None:
    text = remote.files.get(OPENING_FILE) if remote else None
    if text is None or (remote is not None and not remote.size_bytes):
        return None
    try:
        opening = msgspec.msgpack.decode(_bytes(text), type=SessionOpening)
    except UNREADABLE as error:
        raise PeerError(problem=Detail("an opening that cannot be read ({error})", error=error)) from None
    if opening.session_id != session_id:
        raise PeerError(problem="the opening of another session")
    return opening


def _bytes(text: str) -> bytes:
    try:
        return decode_base64url(text)
    except ValueError:
        raise PeerError(problem="a file that is not base64url") from None
