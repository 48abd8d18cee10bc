"""A recording that turned out not to be sound: everybody who lists sessions sees it, and security monitors are told."""

import structlog

from audit.storage.journal import Happening, SqlJournal
from audit.storage.sessions import Condition, SqlSessions
from protocol.errors import ConsentryError
from serving.clock import Clock

log = structlog.get_logger(__name__)


class Unsound:
    """For one event loop."""

    def __init__(self, sessions: SqlSessions, journal: SqlJournal, clock: Clock) -> None:
        self._sessions = sessions
        self._journal = journal
        self._clock = clock

    async def found(self, session_id: bytes, condition: Condition, problem: ConsentryError) -> None:
        """By somebody who looked: it was sound when it was read, and is not what was signed any more."""
        if await self._sessions.is_not_sound(session_id, condition, problem):
            log.critical("recording_changed", alert=True, session=session_id.hex(), problem=str(problem))
            await self.tell(session_id, condition)

    async def tell(self, session_id: bytes, condition: str) -> None:
        """For security monitors; once for each condition of a session. Nothing of what it holds: an erase would not
        reach that."""
        happening = Happening(
            source="audit",
            source_key=f"{condition}:{session_id.hex()}",
            at_ms=self._clock.unix_ms(),
            kind="recording_not_sound",
            session_id=session_id,
            facts={"condition": condition},
        )
        await self._journal.add(happening)
