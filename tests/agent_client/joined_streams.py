"""The two ends of one resumable stream, joined in memory: real machines, no relay between."""

import asyncio
import os
from typing import cast

from protocol.stream import ResumableStream
from protocol.stream_frames import StreamKind, parse_opening
from tunnel.leg import Leg, LegListener
from tunnel.stream_connection import StreamConnection


class MemoryLeg:
    """What a stream needs of a leg. What is sent arrives at the other end in the event loop's next turn."""

    def __init__(self) -> None:
        self.listener: LegListener | None = None
        self.writable = True
        self.other: MemoryLeg
        self.early = b""
        self.has_early = asyncio.Event()

    def send(self, pieces: list[bytes]) -> None:
        asyncio.get_running_loop().call_soon(self.other.receive, b"".join(pieces))

    def receive(self, data: bytes) -> None:
        if self.listener is None:
            self.early += data
            self.has_early.set()
        else:
            self.listener.leg_bytes_received(cast("Leg", self), memoryview(data))

    def pause_reading(self) -> None:
        """Tests send little."""

    def resume_reading(self) -> None:
        """Tests send little."""

    def ping(self) -> None:
        """Nobody is far away."""

    def close(self, code: int = 1000) -> None:
        self.listener = None


async def joined_streams(
    stream_key: bytes, pairing_id: bytes, kind: StreamKind = StreamKind.CONTROL
) -> tuple[StreamConnection, StreamConnection]:
    """The engineer's end and the agent's end, open."""
    now_ms = int(asyncio.get_running_loop().time() * 1000)
    near, far = _two_legs()
    engineer = StreamConnection(ResumableStream.open(stream_key, kind, pairing_id, os.urandom(16), now_ms))
    engineer.leg_dialled(cast("Leg", near))
    await far.has_early.wait()
    opening = parse_opening(far.early)
    assert opening is not None
    agent = StreamConnection(ResumableStream.accept(opening, stream_key, now_ms))
    agent.adopt_leg(cast("Leg", far))
    return engineer, agent


def cut(*ends: StreamConnection) -> None:
    """The network is gone: what is under way is lost."""
    for end in ends:
        assert end._leg is not None
        end.leg_lost(end._leg, None)


async def join_again(engineer: StreamConnection, agent: StreamConnection) -> None:
    """On new legs, from where the stream was."""
    near, far = _two_legs()
    engineer.leg_dialled(cast("Leg", near))
    await far.has_early.wait()
    opening = parse_opening(far.early)
    assert opening is not None
    agent.leg_brought(cast("Leg", far), opening)


def _two_legs() -> tuple[MemoryLeg, MemoryLeg]:
    near, far = MemoryLeg(), MemoryLeg()
    near.other, far.other = far, near
    return near, far
