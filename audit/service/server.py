"""One port: uvicorn with TLS."""

from pathlib import Path

import structlog

from audit.service.app import AuditService, make_audit_service
from audit.service.config import AuditSettings
from audit.service.setup import tls_files
from serving.clock import Clock
from serving.http.server import HttpServer
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords

log = structlog.get_logger(__name__)


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
    """Runs an audit service until SIGINT or SIGTERM. Raises as `AuditServer`."""
    AuditServer(settings).serve()
    return 0


def _tls_files(settings: AuditSettings) -> tuple[Path, Path] | None:
    if settings.tls == "off":
        return None
    if settings.tls == "own":
        return tls_files(settings.data_folder)
    assert settings.tls_certificate is not None
    assert settings.tls_key is not None
    return settings.tls_certificate, settings.tls_key
