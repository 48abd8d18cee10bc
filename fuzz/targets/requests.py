"""HTTP before any login: raw bytes to the server's own protocol, and bodies to every route of the application."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, cast

import structlog
import uvicorn

from broker.app import Broker, make_broker
from broker.config import load_settings
from broker.organisation.founding import found_organisation
from broker.relay.upgrade import relay_websocket_protocol
from fuzz.target import target, when_done
from serving.http.heads import HEAD_LIMIT_BYTES, BoundedHeads
from serving.identity.passwords import Passwords

Message = dict[str, Any]


LINGER_SECONDS = 5.0
"""A request whose connection is gone has nothing to wait for."""


class _House:
    """A broker that was started but listens nowhere, in an event loop of its own."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="consentry-fuzz-"))
        when_done(lambda: shutil.rmtree(folder))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        settings = load_settings(data_folder=folder / "data", min_free_disk_percent=0, min_free_disk_gib=0)
        found_organisation(settings, name="Example", origin="https://localhost:8443", audit_recipients=())
        self.loop = asyncio.new_event_loop()
        quick = Passwords(time_cost=1, memory_cost_kib=64, parallelism=1)
        self.broker: Broker = make_broker(settings, on_fatal=lambda _: None, passwords=quick)
        self._lifespan = self.broker.app.router.lifespan_context(self.broker.app)
        self.loop.run_until_complete(self._lifespan.__aenter__())
        self.config = uvicorn.Config(
            self.broker.app,
            http=BoundedHeads,
            ws=cast("type[asyncio.Protocol]", relay_websocket_protocol(self.broker.relay)),
            log_config=None,
            access_log=False,
        )
        self.config.load()
        when_done(self._stop)

    def _stop(self) -> None:
        self.loop.run_until_complete(self._lifespan.__aexit__(None, None, None))
        self.loop.close()


@cache
def _house() -> _House:
    return _House()


_ROUTES = (
    ("POST", "/v1/login"),
    ("POST", "/v1/logout"),
    ("POST", "/v1/certificate"),
    ("GET", "/v1/sessions"),
    ("GET", "/v1/sessions/" + "ab" * 16),
    ("POST", "/v1/sessions/" + "ab" * 16 + "/notes"),
    ("POST", "/v1/sessions/" + "ab" * 16 + "/end"),
    ("GET", "/v1/profile"),
)


def _bodies() -> Iterable[bytes]:
    yield b'\x00{"user_name":"wei","password":"correct horse battery","totp":"123456"}'
    yield b'\x02{"public_key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}'
    yield b'\x05{"text":"paper jam"}'
    for route in range(len(_ROUTES)):
        yield bytes([route]) + b"{}"


@target("http-body", seeds=_bodies, words=(b'"user_name":', b"\\ud800", b"\\u0000", b"NaN", b"1e999", b"{" * 500))
def http_body(data: bytes) -> None:
    """A body to one of the routes, by the first byte, from somebody without a login: an answer, and never a 500."""
    house = _house()
    method, path = _ROUTES[(data[:1] or b"\0")[0] % len(_ROUTES)]
    status = house.loop.run_until_complete(_ask(house.broker.app, method, path, data[1:]))
    assert status < 500, f"{method} {path} answered {status}"


async def _ask(application: Any, method: str, path: str, body: bytes) -> int:
    """One request straight into the application. What it raises behind a 500 is raised here, too."""
    answers: list[Message] = []
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        answers.append(message)

    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"authorization", b"Bearer " + body[:40].hex().encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8443),
        "scheme": "https",
        "root_path": "",
        "state": {},
    }
    await application(scope, receive, send)
    return int(next(answer["status"] for answer in answers if answer["type"] == "http.response.start"))


class _Wire(asyncio.Transport):
    """A transport that goes nowhere and counts."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 8443), "sslcontext": object()})
        self.written = b""
        self.closed = False
        self.protocol: Any = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        return cast("asyncio.BaseProtocol", self.protocol)

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...


_UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: %s\r\n\r\n"
)


def _requests() -> Iterable[bytes]:
    yield b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    yield b'POST /v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'
    yield b"POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
    yield _UPGRADE % (b"/relay/agent", b"consentry.leg.v1, ticket.AAAA") + b"\x82\x85\0\0\0\0hello"
    yield _UPGRADE % (b"/relay/engineer", b"consentry.leg.v1")
    yield _UPGRADE % (b"/v1/agent", b"consentry.v1") + b"\x82\xff"


_WORDS = (
    b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"Sec-WebSocket-Protocol: ", b"ticket.",
    b"Upgrade: h2c\r\n", b"/relay/agent", b"/v1//agent", b"%2e%2e/", b"Expect: 100-continue\r\n", b"\r\n", b"\0",
)  # fmt: skip


@target("http-head", seeds=_requests, words=_WORDS)
def http_head(data: bytes) -> None:
    """Raw bytes to the server: heads, upgrades, first frames. Answers are HTTP, and what is held is bounded."""
    house = _house()
    house.loop.run_until_complete(_talk(house, data))


async def _talk(house: _House, data: bytes) -> None:
    failures: list[Message] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: failures.append(context))
    state = uvicorn.server.ServerState()
    wire = _Wire()
    wire.protocol = BoundedHeads(house.config, state, {"services": house.broker.services}, loop)
    wire.protocol.connection_made(wire)
    at = 0
    while at < len(data) and not wire.closed:
        size = 1 + data[at] % 61 * 17
        _feed(wire.protocol, data[at : at + size])
        at += size
        await asyncio.sleep(0)
    if not isinstance(wire.protocol, BoundedHeads):
        wire.protocol.connection_lost(None)
    else:
        assert wire.protocol._head_bytes <= HEAD_LIMIT_BYTES + 61 * 17
        wire.protocol.connection_lost(None)
    if state.tasks:
        _, lingering = await asyncio.wait(list(state.tasks), timeout=LINGER_SECONDS)
        assert not lingering
    assert not failures, failures
    assert not wire.written or wire.written.startswith(b"HTTP/1.1 ")
    assert b"HTTP/1.1 500" not in wire.written


def _feed(protocol: Any, data: bytes) -> None:
    """As the event loop does: into a buffer where the protocol has one."""
    if not isinstance(protocol, asyncio.BufferedProtocol):
        protocol.data_received(data)
        return
    buffer = protocol.get_buffer(len(data))
    buffer[: len(data)] = data  # type: ignore[index]  # a memoryview
    protocol.buffer_updated(len(data))
