"""Requests that a server of ours sends, each from a thread of a small pool.

The standard library's client has a time for each read, so that whoever answers byte by byte would keep the thread for
hours. Here the whole exchange has its time: then its sockets are shut down, and the thread is free again.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


class Opened:
    """The sockets of one exchange, as `connect` opens them."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._is_over = False
        self._one_at_a_time = threading.Lock()

    def add(self, one: socket.socket) -> None:
        """Raises TimeoutError, and closes it, where it comes too late: looking a name up may take longer than all."""
        with self._one_at_a_time:
            if not self._is_over:
                self._sockets.append(one)
                return
        one.close()
        raise TimeoutError

    def shut(self) -> None:
        """Its time is over: whatever waits in it ends."""
        with self._one_at_a_time:
            self._is_over = True
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


async def in_time(threads: Executor, seconds: float, exchange: Callable[[Opened], Result]) -> Result:
    """What the exchange answers, in a thread. Raises TimeoutError when its time is over, and what it raises.

    One that has found no thread by then never begins: nobody would hear of what it did.
    """
    opened = Opened()
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(threads, exchange, opened)
    finally:
        opened.shut()


def connect(
    address: tuple[str, int], host: str, tls: ssl.SSLContext | None, timeout_seconds: float, opened: Opened
) -> socket.socket:
    """A connection to `address`, over TLS with whoever proves to be `host`. Raises OSError."""
    plain = socket.create_connection(address, timeout=timeout_seconds)
    opened.add(plain)
    if tls is None:
        return plain
    over_tls = tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    opened.add(over_tls)
    over_tls.do_handshake()
    return over_tls
