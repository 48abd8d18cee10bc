"""What the broker knows of a session, and what it needs of a storage.

waiting --an engineer paired--> paired --the customer allowed something--> live
   └────────────────┴─────────────────────────┴──── for one of the reasons of EndReason ──> ended
"""

import hashlib
from dataclasses import dataclass, field
from typing import Literal, Protocol

from protocol.errors import PeerError, RefusedError
from protocol.grants import Scope
from protocol.messages.fields import EndReason, Language

SessionState = Literal["waiting", "paired", "live", "ended"]


class SessionUnknown(RefusedError):
    sentence = "There is no such session, or it is not yours."


class SessionTokenWrong(RefusedError):
    sentence = "This session is not known here or its token is wrong. Start a new session."


class SessionOver(RefusedError):
    sentence = "This session is over."


class NotInAnyMore(RefusedError):
    sentence = "You are not in this session any more, and others are. Only who is in ends it; a supervisor says why."


class NoteUnknown(RefusedError):
    sentence = "There is no such note, or it is not yours."


class NoteChanged(RefusedError):
    sentence = "This note was changed elsewhere meanwhile. Look at it again before you change it."


class NoteClosed(RefusedError):
    sentence = "A note can be changed for {hours} hours, and this one is older. Write another one."


class TooManySessions(RefusedError):
    sentence = "Too many sessions are open at this time. Try again later."


class GatewayNotGranted(RefusedError):
    sentence = "The customer has not allowed an SSH program of your own in this session."


class EngineerBusy(RefusedError):
    sentence = "You take part in {count} sessions already. End one, then try again."


@dataclass(frozen=True)
class Participation:
    """One pairing of one engineer. `number` counts the session's pairings from 1; scopes are what is allowed now.

    `login` is the hash of the login's token under which they paired; `team` the one that they were in then, empty for
    none.
    """

    number: int
    user_id: int
    name: str
    staff_number: str
    paired_at_ms: int
    team: str = ""
    scopes: tuple[Scope, ...] = ()
    expires_at_ms: int = 0
    login: bytes | None = None


@dataclass(frozen=True)
class Stop:
    """A supervisor had the session of others ended: who, and why in their words. Told to the customer as it stands."""

    name: str
    staff_number: str
    why: str


@dataclass
class Session:
    """`token_hash` is SHA-256 of the session token; `tier` is of the request that it serves, empty without one.

    Times are Unix milliseconds.
    """

    session_id: bytes
    agent_key: bytes
    token_hash: bytes
    language: Language
    opened_at_ms: int
    state: SessionState = "waiting"
    ended_at_ms: int | None = None
    end_reason: EndReason | None = None
    record_count: int | None = None
    stop: Stop | None = None
    tier: str = ""
    participants: list[Participation] = field(default_factory=list)

    def participant(self, user_id: int) -> Participation | None:
        """The newest pairing of this engineer."""
        return next((p for p in reversed(self.participants) if p.user_id == user_id), None)

    def is_ended_by(self, user_id: int) -> bool:
        """May they end it as its engineer? Who is in may; while nobody is, whoever has paired."""
        inside = [participant for participant in self.participants if participant.scopes]
        return any(participant.user_id == user_id for participant in inside or self.participants)

    def paired_as(self, staff_number: str) -> Participation:
        """The newest pairing under this number. Raises PeerError: an agent only names those who have paired."""
        for participant in reversed(self.participants):
            if participant.staff_number == staff_number:
                return participant
        raise PeerError(problem="word of an engineer who has not paired")


NOTE_CHANGE_HOURS = 12
"""How long a note can be changed: the shift in which it was written."""


@dataclass(frozen=True)
class Note:
    """`written_at_ms` is when it was begun."""

    note_id: int
    user_id: int
    author: str
    staff_number: str
    written_at_ms: int
    text: str

    @property
    def version(self) -> str:
        """Another for every other text. A change has to name it, so that nobody overwrites what they have not seen."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class SessionRating:
    stars: int
    solved: bool | None
    comment: str
    rated_at_ms: int


class SessionStore(Protocol):
    """Each method returns when its change is on the disk; a crash at any point leaves all of one call or nothing."""

    async def add(self, session: Session) -> None: ...

    async def find(self, session_id: bytes) -> Session | None: ...

    async def unended(self) -> list[Session]: ...

    async def of_engineer(
        self,
        user_id: int | None,
        states: tuple[SessionState, ...],
        limit: int,
        before: bytes | None = None,
        team: str | None = None,
    ) -> list[Session]:
        """The newest first; of everybody for None. `before` is the last one of the page before.

        `team`: with somebody in it who was of that one, or of none if it is empty.
        """
        ...

    async def add_participant(self, session_id: bytes, participant: Participation) -> None:
        """Makes a waiting session `paired`."""
        ...

    async def keep_grant(self, session_id: bytes, number: int, scopes: tuple[Scope, ...], expires_at_ms: int) -> None:
        """Makes a session with any scope `live`."""
        ...

    async def keep_tier(self, session_id: bytes, tier: str) -> None: ...

    async def keep_stop(self, session_id: bytes, stop: Stop) -> None: ...

    async def end(self, session_id: bytes, reason: EndReason, record_count: int | None, ended_at_ms: int) -> None:
        """Only the first end of a session is kept."""
        ...

    async def add_note(self, session_id: bytes, user_id: int, text: str, written_at_ms: int) -> Note: ...

    async def change_note(
        self, session_id: bytes, note_id: int, user_id: int, *, version: str, text: str, not_before_ms: int
    ) -> Note:
        """Raises NoteUnknown for any but one's own, NoteChanged where the version is another, NoteClosed for one that
        was begun before."""
        ...

    async def notes(self, session_id: bytes) -> list[Note]: ...

    async def keep_rating(self, session_id: bytes, rating: SessionRating, signature: bytes) -> None:
        """The newest rating of a session replaces the one before."""
        ...

    async def rating(self, session_id: bytes) -> SessionRating | None: ...
