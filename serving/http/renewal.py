"""Takes up a TLS certificate that was renewed, while the server runs: connections that stand keep the one they began
with, new ones get the new one.

The files are looked at, so that whatever renews them need not know of us. A pair that does not fit, as while one of the
two is being written, changes nothing; the next look comes soon. Nor does one that has expired, as out of an old backup.
"""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509

from serving.http.shared_tls import server_context

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 30.0

LATE_SHARE = 6
"""Whatever renews certificates does so when a third or a half of their life is left. When a sixth is, somebody is late:
15 days of ninety, one of six."""

SAY_AGAIN = timedelta(days=1)

Life = tuple[datetime, datetime]
"""From when until when a certificate is valid."""


def life_of_certificate(certificate: Path) -> Life:
    """Of the server's own certificate, the first in its file. Raises OSError and ValueError."""
    first = x509.load_pem_x509_certificate(certificate.read_bytes())
    return first.not_valid_before_utc, first.not_valid_after_utc


def is_late(life: Life, now: datetime) -> bool:
    """Whatever renews it should have by now."""
    begins, ends = life
    return (ends - now) * LATE_SHARE < ends - begins


class CertificateWatch:
    """`take` is given each new context. `now` tells the time of day."""

    def __init__(
        self,
        certificate: Path,
        key: Path,
        take: Callable[[ssl.SSLContext], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._files = (certificate, key)
        self._take = take
        self._now = now
        self._seen = self._stamp()
        self._life = life_of_certificate(certificate)
        self._said: datetime | None = None

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def look(self) -> None:
        stamp = await asyncio.to_thread(self._stamp)
        if stamp != self._seen:
            self._seen = stamp
            await self._renew()
        now = self._now()
        if is_late(self._life, now) and (self._said is None or now - self._said >= SAY_AGAIN):
            self._said = now
            log.warning("tls_certificate_ends", certificate=str(self._files[0]), at=str(self._life[1]))

    async def _renew(self) -> None:
        try:
            context = await asyncio.to_thread(server_context, *self._files)
            life = await asyncio.to_thread(life_of_certificate, self._files[0])
        except (OSError, ValueError) as error:  # ValueError: replaced once more since OpenSSL has read it
            self._refuse(getattr(error, "strerror", None) or str(error))
            return
        if life[1] <= self._now():
            self._refuse(f"it has expired: {life[1]}")
            return
        self._take(context)
        self._life, self._said = life, None
        log.info("tls_certificate_renewed", certificate=str(self._files[0]), until=str(self._life[1]))

    def _refuse(self, problem: str) -> None:
        log.error("tls_certificate_unusable", certificate=str(self._files[0]), problem=problem)

    def _stamp(self) -> list[tuple[int, int, int] | None]:
        """What tells one version of the files from another; links, as `certbot` makes them, are followed."""
        found: list[tuple[int, int, int] | None] = []
        for path in self._files:
            try:
                about = path.stat()
                found.append((about.st_ino, about.st_mtime_ns, about.st_size))
            except OSError:
                found.append(None)
        return found
