"""Follows the broker's queue: each request for help that ended, for the reports. What customers said stays there."""

from audit.service.broker_feed import BrokerFeed
from audit.storage.ended_requests import SqlEndedRequests
from protocol.details import Detail
from protocol.errors import PeerError
from serving.clock import Clock

KEPT_MS = 731 * 24 * 3_600_000
"""Two years, so that a month can be held against the same one of the year before."""


class RequestPull:
    """Reads on, page after page, as its loop has it (`pull_loop.py`)."""

    def __init__(self, feed: BrokerFeed, requests: SqlEndedRequests, clock: Clock) -> None:
        self._feed = feed
        self._requests = requests
        self._clock = clock

    async def pull(self) -> None:
        """Everything that is new. Raises as `BrokerFeed.ended_requests`, PeerError for numbers that do not rise."""
        after = await self._requests.cursor()
        while (page := await self._feed.ended_requests(after)) is not None:
            if page.newest < after:
                after = 0  # it was restored from a copy, or has forgotten all: what it keeps is asked for once more
            elif page.requests:
                if not after < page.cursor <= page.newest:
                    raise PeerError(
                        problem=Detail(
                            "the broker tells of requests up to {cursor} after {after}", cursor=page.cursor, after=after
                        )
                    )
                after = page.cursor
                await self._requests.forget_before(self._clock.unix_ms() - KEPT_MS)
            else:
                return
            await self._requests.keep_page(page.requests, after)
