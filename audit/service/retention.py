"""How long recordings are kept, and how they are destroyed.

    class       kept at least    for
    standard    400 days         everything, unless somebody says otherwise
    short       183 days         what the law wants kept for six months and no longer
    pci         400 days         card data environments

After its floor a recording may be erased, before it nobody can; under a legal hold nobody can at any time. An erase
takes two people: one asks, another confirms. It destroys what opens the recording (epoch_files.py), what opens the
service's own words about it (session_keys.py), the index, and the broker's copy. Sealed records, their chain, the log
and old receipts stay, and still verify: everything that they prove is a hash.

An erase that was confirmed is carried out until it is done: whatever stops it half-way, it is tried again. A hold that
comes before its first step sets it aside. What is erased without anybody asking: scheduled_erase.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import structlog

from audit.durability import Durability
from audit.service.after_restore import FROM_LOG
from audit.service.broker_feed import BrokerFeed
from audit.service.people import Auditor
from audit.service.sealed_store import SealedStore, destroy_file
from audit.service.session_keys import SessionKeys
from audit.service.views import Views
from audit.storage.requests import Kind, Request, SqlKeyBackups, SqlRequests, State
from audit.storage.sessions import KnownSession, Retention, SqlSessions
from protocol.errors import ConsentryError, InputError, RefusedError
from serving.clock import Clock
from serving.database import Database

log = structlog.get_logger(__name__)

DAY_MS = 24 * 3_600_000
FLOOR_DAYS: dict[Retention, int] = {"standard": 400, "short": 183, "pci": 400}
AGAIN_AFTER_SECONDS = 60.0
EXPORT_LIFE_MS = DAY_MS
"""How long an export that was confirmed may be fetched."""


class TooYoungToErase(RefusedError):
    sentence = "This recording is kept for {days} days after its session ended. It may be erased in {left} days."


class HeldFromErase(RefusedError):
    sentence = "This recording is under a legal hold ({reason}). It cannot be erased."


class ErasedAlready(RefusedError):
    sentence = "This recording was erased already. There is nothing left to hold."


class SecondPersonNeeded(RefusedError):
    sentence = "Somebody other than the one who asked has to confirm this."


class RequestNotOpen(RefusedError):
    sentence = "There is no such request, or it was answered already."


class ReasonMissing(InputError):
    sentence = "Say why: whoever confirms it will read the reason."


@dataclass(frozen=True)
class ClassState:
    """How many sessions of a class are kept, how many of them are held, and how many may be erased."""

    retention: Retention
    floor_days: int
    kept: int
    held: int
    due: int


EraseStep = Callable[[bytes], Awaitable[None]]
"""Something else that knows a session and must forget it: an index, the log's `erase` leaf. Twice is the same."""


class Retainer:
    """Classes, floors, holds, requests of two people, and the erase itself."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: SqlSessions,
        requests: SqlRequests,
        key_backups: SqlKeyBackups,
        store: SealedStore,
        keys: SessionKeys,
        feed: BrokerFeed,
        views: Views,
        clock: Clock,
        also: Sequence[EraseStep] = (),
        brought_back: EraseStep | None = None,
    ) -> None:
        """`brought_back` hears of a session whose erase was known from the log alone, and that nobody wants erased."""
        self._database = database
        self._sessions = sessions
        self._requests = requests
        self._key_backups = key_backups
        self._store = store
        self._keys = keys
        self._feed = feed
        self._views = views
        self._clock = clock
        self._also = also
        self._brought_back = brought_back
        self._erasing = asyncio.Lock()
        """Held while it is decided between a hold and an erase."""
        self._carrying_out: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    # ── classes and holds ──

    async def set_class(self, who: Auditor, session_id: bytes, retention: Retention, reason: str) -> None:
        await self._views.note(who, session_id, "retention", f"{retention}: {reason}")
        await self._sessions.set_retention(session_id, retention)

    async def set_hold(self, who: Auditor, session_id: bytes, reason: str) -> None:
        """Raises ErasedAlready."""
        await self._views.note(who, session_id, "hold", reason)
        async with self._erasing:
            known = await self._sessions.find(session_id)
            if known is not None and self._is_gone(known):
                raise ErasedAlready
            await self._sessions.set_hold(session_id, reason)

    async def lift_hold(self, who: Auditor, session_id: bytes, because: str) -> None:
        await self._views.note(who, session_id, "lift-hold", because)
        await self._sessions.set_hold(session_id, None)

    async def classes(self) -> list[ClassState]:
        now_ms = self._clock.unix_ms()
        return [
            ClassState(retention, days, *await self._sessions.count_of(retention, now_ms - days * DAY_MS))
            for retention, days in FLOOR_DAYS.items()
        ]

    async def due(self) -> list[KnownSession]:
        """Past their floor, not held: what may be erased."""
        now_ms = self._clock.unix_ms()
        found = []
        for retention, days in FLOOR_DAYS.items():
            found += await self._sessions.all_of(retention, now_ms - days * DAY_MS)
        return found

    # ── two people ──

    async def ask(self, who: Auditor, kind: Kind, session: KnownSession, reason: str) -> Request:
        """Raises ReasonMissing, TooYoungToErase, HeldFromErase."""
        reason = " ".join(reason.split())[:500]
        if not reason:
            raise ReasonMissing
        if kind == "erase":
            self._check_erasable(session)
        request = await self._requests.add(kind, session.session_id, reason, who.user_name, self._clock.unix_ms())
        log.info("request_made", request=request.request_id, kind=kind, user=who.user_name)
        return request

    async def confirm(self, who: Auditor, request_id: int) -> Request:
        """An erase is carried out before this returns, if everything that has to take part in it answers.

        Raises SecondPersonNeeded, RequestNotOpen, TooYoungToErase, HeldFromErase.
        """
        request = await self._answer(who, request_id, confirmed=True)
        if request.kind == "erase":
            await self.carry_out(request)
        return await self._found(request_id)

    async def refuse(self, who: Auditor, request_id: int) -> Request:
        """Raises SecondPersonNeeded, RequestNotOpen."""
        request = await self._answer(who, request_id, confirmed=False)
        if request.kind == "erase" and request.asked_by == FROM_LOG:
            await self._bring_back(request.session_id)
        return request

    async def fetch_export(self, who: Auditor, request_id: int) -> Request:
        """An export that somebody else confirmed within the last day, for the one who asked. Raises RequestNotOpen."""
        request = await self._requests.find(request_id)
        late = request is not None and self._clock.unix_ms() - (request.answered_at_ms or 0) > EXPORT_LIFE_MS
        if (
            request is None or late or request.kind != "export"
            or request.state != "confirmed" or request.asked_by != who.user_name
        ):  # fmt: skip
            raise RequestNotOpen
        await self._views.note(who, request.session_id, "export", request.reason)
        return request

    async def _answer(self, who: Auditor, request_id: int, *, confirmed: bool) -> Request:
        request = await self._found(request_id)
        if request.asked_by == who.user_name:
            raise SecondPersonNeeded
        if confirmed and request.kind == "erase":
            session = await self._sessions.find(request.session_id)
            if session is None:
                raise RequestNotOpen
            self._check_erasable(session)
            await self._views.note(who, request.session_id, "erase", request.reason)
        state: State = "confirmed" if confirmed else "refused"
        if not await self._requests.answer(request_id, state, who.user_name, self._clock.unix_ms()):
            raise RequestNotOpen
        log.info("request_answered", request=request_id, kind=request.kind, user=who.user_name, state=state)
        return await self._found(request_id)

    async def _found(self, request_id: int) -> Request:
        request = await self._requests.find(request_id)
        if request is None:
            raise RequestNotOpen
        return request

    def _check_erasable(self, session: KnownSession) -> None:
        if session.held is not None:
            raise HeldFromErase(reason=session.held)
        days = FLOOR_DAYS[session.retention]
        until_ms = (session.ended_at_ms or self._clock.unix_ms()) + days * DAY_MS
        left_ms = until_ms - self._clock.unix_ms()
        if left_ms > 0:
            raise TooYoungToErase(days=days, left=-(-left_ms // DAY_MS))

    # ── the erase ──

    async def run(self) -> None:
        """Carries out what was confirmed and could not be done at once."""
        # A stop came between an answer and what follows from it.
        for session_id in await asyncio.to_thread(self._store.all_aside):
            if not await self._requests.has_erase(session_id):
                await self._bring_back(session_id)
        while True:
            for request in await self._requests.confirmed_erases():
                await self.carry_out(request)
            await asyncio.sleep(AGAIN_AFTER_SECONDS)

    async def carry_out(self, request: Request) -> None:
        """Each step is the same when it is done twice. The mark here comes first, the request is `done` last."""
        # But not at once: who has confirmed it and `run` would each miss files that the other has just destroyed.
        async with self._carrying_out.setdefault(request.session_id, asyncio.Lock()):
            known = await self._requests.find(request.request_id)
            if known is not None and known.state == "confirmed":
                await self._carry_out(request)

    async def _carry_out(self, request: Request) -> None:
        session_id, now_ms = request.session_id, self._clock.unix_ms()
        try:
            if not await self._begin(request, now_ms):
                return
            await asyncio.to_thread(self._keys.destroy, session_id)
            for step in self._also:
                await step(session_id)
            await self._destroy_in_backups(session_id)
            await self._feed.erase(session_id)
            await self._database.forget_deleted()
        except (ConsentryError, OSError) as error:
            log.error("erase_not_finished", session=session_id.hex(), problem=str(error))
            return
        await self._requests.done(request.request_id, self._clock.unix_ms())
        log.info("recording_erased", session=session_id.hex(), request=request.request_id)

    async def _begin(self, request: Request, now_ms: int) -> bool:
        """The step after which there is no way back; a hold that came since it was confirmed has won before it."""
        session_id = request.session_id
        async with self._erasing:
            known = await self._sessions.find(session_id)
            if known is not None and known.held is not None and not self._is_gone(known):
                await self._requests.set_aside(request.request_id, now_ms)
                log.warning("erase_set_aside", session=session_id.hex(), request=request.request_id, because="hold")
                return False
            await asyncio.to_thread(self._store.erase, session_id, now_ms)
            await self._sessions.was_erased(session_id, now_ms)  # from here on nothing new is written of it
            return True

    def _is_gone(self, known: KnownSession) -> bool:
        """For good: what is set aside is not yet."""
        return known.erased_at_ms is not None and not self._store.is_aside(known.session_id)

    async def _bring_back(self, session_id: bytes) -> None:
        """What was set aside on the log's word, and that somebody says was not erased."""
        await asyncio.to_thread(self._store.bring_back, session_id)
        await asyncio.to_thread(self._keys.bring_back, session_id)
        await self._sessions.is_back(session_id)
        log.warning("recording_brought_back", session=session_id.hex())
        if self._brought_back is not None:
            await self._brought_back(session_id)

    async def _destroy_in_backups(self, session_id: bytes) -> None:
        for folder in await self._key_backups.folders():
            if not await asyncio.to_thread(_destroy_in, Path(folder), session_id):
                # Kept somewhere else, as it should be: the next backup into that folder destroys it there.
                log.warning("key_backup_not_reached", session=session_id.hex(), folder=folder)


def _destroy_in(folder: Path, session_id: bytes) -> bool:
    if not folder.is_dir():
        return False
    for suffix in ("epochs", "key"):
        destroy_file(folder / f"{session_id.hex()}.{suffix}", Durability())
    return True
