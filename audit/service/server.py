"""One port: uvicorn with TLS."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from audit.service.app import AuditService, make_audit_service
from audit.service.config import AuditSettings
from audit.service.setup import load_setup, tls_files
from protocol.errors import InputError
from serving.clock import Clock
from serving.http.server import HttpServer
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords

log = structlog.get_logger(__name__)


class AuditServiceRuns(InputError):
    """Another process has the same data folder."""

    sentence = "The audit service in {path} is running already. Stop that one first."


class AuditServer(HttpServer):
    """An audit service that listens. Raises the errors of `make_audit_service` and HttpServer's."""

    def __init__(
        self,
        settings: AuditSettings,
        *,
        clock: Clock | None = None,
        passwords: Passwords | None = None,
        provider_door: Door | None = None,
    ) -> None:
        self.service: AuditService = make_audit_service(
            settings, clock=clock, passwords=passwords, provider_door=provider_door
        )
        super().__init__(
            self.service.app,
            host=settings.listen_host,
            port=settings.listen_port,
            tls=_tls_files(settings),
            tls_renews=settings.tls == "given",
            trusted_proxies=settings.trusted_proxies,
            name="audit",
        )

    def stop(self) -> None:
        """Whoever looks on live would keep the server from ending."""
        self.service.services.indexing.onlookers.close()
        super().stop()

    def listening(self) -> None:
        log.info("audit_listening", port=self.port)

    async def run(self) -> None:
        """Until `stop`."""
        await super().run()
        log.info("audit_stopped")


def serve(settings: AuditSettings) -> int:
    """Runs an audit service until SIGINT or SIGTERM. Raises as `AuditServer`, and AuditServiceRuns."""
    load_setup(settings.data_folder)  # where there is none, that is the first thing to say
    with _alone_in(settings.data_folder):
        AuditServer(settings).serve()
    return 0


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two that append to the same recordings would spoil them. The lock dies with the process."""
    with (folder / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AuditServiceRuns(path=folder) from None
        yield


def _tls_files(settings: AuditSettings) -> tuple[Path, Path] | None:
    if settings.tls == "off":
        return None
    if settings.tls == "own":
        return tls_files(settings.data_folder)
    assert settings.tls_certificate is not None
    assert settings.tls_key is not None
    return settings.tls_certificate, settings.tls_key
