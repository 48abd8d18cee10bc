"""Heads of requests, within limits of size, time and number: what uvicorn's parser would read without end.

httptools gives a URL and headers as they come, and uvicorn keeps all of them until the head is whole: one connection
could fill the memory with a head that never ends, hold its descriptor for ever with one that does not go on, or queue
thousands of requests that cost it thirty bytes each. Whoever is past the head is somebody else's to bound: bodies are
`application.py`'s, websockets have hellos and limits of their own.

Leans on uvicorn's `HttpToolsProtocol`, which is pinned; tests/hostile/test_heads.py notices when it moves.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT_BYTES = 16 * 1024
"""A request of ours has a head of 500 bytes; what proxies and browsers add fits many times."""

HEAD_SECONDS = 10.0
"""One packet. As long as a websocket may take for its hello."""

PIPELINE_LIMIT = 4
"""Requests that wait behind the one being answered. Clients stopped sending ahead twenty years ago."""


def _answer(status: bytes, sentence: bytes) -> bytes:
    length = str(len(sentence)).encode()
    return (
        b"HTTP/1.1 " + status + b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + length
        + b"\r\nConnection: close\r\n\r\n" + sentence
    )  # fmt: skip


_TOO_LARGE = _answer(b"431 Request Header Fields Too Large", b"The request's head is too large: 16 KiB are allowed.\n")
_TOO_SLOW = _answer(b"408 Request Timeout", b"The request did not arrive within 10 seconds. Try again.\n")


class HeadRefused(Exception):
    """Stops the parser; uvicorn answers a parser that stopped with 400."""


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's HTTP protocol with patience that ends."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_head = False
        self._head_bytes = 0
        """Of the head that is arriving, without the read in which it began."""
        self._deadline: asyncio.TimerHandle | None = None

    # ── the connection ──────────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # Counted by the read: httptools keeps a header to itself until it is whole.
        if self._in_head:
            self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT_BYTES:
            self._refuse(_TOO_LARGE)
            return
        super().data_received(data)
        if self.transport.get_protocol() is not self:  # a websocket's from now on
            # As uvicorn does at a connection's end: the two know each other, and would wait for the collector.
            self.parser = None  # type: ignore[assignment]  # nobody asks it any more
            return
        is_idle = getattr(self.cycle, "response_complete", True)  # there is no cycle before the first request
        if self._deadline is None and (self._in_head or is_idle) and not self._is_upgraded:
            self._expect_head()

    # ── what the parser calls ───────────────────────────────────────────────────────────────────────────────────

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_waiting()
        if len(self.pipeline) >= PIPELINE_LIMIT or self._size_of_head() > HEAD_LIMIT_BYTES:
            raise HeadRefused
        super().on_headers_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Who asks to go on otherwise is answered as if they had not (RFC 9110, section 7.8). uvicorn would write two
        lines into the log for each, and advise to install something."""

    # ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _is_upgraded(self) -> bool:
        return self.transport.is_closing() or self.transport.get_protocol() is not self

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _expect_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, _TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, answer: bytes) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
