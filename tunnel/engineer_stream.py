"""The engineer's end, inside an event loop: opens a stream and dials legs for it until it ends.

For control channels and for our own SSH client. Stock `ssh` goes through `engineer_client/ssh_proxy.py` instead, which
drives the same machine with threads and starts in a fraction of the time.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from protocol.errors import ConsentryError, UnavailableError
from protocol.legs import ENGINEER_LEG_PATH, LegRefused
from protocol.stream import ResumableStream
from protocol.stream_frames import CloseCode, StreamKind
from tunnel.backoff import LONGEST_WHILE_WAITED_FOR_SECONDS, Backoff
from tunnel.lazy_logger import LazyLogger
from tunnel.leg import StreamLeg, dial_leg
from tunnel.paired_session import PairedSession
from tunnel.pinned_tls import broker_tls
from tunnel.stream_connection import StreamConnection
from tunnel.tasks import TaskGroupOwner

log = LazyLogger(__name__)


class StreamUnavailable(UnavailableError):
    """The stream could not be opened."""

    sentence = "The session cannot be reached ({reason}). It may have ended; ask the customer for a new code if it has."


async def open_stream(session: PairedSession, kind: StreamKind, *, tasks: TaskGroupOwner) -> StreamConnection:
    """A live stream to the customer's end. `tasks` keeps the task that dials; it ends with the stream.

    Raises StreamUnavailable if the session is over, refuses us, or cannot be reached within a minute.
    """
    tls = broker_tls(session.broker_certificate_pem)
    machine = ResumableStream.open(
        session.stream_key,
        kind,
        session.pairing_id,
        os.urandom(16),
        _now_ms(),
        resume_window_ms=session.resume_window_seconds * 1000,
    )
    return await keep_stream(
        machine,
        lambda: dial_leg(session.broker_origin, tls, ENGINEER_LEG_PATH, session.leg_ticket),
        tasks=tasks,
    )


async def keep_stream(
    machine: ResumableStream,
    dial: Callable[[], Awaitable[StreamLeg]],
    *,
    tasks: TaskGroupOwner,
) -> StreamConnection:
    """The same for a machine that was just opened, over the legs that `dial` gives. Raises StreamUnavailable."""
    stream = StreamConnection(machine)
    connected = asyncio.Event()
    stream.on_state = lambda _: connected.set()
    stream.closed.add_done_callback(lambda _: connected.set())
    tasks.start(_keep_dialling(stream, dial), name=f"dial stream {stream.stream_id.hex()[:8]}")
    try:
        await connected.wait()
    except asyncio.CancelledError:
        stream.kill(CloseCode.DONE)
        raise
    if stream.closed.done():
        raise StreamUnavailable(reason=stream.closed.result().name.lower())
    stream.on_state = None
    return stream


async def _keep_dialling(stream: StreamConnection, dial: Callable[[], Awaitable[StreamLeg]]) -> None:
    backoff = Backoff(longest_seconds=LONGEST_WHILE_WAITED_FOR_SECONDS)
    while not stream.closed.done():
        try:
            leg = await dial()
        except LegRefused as error:
            if error.is_final:
                stream.kill(CloseCode.OVER)
                return
            log.info("engineer_leg_refused", status=error.fields["status"])
        except ConsentryError as error:
            log.info("engineer_leg_not_dialled", reason=str(error))
        else:
            if stream.closed.done():
                leg.close()
                return
            stream.leg_dialled(leg)
            if await _leg_was_of_use(stream):
                backoff.reset()
        if not stream.closed.done():
            await asyncio.wait([stream.closed], timeout=backoff.next_seconds())


async def _leg_was_of_use(stream: StreamConnection) -> bool:
    """Waits until the stream needs another leg or has ended; True if it was live in between."""
    was_connected_at = stream.state.since_seconds
    needs_leg = asyncio.ensure_future(stream.needs_leg.wait())
    either: list[asyncio.Future[Any]] = [needs_leg, stream.closed]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    needs_leg.cancel()
    return stream.state.since_seconds != was_connected_at


def _now_ms() -> int:
    return int(asyncio.get_running_loop().time() * 1000)
