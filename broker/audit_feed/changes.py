"""What the audit service is told of a session that changed, and what it may have forgotten."""

from dataclasses import dataclass
from typing import Protocol

from broker.sessions.session import Note, Session, SessionRating


@dataclass(frozen=True)
class ChangedSession:
    """A session as it is now. `change` rises with every change of any session."""

    change: int
    session: Session
    notes: list[Note]
    rating: SessionRating | None


class ChangedSessions(Protocol):
    """The sessions, by the order of their changes."""

    async def after(self, change: int, limit: int) -> list[ChangedSession]:
        """Those that changed after that change, each once, in the order of their last change."""
        ...

    async def newest(self) -> int:
        """The last number that was given to a change; 0 before the first."""
        ...

    async def forget_words(self, session_id: bytes) -> None:
        """Removes what people wrote about a session whose recording is erased: notes, whispers, why it was stopped,
        and the rating's comment. On the disk when this returns."""
        ...
