"""Enters looks, erases and reviews in the broker's transparency log: commitments, and nothing that is about a person.

They are kept in the service's database, with what they are about, before anybody is answered. Delivery is asked for
again until the broker has said where the entry stands: a broker that is away costs time, and one that did it and died
before it could say so enters nothing twice.
"""

import asyncio
import json

import structlog

from audit.service.broker_feed import BrokerFeed
from audit.storage.log_entries import SqlLogEntries
from audit.storage.requests import SqlRequests
from protocol.errors import ConsentryError

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 1.0
"""Entries are added by whoever has something to enter; nobody waits for their delivery."""

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
BATCH_ENTRIES = 100


class LogEntries:
    """Follows what waits in the database until the broker's log has it."""

    def __init__(self, store: SqlLogEntries, requests: SqlRequests, feed: BrokerFeed) -> None:
        self._store = store
        self._requests = requests
        self._feed = feed

    async def session_erased(self, session_id: bytes) -> None:
        """A step of the erase: on whose word it is carried out. Twice is once."""
        for request in await self._requests.confirmed_erases():
            if request.session_id == session_id:
                order = [
                    session_id.hex(), request.asked_by, request.answered_by, request.reason, request.answered_at_ms
                ]  # fmt: skip
                await self._store.add("erase", session_id.hex(), session_id, json.dumps(order).encode())

    async def run(self) -> None:
        """For ever."""
        wait_seconds = FIRST_WAIT_SECONDS
        while True:
            try:
                await self.deliver()
                wait_seconds = FIRST_WAIT_SECONDS
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            except (ConsentryError, OSError) as error:
                log.warning("log_entries_wait", problem=str(error))
                await asyncio.sleep(wait_seconds)
                wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)

    async def deliver(self) -> None:
        """Everything that waits. Raises as `BrokerFeed.enter`."""
        while waiting := await self._store.waiting(BATCH_ENTRIES):
            places = await asyncio.gather(
                *(self._feed.enter(one.kind, one.session_id, one.commitment) for one in waiting)
            )
            for one, place in zip(waiting, places, strict=True):
                await self._store.delivered(one.entry_id, place)
