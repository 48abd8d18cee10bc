"""Follows what the broker decides about people and their logins, into the journal.

The broker keeps a bounded number of decisions. Its numbers rise one by one, so that what it dropped before it was
pulled is noticed, and told as an event of its own.
"""

import re

import structlog

from audit.service.broker_feed import BrokerFeed, RemoteDecision
from audit.storage.journal import Happening, SqlJournal
from serving.clock import Clock

log = structlog.get_logger(__name__)

KEPT_ENTRIES = 500_000
"""Of the journal; the oldest go first."""

_SESSION_ID = re.compile(r"[0-9a-f]{32}")


class DecisionPull:
    """Reads on, page after page, as its loop has it (`pull_loop.py`)."""

    def __init__(self, feed: BrokerFeed, journal: SqlJournal, clock: Clock) -> None:
        self._feed = feed
        self._journal = journal
        self._clock = clock

    async def pull(self) -> None:
        """Everything that is new. Raises as `BrokerFeed.decisions`."""
        while True:
            after = await self._journal.broker_cursor()
            page = await self._feed.decisions(after)
            if page is None:
                return  # a broker of an earlier version, which tells nobody
            if page.newest < after:
                # It was restored from a copy: what it decides from now on has numbers that were used before.
                await self._missing(f"{page.newest}..{after}", first=page.newest + 1, last=after)
                await self._journal.keep_page([], page.newest)
                continue
            if not page.events:
                return
            first = page.events[0].event_id
            if after and first > after + 1:
                await self._missing(f"{after + 1}..{first - 1}", first=after + 1, last=first - 1)
            last = page.events[-1].event_id
            await self._journal.keep_page([_happening(one) for one in page.events], last)
            if last // 1000 != after // 1000:
                await self._journal.keep_newest(KEPT_ENTRIES)

    async def _missing(self, key: str, *, first: int, last: int) -> None:
        log.error("broker_decisions_missing", first=first, last=last)
        facts: dict[str, str | int | bool] = {"source": "broker", "first": first, "last": last}
        key, now_ms = f"missing:{key}", self._clock.unix_ms()
        await self._journal.add(
            Happening(source="audit", source_key=key, at_ms=now_ms, kind="events_missing", facts=facts)
        )


def _happening(one: RemoteDecision) -> Happening:
    """The time is part of the name: a broker that was restored from a copy uses numbers again."""
    session = one.facts.get("session")
    return Happening(
        source="broker",
        source_key=f"{one.event_id}@{one.at_ms}",
        at_ms=one.at_ms,
        kind=one.kind,
        actor=one.actor,
        subject=one.user,
        address=one.address,
        session_id=bytes.fromhex(session) if isinstance(session, str) and _SESSION_ID.fullmatch(session) else None,
        facts=one.facts,
    )
