"""A server that listens: uvicorn on one port, with TLS or without, with a clear end."""

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import uvicorn
from fastapi import FastAPI

from protocol.details import system_reason
from protocol.errors import InputError
from serving.http.heads import BoundedHeads
from serving.http.renewal import CertificateWatch
from serving.http.shared_tls import SharedBuffers, over_tls, server_context

GRACE_SECONDS = 5
"""How long open requests may take to finish once the process was told to stop."""

KEEP_ALIVE_SECONDS = 20
"""For longer than a page's own questions are apart: a browser that takes up connections in the moment in which they are
closed gives up after some (`ERR_TOO_MANY_RETRIES`)."""

CONNECTIONS_WAITING = 1024

COLLECT_AFTER_OBJECTS = 50_000
"""Made and not freed since the last time; 700 is Python's own. Most garbage is in no circle, and goes at once."""


class AddressInUse(InputError):
    sentence = "The server cannot listen on {host} port {port}: {problem}."


class TlsFileUnusable(InputError):
    sentence = "The TLS certificate {certificate} with the key {key} cannot be used: {problem}."


class HttpServer:
    """An application that listens while the `async with` block runs; `serve` for a process of its own.

    `port` is the one that it listens on, also when it was told 0. `tls` is certificate and key, or None; `options` are
    more of uvicorn's. With `tls_renews` those files are looked at again and again, for they are somebody else's. Raises
    AddressInUse and TlsFileUnusable before anything listens.
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        host: str,
        port: int,
        tls: tuple[Path, Path] | None,
        tls_renews: bool = False,
        trusted_proxies: str = "",
        name: str = "server",
        **options: Any,
    ) -> None:
        self._name = name
        heads: Callable[..., asyncio.BaseProtocol] = BoundedHeads
        self._renewal: CertificateWatch | None = None
        if tls is not None:
            buffers = SharedBuffers(tls_context(*tls))
            heads = over_tls(buffers, BoundedHeads)
            if tls_renews:
                self._renewal = CertificateWatch(*tls, lambda context: setattr(buffers, "context", context))
        self._socket = listen_on(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._uvicorn = _Uvicorn(
            self,
            uvicorn.Config(
                app,
                http=cast("type[asyncio.Protocol]", heads),  # all that uvicorn does with it is to call it
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=trusted_proxies or None,
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                # uvicorn would take up websockets wherever their library is at hand, and keep a broken beginning open.
                **{"ws": "none"} | options,
            ),
        )
        self._serving: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until `stop`."""
        async with AsyncExitStack() as stack:
            if self._renewal is not None:
                watching = asyncio.create_task(self._renewal.run(), name="certificate-watch")
                stack.callback(watching.cancel)
            await self._uvicorn._serve([self._socket])

    def listening(self) -> None:
        """Called once, when everything that had to be looked at was in order, and people can connect."""

    @property
    def stopped(self) -> bool:
        return self._serving is not None and self._serving.done()

    def stop(self) -> None:
        self._uvicorn.should_exit = True

    def serve(self) -> None:
        """Runs until SIGINT or SIGTERM, in a loop of its own (uvloop, where there is one)."""

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.stop)
            await self.run()

        _spare_the_collector()
        factory: Callable[[], asyncio.AbstractEventLoop] | None = self._uvicorn.config.get_loop_factory()
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(run())

    async def __aenter__(self) -> Self:
        self._serving = asyncio.create_task(self.run(), name=self._name)
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


class _Uvicorn(uvicorn.Server):
    def __init__(self, server: HttpServer, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._server = server

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._server.listening()


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Raises TlsFileUnusable unless the two are readable and fit."""
    try:
        return server_context(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise TlsFileUnusable(certificate=certificate, key=key, problem=system_reason(error)) from None


def _spare_the_collector() -> None:
    """Garbage is looked for less often, and never among what start-up has made: that lives as long as the process.

    Every connection makes some hundred objects that stay. With Python's own thresholds, a thousand agents that come
    back at once had the collector walk through all modules and all of each other again and again: four tenths of the
    time until they were back.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)


def listen_on(host: str, port: int) -> socket.socket:
    """A listening socket for an event loop. Raises AddressInUse."""
    try:
        listener = socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=CONNECTIONS_WAITING,
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        raise AddressInUse(host=host, port=port, problem=system_reason(error)) from None
    listener.setblocking(False)
    return listener
