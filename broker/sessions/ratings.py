"""The customer's rating: first in time, signed, and not older than what is kept."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from audit.ingest import SessionNotOpenError
from broker.sessions.session import Session, SessionRating, SessionStore
from protocol.messages.agent import RateSession
from protocol.ratings import check_rating_time, verify_rating
from serving.clock import Clock

log = structlog.get_logger(__name__)


class RatingsBesideRecords(Protocol):
    """What ratings need of the record store."""

    async def keep_rating(self, session_id: bytes, rating: RateSession, now_ms: int) -> None: ...


class Ratings:
    """Keeps each session's rating, in the database and beside the recording."""

    def __init__(
        self,
        store: SessionStore,
        records: RatingsBesideRecords,
        clock: Clock,
        *,
        when_kept: Callable[[bytes], None] = lambda _session_id: None,
    ) -> None:
        """`when_kept` hears of every session whose rating is another one, on the disk."""
        self._store = store
        self._records = records
        self._clock = clock
        self._when_kept = when_kept
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, session_id: bytes, message: RateSession) -> Session | None:
        """Verified, in time, on disk. None for a session that does not exist.

        The same answer again is kept already, also when it comes late: its sender was not told the first time.
        Raises RatingForged, RatingLate, RatingOlder.
        """
        session = await self._store.find(session_id)
        if session is None:
            return None
        verify_rating(session.agent_key, session_id, message)
        rating = SessionRating(message.stars, message.solved, message.comment, message.rated_at_ms)
        now_ms = self._clock.unix_ms()
        async with self._one_at_a_time:
            kept = await self._store.rating(session_id)
            if kept == rating:
                return session
            check_rating_time(
                rated_at_ms=rating.rated_at_ms,
                newest_ms=kept.rated_at_ms if kept else None,
                ended_at_ms=session.ended_at_ms,
                now_ms=now_ms,
            )
            # First beside the recording: where that was erased, nothing is to be known of the customer's words.
            with suppress(SessionNotOpenError):  # nothing was ever recorded: there is no recording to keep it beside
                await self._records.keep_rating(session_id, message, now_ms)
            await self._store.keep_rating(session_id, rating, message.signature)
            log.info("session_rated", session=session_id.hex(), stars=message.stars)
        self._when_kept(session_id)
        return session
