"""Short messages between the staff of a session that runs: a supervisor to its engineer, and back.

They are about the customer's session and not part of it: the customer does not read them, no recording holds them, and
the broker, which cannot read a session, can read these. They stand where notes stand, and for as long.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from broker.organisation.engineers import Engineer
from broker.sessions.session import Session, SessionOver
from protocol.errors import InputError, RefusedError
from serving.bells import Bells, Listener
from serving.clock import Clock
from serving.limits import KeyedBuckets

TEXT_LIMIT_CHARACTERS = 500
"""What somebody reads at a glance while they work at something else."""

WHISPERS_LIMIT = 500
"""Of one session. Whoever has more to say picks up the phone."""

WHISPERS_PER_MINUTE = 20


class WhispersFull(RefusedError):
    sentence = "So much was whispered about this session that nothing more is taken. Talk on the phone."


class CodeWhispered(InputError):
    """A one-time code, or what looks like one: whoever knows it could come in its place."""

    sentence = "That looks like a one-time code, and the broker must not know one. Read it to your colleague instead."


WhisperKind = Literal["text", "join"]
"""`join`: a supervisor asks for a code, so as to join. It has no words."""

_CODE = re.compile(r"(?<!\d)\d{3,4}([ \u2013-]{0,3})\d{4}([ \u2013-]{0,3})\d{4}(?!\d)")


@dataclass(frozen=True)
class Whisper:
    """`number` counts the session's whispers from 1. Name and staff number are as they were when it was said."""

    number: int
    user_id: int
    name: str
    staff_number: str
    said_at_ms: int
    text: str
    kind: WhisperKind = "text"


class WhisperStore(Protocol):
    async def add(
        self,
        session_id: bytes,
        author: Engineer,
        text: str,
        said_at_ms: int,
        *,
        limit: int,
        kind: WhisperKind = "text",
    ) -> Whisper:
        """On the disk when it returns. Raises WhispersFull where there are `limit` of this session already."""
        ...

    async def after(self, session_id: bytes, number: int) -> list[Whisper]:
        """Those with a higher number, in their order."""
        ...


class Whispers:
    """Who may read and write in a session is asked before."""

    def __init__(self, store: WhisperStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._bells: Bells[bytes] = Bells()
        self._authors: KeyedBuckets[int] = KeyedBuckets(per_minute=WHISPERS_PER_MINUTE, burst=WHISPERS_PER_MINUTE // 2)

    async def say(self, session: Session, author: Engineer, text: str) -> Whisper:
        """Raises SessionOver, TooBusy, WhispersFull, CodeWhispered."""
        if _CODE.search(text):
            raise CodeWhispered
        return await self._add(session, author, text, "text")

    async def ask_to_join(self, session: Session, author: Engineer) -> Whisper:
        """Raises SessionOver, TooBusy, WhispersFull."""
        return await self._add(session, author, "", "join")

    async def _add(self, session: Session, author: Engineer, text: str, kind: WhisperKind) -> Whisper:
        if session.state == "ended":
            raise SessionOver
        self._authors.take(author.user_id, self._clock.monotonic_ms())
        now_ms = self._clock.unix_ms()
        said = await self._store.add(session.session_id, author, text, now_ms, limit=WHISPERS_LIMIT, kind=kind)
        self._bells.ring(session.session_id)
        return said

    async def after(self, session: Session, number: int) -> list[Whisper]:
        return await self._store.after(session.session_id, number)

    def listen(self, session_id: bytes) -> Listener:
        """Is woken by whatever is whispered in that session from now on, and by its end."""
        return self._bells.listen(session_id)

    @property
    def listened_to(self) -> Collection[bytes]:
        return self._bells.listened_to

    def session_ended(self, session_id: bytes) -> None:
        self._bells.ring(session_id)

    def close(self) -> None:
        """The broker stops: nobody waits any more."""
        self._bells.close()
