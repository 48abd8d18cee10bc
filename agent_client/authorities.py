"""Whose certificates count for an engineer who asks: what the organisation's root has signed by now.

A customer may have shared for hours when somebody asks to come in, and the organisation may have replaced its
engineer CA since: the new one's certificates are to be believed, and those of one that was compromised are not. So the
profile is asked for anew at each request. It can only be a newer one: the root key is pinned, and versions rise. Of it
the engineer CAs alone are taken; everything else of the session goes by the profile with which it began.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from protocol.certificates import EngineerCa
from protocol.errors import ConsentryError
from protocol.profile import Profile
from tunnel.trust import FetchedProfile

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 5.0
"""Somebody waits. A broker that does not answer by then cannot be asked: what is known counts."""

FetchNewer = Callable[[int], Awaitable[FetchedProfile]]
"""Given the version that is known; raises a ConsentryError for an older one, and where nothing can be fetched."""


class Authorities:
    """`note` is the newest profile as the root signed it: with it a receipt proves who came in."""

    def __init__(self, profile: Profile, note: bytes, fetch_newer: FetchNewer | None = None) -> None:
        self._profile = profile
        self.note = note
        self._fetch_newer = fetch_newer

    async def now(self) -> tuple[EngineerCa, ...]:
        """Raises nothing."""
        if self._fetch_newer is not None:
            try:
                async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                    fetched = await self._fetch_newer(self._profile.version)
            except (ConsentryError, OSError, TimeoutError) as error:
                log.warning("profile_not_renewed", problem=str(error))
            else:
                if fetched.profile.version > self._profile.version:
                    log.info("profile_renewed", version=fetched.profile.version)
                    self._profile, self.note = fetched.profile, fetched.note
        return self._profile.engineer_cas
