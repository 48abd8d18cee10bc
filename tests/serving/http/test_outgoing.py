"""A request of ours has its time, also where most of it is over before there is a connection."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from serving.http.outgoing import Opened, connect, in_time
from tests.helpers.waiting import PATIENCE_SECONDS


@pytest.fixture
def one_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


async def test_what_finds_no_thread_in_time_never_begins(one_thread: ThreadPoolExecutor) -> None:
    """It was told to have failed, and will be tried again: whoever is asked would hear it twice."""
    busy_until, began = threading.Event(), list[str]()
    one_thread.submit(busy_until.wait)
    with pytest.raises(TimeoutError):
        await in_time(one_thread, 0.01, lambda _: began.append("too late"))
    busy_until.set()
    await in_time(one_thread, PATIENCE_SECONDS, lambda _: began.append("the next one"))
    assert began == ["the next one"]


async def test_a_connection_that_is_opened_too_late_is_closed(one_thread: ThreadPoolExecutor) -> None:
    """A name that takes long to be looked up: nothing is sent afterwards, and the thread is free for others."""
    looked_up, heard = threading.Event(), asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    def exchange(opened: Opened) -> None:
        looked_up.wait()
        connect(("127.0.0.1", port), "localhost", None, PATIENCE_SECONDS, opened).sendall(b"POST /")

    with pytest.raises(TimeoutError):
        await in_time(one_thread, 0.01, exchange)
    looked_up.set()
    assert await asyncio.wait_for(heard, PATIENCE_SECONDS) == b""
    assert await in_time(one_thread, PATIENCE_SECONDS, lambda _: "free")
    server.close()
