"""Files and one websocket on the loopback address. What may be had is the door's to say; this only asks it.

HTTP is the little that the websocket library speaks before a handshake: GET, without a body, one request for each
connection, a line of at most 8 KiB, 128 headers.
"""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from agent_client.faces.json_conversation import LINE_LIMIT_BYTES
from agent_client.page.door import HOST, STATUS, SUBPROTOCOL, Admitted, Door, File, Knock, Reason, Refused
from agent_client.page.peers import Address, Peer, find_peer
from agent_client.page.site import SiteFile

log = structlog.get_logger(__name__)

CONNECTIONS_LIMIT = 32
"""A browser opens six at a time; whoever opens more of them is no browser."""

REQUEST_WITHIN_SECONDS = 5.0

LOGGED_AGAIN_SECONDS = 60.0
"""A program that tries for ever fills no disk: each reason is one line a minute."""

ALIVE_WITHIN_SECONDS = 10.0
"""A page that has not answered a ping for so long is not looked at: it may have been stopped."""

HEADERS = {
    "Cache-Control": "no-store",
    # `unsafe-inline` is for styles: xterm.js writes the sizes and colours of its cells into a style element. And older
    # Safari does not count a websocket to the page's own origin as `self`.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self' ws://{address}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_quiet = logging.getLogger("consentry.page")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class _Connection(ServerConnection):
    """Knows when it was accepted, and tells when it is lost."""

    page: "PageServer"
    accepted_at: float
    peer: Peer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.accepted_at = self.page.now()
        super().connection_made(transport)
        self.page.accepted(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.page.lost(self)


class PageServer:
    """One per page. `on_visitor` has the websocket for as long as it runs; `on_lost` is called when that is gone."""

    def __init__(
        self,
        files: dict[str, SiteFile],
        *,
        on_visitor: Callable[[ServerConnection], Awaitable[None]],
        on_lost: Callable[[], None],
        on_refused: Callable[[Reason, Peer], None],
        peer_of: Callable[[Address, Address], Peer] = find_peer,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.now = now
        self._files = files
        self._on_visitor = on_visitor
        self._on_lost = on_lost
        self._on_refused = on_refused
        self._peer_of = peer_of
        self._listening = socket.create_server((HOST, 0))
        port = self._listening.getsockname()[1]
        self.door = Door(port=port, user_id=os.geteuid(), files=files, now=now)
        self._connections: set[_Connection] = set()
        self._noted_at: dict[Reason, float] = {}
        self._inside: ServerConnection | None = None
        self._server: Server | None = None

    async def start(self) -> None:
        self._server = await serve(
            self._on_visitor,
            sock=self._listening,
            create_connection=type("_ConnectionToPage", (_Connection,), {"page": self}),
            process_request=self._answer,  # type: ignore[arg-type]  # all connections are of our own class
            process_response=self._let_in,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str
            compression=None,
            max_size=LINE_LIMIT_BYTES,
            open_timeout=REQUEST_WITHIN_SECONDS,
            ping_interval=ALIVE_WITHIN_SECONDS,
            ping_timeout=ALIVE_WITHIN_SECONDS,
            server_header=None,
            logger=_quiet,
        )

    async def close(self) -> None:
        if self._server is None:
            self._listening.close()
            return
        self._server.close()
        for connection in tuple(self._connections):
            connection.transport.abort()
        await self._server.wait_closed()

    def _answer(self, connection: _Connection, request: Request) -> Response | None:
        """None: go on with the handshake."""
        knock = Knock(request.method, request.path, request.headers, connection.peer, connection.accepted_at)
        verdict = self.door.judge(knock)
        match verdict:
            case File(name):
                file = self._files[name]
                return self._response(200, "OK", file.content, file.media_type)
            case Admitted():
                return None
            case Refused(reason):
                self._note_refused(reason)
                self._on_refused(reason, connection.peer)
                status = STATUS[reason]
                return self._response(status.value, status.phrase, b"", "text/plain")

    def _let_in(self, connection: ServerConnection, request: Request, response: Response) -> None:
        """Called right after `_answer`, with nothing in between: the ticket is spent only on what is a handshake."""
        del request
        if response.status_code == 101:
            self._inside = connection
            response.headers["Set-Cookie"] = self.door.enter()
            response.headers["Cache-Control"] = "no-store"

    def accepted(self, connection: _Connection) -> None:
        self._connections.add(connection)
        if len(self._connections) > CONNECTIONS_LIMIT:
            connection.transport.abort()
            return
        connection.peer = self._peer_of(connection.remote_address, connection.local_address)
        if self.door.is_foreign(connection.peer):
            # At once: who may not come in shall not stand in the way either.
            self._note_refused("peer")
            connection.transport.abort()

    def _note_refused(self, reason: Reason) -> None:
        now = self.now()
        if now >= self._noted_at.get(reason, -LOGGED_AGAIN_SECONDS) + LOGGED_AGAIN_SECONDS:
            self._noted_at[reason] = now
            log.info("page_refused", reason=reason)

    def lost(self, connection: _Connection) -> None:
        self._connections.discard(connection)
        if connection is self._inside:
            self._inside = None
            self.door.leave()
            self._on_lost()

    def _response(self, status: int, phrase: str, body: bytes, media_type: str) -> Response:
        headers = Headers({name: value.format(address=self.door.address) for name, value in HEADERS.items()})
        headers["Date"] = formatdate(usegmt=True)
        headers["Connection"] = "close"
        headers["Content-Length"] = str(len(body))
        headers["Content-Type"] = media_type
        return Response(status, phrase, headers, body)
