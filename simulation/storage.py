"""A model of the broker's database: each call is one transaction, durable from some instant during the call on.

A crash before that instant leaves nothing of it, one after it leaves all of it, and whoever called never hears which.
SQLite itself is not simulated: its own authors do that better.
"""

import asyncio
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from audit.log import EntryKey, LogBroken
from broker.organisation.engineers import Engineer
from broker.pairing.board import ClosedCode
from broker.requests.request import Asked, HelpRequest, RequestState
from broker.sessions.session import Note, Participation, Session, SessionRating, SessionState, Stop
from protocol.grants import Scope
from protocol.messages.fields import EndReason
from protocol.messages.pairing import PairingOutcome
from serving.identity.events import IdentityEvent
from serving.identity.login import Caller, NotLoggedIn
from simulation.disk import Disk
from simulation.loop import VirtualLoop
from simulation.threads import thread_sleep

COMMIT_SECONDS = (0.0005, 0.01)

T = TypeVar("T")


@dataclass
class Nameplate:
    """One code that was opened under a number."""

    nameplate: str
    session_id: bytes
    closed_at_ms: int | None = None


@dataclass
class Database:
    """Outlives the broker's incarnations."""

    loop: VirtualLoop
    disk: Disk
    users: dict[str, Engineer]
    events: list[IdentityEvent] = field(default_factory=list)
    sessions: dict[bytes, Session] = field(default_factory=dict)
    ratings: dict[bytes, SessionRating] = field(default_factory=dict)
    nameplates: list[Nameplate] = field(default_factory=list)
    checkpoint: bytes | None = None
    log_entries: dict[EntryKey, int] = field(default_factory=dict)

    async def aclose(self) -> None:
        """It outlives whoever uses it."""

    async def transact(self, change: Callable[[], T]) -> T:
        seconds = self.loop.dice.uniform(*COMMIT_SECONDS) * self.disk.slowness
        share = self.loop.dice.random()
        await asyncio.sleep(seconds * share)
        result = copy.deepcopy(change())
        await asyncio.sleep(seconds * (1 - share))
        return result


class ModelSessions:
    """A `SessionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        kept = copy.deepcopy(session)
        await self._database.transact(lambda: self._database.sessions.__setitem__(session.session_id, kept))

    async def find(self, session_id: bytes) -> Session | None:
        return await self._database.transact(lambda: self._database.sessions.get(session_id))

    async def unended(self) -> list[Session]:
        sessions = self._database.sessions
        return await self._database.transact(lambda: [s for s in sessions.values() if s.state != "ended"])

    async def of_engineer(
        self,
        user_id: int | None,
        states: tuple[SessionState, ...],
        limit: int,
        before: bytes | None = None,
        team: str | None = None,
    ) -> list[Session]:
        sessions = self._database.sessions.values()
        return await self._database.transact(
            lambda: [
                s
                for s in sessions
                if (user_id is None or s.participant(user_id)) and s.state in states and s.session_id != before
                if team is None or any(one.team == team for one in s.participants)
            ][-limit:]
        )

    async def add_participant(self, session_id: bytes, participant: Participation) -> None:
        def change() -> None:
            session = self._database.sessions[session_id]
            session.participants.append(participant)
            if session.state == "waiting":
                session.state = "paired"

        await self._database.transact(change)

    async def keep_tier(self, session_id: bytes, tier: str) -> None:
        await self._database.transact(lambda: setattr(self._database.sessions[session_id], "tier", tier))

    async def keep_stop(self, session_id: bytes, stop: Stop) -> None:
        await self._database.transact(lambda: setattr(self._database.sessions[session_id], "stop", stop))

    async def keep_grant(self, session_id: bytes, number: int, scopes: tuple[Scope, ...], expires_at_ms: int) -> None:
        def change() -> None:
            session = self._database.sessions[session_id]
            session.participants[number - 1] = replace(
                session.participants[number - 1], scopes=scopes, expires_at_ms=expires_at_ms
            )
            if scopes and session.state != "ended":
                session.state = "live"

        await self._database.transact(change)

    async def end(self, session_id: bytes, reason: EndReason, record_count: int | None, ended_at_ms: int) -> None:
        def change() -> None:
            session = self._database.sessions[session_id]
            if session.state != "ended":
                session.state, session.end_reason = "ended", reason
                session.record_count, session.ended_at_ms = record_count, ended_at_ms

        await self._database.transact(change)

    async def add_note(self, session_id: bytes, user_id: int, text: str, written_at_ms: int) -> Note:
        raise NotImplementedError

    async def change_note(
        self, session_id: bytes, note_id: int, user_id: int, *, version: str, text: str, not_before_ms: int
    ) -> Note:
        raise NotImplementedError

    async def notes(self, session_id: bytes) -> list[Note]:
        raise NotImplementedError

    async def keep_rating(self, session_id: bytes, rating: SessionRating, signature: bytes) -> None:  # noqa: ARG002
        await self._database.transact(lambda: self._database.ratings.__setitem__(session_id, rating))

    async def rating(self, session_id: bytes) -> SessionRating | None:
        return self._database.ratings.get(session_id)


class ModelNameplates:
    """A `NameplateStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, nameplate: str, session_id: bytes, opened_at_ms: int) -> None:
        del opened_at_ms
        plate = Nameplate(nameplate, session_id)
        await self._database.transact(lambda: self._database.nameplates.append(plate))

    async def closed(self, nameplate: str, outcome: PairingOutcome, closed_at_ms: int) -> None:
        del outcome

        def change() -> None:
            for plate in self._open():
                if plate.nameplate == nameplate:
                    plate.closed_at_ms = closed_at_ms

        await self._database.transact(change)

    async def close_all(self, outcome: PairingOutcome, closed_at_ms: int) -> list[tuple[str, bytes]]:
        del outcome

        def change() -> list[tuple[str, bytes]]:
            plates = self._open()
            for plate in plates:
                plate.closed_at_ms = closed_at_ms
            return [(plate.nameplate, plate.session_id) for plate in plates]

        return await self._database.transact(change)

    async def closed_since(self, unix_ms: int) -> list[ClosedCode]:
        return await self._database.transact(
            lambda: [
                ClosedCode(plate.nameplate, plate.closed_at_ms)
                for plate in self._database.nameplates
                if plate.closed_at_ms is not None and plate.closed_at_ms > unix_ms
            ]
        )

    async def forget_before(self, unix_ms: int) -> None:
        def change() -> None:
            self._database.nameplates[:] = [
                plate
                for plate in self._database.nameplates
                if plate.closed_at_ms is None or plate.closed_at_ms >= unix_ms
            ]

        await self._database.transact(change)

    def _open(self) -> list[Nameplate]:
        return [plate for plate in self._database.nameplates if plate.closed_at_ms is None]


class ModelLedger:
    """A log's `Ledger`, called by the log's thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self) -> None:
        """It is."""

    def newest(self) -> bytes | None:
        return self._database.checkpoint

    def swap(self, old: bytes | None, new: bytes, made: Mapping[EntryKey, int]) -> None:
        database = self._database
        seconds = database.loop.dice.uniform(*COMMIT_SECONDS) * database.disk.slowness
        share = database.loop.dice.random()
        thread_sleep(seconds * share)
        if database.checkpoint != old:
            raise LogBroken(problem="somebody else has appended to it")
        database.checkpoint = new
        database.log_entries |= made
        thread_sleep(seconds * (1 - share))

    def place_of(self, key: EntryKey) -> int | None:
        return self._database.log_entries.get(key)

    def subjects_without(self, kind: int, other_kind: int) -> list[bytes]:
        entries = self._database.log_entries
        return [key.subject for key in entries if key.kind == kind and EntryKey(other_kind, key.subject) not in entries]

    def close(self) -> None:
        """It outlives whoever uses it."""


class ModelUsers:
    """As much of a `UserStore` as a running broker asks for: who there is, and who is disabled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Engineer]:
        return await self._database.transact(lambda: list(self._database.users.values()))

    async def disabled(self) -> set[int]:
        return set()

    async def seal_secrets(self) -> int:
        return 0


class ModelEvents:
    """What is decided is written down; nobody reads it here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, event: IdentityEvent) -> None:
        await self._database.transact(lambda: self._database.events.append(event))


class ModelLogins:
    """Everybody is logged in already: the token is the user's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def revoked_among(self, _logins: object) -> set[bytes]:
        return set()

    async def authenticate(self, token: str, _address: str, *, by_person: bool) -> Caller[Engineer]:  # noqa: ARG002 — nobody is idle here
        user = await self._database.transact(lambda: self._database.users.get(token))
        if user is None:
            raise NotLoggedIn
        return Caller(user, b"", 2**52)


class NobodyAsks:
    """A `RequestStore` whose queue stays empty: the customers of the simulation have called somebody already."""

    async def add(self, asked: Asked, asked_at_ms: int) -> HelpRequest:
        raise NotImplementedError

    async def find(self, request_id: int) -> HelpRequest | None:
        raise NotImplementedError

    async def open_requests(self) -> list[HelpRequest]:
        return []

    async def of_session(self, session_id: bytes) -> HelpRequest | None:
        raise NotImplementedError

    async def ended_since(self, unix_ms: int) -> list[HelpRequest]:
        raise NotImplementedError

    async def ended_after(self, end_number: int, limit: int) -> list[HelpRequest]:
        raise NotImplementedError

    async def newest_end(self) -> int:
        raise NotImplementedError

    async def take(self, request_id: int, user_id: int, name: str, staff_number: str, at_ms: int) -> bool:
        raise NotImplementedError

    async def give_back(self, request_id: int) -> None:
        raise NotImplementedError

    async def end(self, request_id: int, state: RequestState, at_ms: int, session_id: bytes | None = None) -> bool:
        raise NotImplementedError

    async def forget_before(self, unix_ms: int) -> None:
        """There is nothing to forget."""
