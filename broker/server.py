"""One port: uvicorn with TLS, and the relay's legs beside the API."""

import asyncio
import os
import signal
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import structlog
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from broker.app import Broker, make_broker
from broker.config import Settings
from broker.http_api.heads import BoundedHeads
from broker.organisation.folder import OrganisationFolder
from broker.relay.upgrade import relay_websocket_protocol
from protocol.errors import InputError
from serving.clock import Clock
from serving.identity.passwords import Passwords

log = structlog.get_logger(__name__)

WEBSOCKET_LIMIT_BYTES = 300 * 1024
"""A sealed record is at most 256 KiB; everything else has a smaller limit of its own."""

PING_SECONDS = 15.0
PONG_SECONDS = 30.0
"""A control connection without a sign of life for 45 s is dead, as for streams."""

GRACE_SECONDS = 5
"""How long open requests may take to finish once the process was told to stop."""

CONNECTIONS_WAITING = 1024

EXIT_DISK_FAILED = os.EX_IOERR
"""74: what is on the disk is not known any more; a supervisor starts the process again, which verifies it."""


class AddressInUse(InputError):
    sentence = "The broker cannot listen on {host} port {port}: {problem}."


class TlsFileUnusable(InputError):
    sentence = "The TLS certificate {certificate} with the key {key} cannot be used: {problem}."


class BrokerServer:
    """A broker that listens while the `async with` block runs; `serve` for a process of its own.

    `port` is the one that it listens on, also when the settings say 0. Raises the errors of `make_broker`, AddressInUse
    and TlsFileUnusable, before anything listens.
    """

    def __init__(self, settings: Settings, *, clock: Clock | None = None, passwords: Passwords | None = None) -> None:
        self.failed = False
        self.broker: Broker = make_broker(settings, on_fatal=self._disk_failed, clock=clock, passwords=passwords)
        tls_files = _tls_files(settings)
        self._socket = _listen(settings.listen_host, settings.listen_port)
        self.port: int = self._socket.getsockname()[1]
        proxies = settings.trusted_proxies
        door = relay_websocket_protocol(self.broker.relay, WebSocketsSansIOProtocol)
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                self.broker.app,
                http=BoundedHeads,
                ws=cast("type[asyncio.Protocol]", door),  # it is a BufferedProtocol, which asyncio takes as well
                ws_max_size=WEBSOCKET_LIMIT_BYTES,
                ws_per_message_deflate=False,  # what is sealed does not shrink, and what is not is small
                ws_ping_interval=PING_SECONDS,
                ws_ping_timeout=PONG_SECONDS,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies or None,
                timeout_graceful_shutdown=GRACE_SECONDS,
                ssl_certfile=tls_files and tls_files[0],
                ssl_keyfile=tls_files and tls_files[1],
            )
        )
        self._serving: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until `stop`, or until the disk fails."""
        log.info("broker_listening", port=self.port, origin=self.broker.services.organisation.profile.broker_origin)
        await self._uvicorn._serve([self._socket])
        log.info("broker_stopped")

    @property
    def stopped(self) -> bool:
        return self._serving is not None and self._serving.done()

    @property
    def loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """uvloop, where there is one."""
        return self._uvicorn.config.get_loop_factory()

    def stop(self) -> None:
        self._uvicorn.should_exit = True

    async def __aenter__(self) -> Self:
        self._serving = asyncio.create_task(self.run(), name="broker")
        while not self._uvicorn.started:
            if self._serving.done():
                await self._serving
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        assert self._serving is not None
        await self._serving

    def _disk_failed(self, error: Exception) -> None:
        log.critical("disk_failed", problem=str(error))
        self.failed = True
        self.stop()


def serve(settings: Settings) -> int:
    """Runs a broker until SIGINT or SIGTERM; answers the exit status. Raises as `BrokerServer`."""
    server = BrokerServer(settings)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
        await server.run()

    with asyncio.Runner(loop_factory=server.loop_factory) as runner:
        try:
            runner.run(run())
        except SystemExit:
            # uvicorn leaves with a status of its own when its start fails; a disk that failed then is still a disk
            # that failed.
            if not server.failed:
                raise
    return EXIT_DISK_FAILED if server.failed else 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=CONNECTIONS_WAITING,
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise AddressInUse(host=host, port=port, problem=error.strerror or error) from None
    listener.setblocking(False)
    return listener


def _tls_files(settings: Settings) -> tuple[Path, Path] | None:
    """Certificate and key that are known to fit, or None for no TLS."""
    if settings.tls == "off":
        return None
    if settings.tls == "own":
        folder = OrganisationFolder(settings.data_folder)
        certificate, key = folder.tls_certificate, folder.tls_key
    else:
        assert settings.tls_certificate is not None
        assert settings.tls_key is not None
        certificate, key = settings.tls_certificate, settings.tls_key
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise TlsFileUnusable(certificate=certificate, key=key, problem=error.strerror or error) from None
    return certificate, key
