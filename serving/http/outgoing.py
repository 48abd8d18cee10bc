"""Requests that a server of ours sends, each from a thread of a small pool.

The standard library's client has a time for each read, so that whoever answers byte by byte would keep the thread for
hours. Here the whole exchange has its time: then its sockets are shut down, and the thread is free again.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")

Opened = list[socket.socket]
"""The sockets of one exchange, as `connect` opens them."""


async def in_time(threads: Executor, seconds: float, exchange: Callable[[Opened], Result]) -> Result:
    """What the exchange answers, in a thread. Raises TimeoutError when its time is over, and what it raises."""
    opened: Opened = []
    asking = asyncio.get_running_loop().run_in_executor(threads, exchange, opened)
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(asking)
    except TimeoutError:
        for one in opened:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        raise


def connect(
    address: tuple[str, int], host: str, tls: ssl.SSLContext | None, timeout_seconds: float, opened: Opened
) -> socket.socket:
    """A connection to `address`, over TLS with whoever proves to be `host`. Raises OSError."""
    plain = socket.create_connection(address, timeout=timeout_seconds)
    opened.append(plain)
    if tls is None:
        return plain
    over_tls = tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    opened.append(over_tls)
    over_tls.do_handshake()
    return over_tls
