"""Keeps asking the broker for what it numbers, each part of its feed in a loop of its own."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from protocol.errors import ConsentryError

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 5.0
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0


async def keep_pulling(what: str, pull: Callable[[], Awaitable[None]]) -> None:
    """For ever, through every failure of the broker or the network between; the puller's log tells of those."""
    wait_seconds = FIRST_WAIT_SECONDS
    while True:
        try:
            await pull()
            wait_seconds = FIRST_WAIT_SECONDS
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        except (ConsentryError, SQLAlchemyError, OSError) as error:
            log.debug("not_pulled", what=what, problem=str(error))
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
