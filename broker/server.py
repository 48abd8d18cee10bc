"""One port: uvicorn with TLS, and the relay's legs beside the API."""

import asyncio
import logging
import os
from typing import cast

import structlog
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.protocol import OPEN, SERVER, Protocol

from broker.app import Broker, make_broker
from broker.config import Settings
from broker.organisation.organisation import check_certificate, tls_files
from broker.relay.upgrade import relay_websocket_protocol
from broker.websockets.conversation import PEER_DOES_NOT_READ
from protocol.errors import ConsentryError
from serving.clock import Clock
from serving.descriptors import raise_descriptor_limit
from serving.http.server import HttpServer
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords

log = structlog.get_logger(__name__)

WEBSOCKET_LIMIT_BYTES = 300 * 1024
"""A sealed record is at most 256 KiB; everything else has a smaller limit of its own."""

PING_SECONDS = 15.0
PONG_SECONDS = 30.0
"""A control connection without a sign of life for 45 s is dead, as for streams."""

DESCRIPTORS_PER_SESSION = 5
"""Control connection, two legs, the upload of records, and its file; a spare leg and more streams on top."""

REFUSING_SECONDS = 0.25
"""Between the failure of a disk and the end of the process. Nothing is acknowledged any more."""

EXIT_DISK_FAILED = os.EX_IOERR
"""74: what is on the disk is not known any more; a supervisor starts the process again, which verifies it."""


_NO_HANDSHAKE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 40\r\n"
    b"Connection: close\r\n\r\nThis is no beginning of a conversation.\n"
)


class _Websockets(WebSocketsSansIOProtocol):
    """uvicorn's conversations without their handshakes, and with a word for a peer that talks and never reads."""

    _heard_at_seconds = 0.0

    async def send(self, message: ASGISendEvent) -> None:
        """A conversation may wait for hours: what was said to begin it is 5 KiB that nobody looks at again."""
        await super().send(message)
        if message["type"] == "websocket.accept" and self.conn.state is OPEN and not self.conn.reader.buffer:
            self.conn.parser.close()  # it holds the handshake, and the two each other
            self.conn = Protocol(SERVER, max_size=self.config.ws_max_size)  # type: ignore[assignment]  # all that is used
            del self.request, self.response

    def data_received(self, data: bytes) -> None:
        self._heard_at_seconds = self.loop.time()
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            # The whole head was there. What could not be read of it, uvicorn would keep open for ever.
            self.transport.write(b"".join(self.conn.data_to_send()) or _NO_HANDSHAKE)
            self.transport.close()

    def keepalive_timeout(self) -> None:
        """A ping waits behind all that was sent before. Who talks on and never answers one has read none of it."""
        if self._heard_at_seconds > self.ping_sent_at and not (self.close_sent or self.transport.is_closing()):
            self.queue.put_nowait({"type": "websocket.disconnect", "code": PEER_DOES_NOT_READ})
        super().keepalive_timeout()

    def shutdown(self) -> None:
        """uvicorn 0.54 says goodbye once more on a websocket whose other end is saying it, which is refused: a broker
        that stops in that moment would end with a traceback instead of its exit status."""
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()


class BrokerServer(HttpServer):
    """A broker that listens. Raises the errors of `make_broker` and HttpServer's, before anything listens."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        passwords: Passwords | None = None,
        provider_door: Door | None = None,
    ) -> None:
        self.failed = False
        self.refused: ConsentryError | None = None
        """Why it did not start, where that is for people to mend."""
        self.broker: Broker = make_broker(
            settings,
            on_fatal=self._disk_failed,
            clock=clock,
            passwords=passwords,
            provider_door=provider_door,
            on_refused=self._refused,
        )
        check_certificate(settings, self.broker.services.organisation.profile)
        door = relay_websocket_protocol(self.broker.relay, _Websockets)
        super().__init__(
            self.broker.app,
            host=settings.listen_host,
            port=settings.listen_port,
            tls=tls_files(settings),
            tls_renews=settings.tls == "given",
            trusted_proxies=settings.trusted_proxies,
            name="broker",
            ws=cast("type[asyncio.Protocol]", door),  # it is a BufferedProtocol, which asyncio takes as well
            ws_max_size=WEBSOCKET_LIMIT_BYTES,
            ws_per_message_deflate=False,  # what is sealed does not shrink, and what is not is small
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PONG_SECONDS,
        )

    def listening(self) -> None:
        log.info("broker_listening", port=self.port, origin=self.broker.services.organisation.profile.broker_origin)

    async def run(self) -> None:
        """Until `stop`, or until the disk fails."""
        await super().run()
        log.info("broker_stopped")

    def stop(self) -> None:
        # Whoever waits for news would else be waited for.
        self.broker.services.audit_feed.close()
        self.broker.services.sessions.close()
        self.broker.services.whispers.close()
        self.broker.services.waiting_room.close()
        super().stop()

    def _refused(self, error: ConsentryError) -> None:
        self.refused = error

    def _disk_failed(self, error: Exception) -> None:
        log.critical("disk_failed", problem=str(error))
        self.failed = True
        # A moment later, so that those who wait for an acknowledgement are told why none comes.
        asyncio.get_running_loop().call_later(REFUSING_SECONDS, self.stop)


def serve(settings: Settings) -> int:
    """Runs a broker until SIGINT or SIGTERM; answers the exit status. Raises as `BrokerServer`."""
    _check_descriptors(raise_descriptor_limit(), settings.max_sessions)
    server = BrokerServer(settings)
    # Why it did not start is told in one sentence by whoever called; uvicorn would put a traceback before it.
    logging.getLogger("uvicorn.error").addFilter(lambda _record: server.refused is None)
    try:
        server.serve()
    except SystemExit:
        # uvicorn leaves with a status of its own when its start fails; a disk that failed then is still a disk
        # that failed.
        if server.refused is not None and not server.failed:
            raise server.refused from None
        if not server.failed:
            raise
    return EXIT_DISK_FAILED if server.failed else 0


def _check_descriptors(limit: int, max_sessions: int) -> None:
    """Says so at the start when not every session that the settings allow could have its connections."""
    needed = DESCRIPTORS_PER_SESSION * max_sessions
    if limit < needed:
        log.warning("descriptors_short", limit=limit, needed=needed, max_sessions=max_sessions)
