"""Output is gathered to a limit, and what comes alone goes on alone."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from agent_client.shell.fd_reader import FEW_BYTES, GATHER_BYTES, FdReader
from tests.helpers.waiting import PATIENCE_SECONDS


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


class Pieces:
    """What a reader handed on, piece by piece."""

    def __init__(self, descriptor: int) -> None:
        self.pieces: list[bytes] = []
        self._changed = asyncio.Event()
        self.reader = FdReader(descriptor, self._take)

    def _take(self, data: bytes) -> None:
        self.pieces.append(data)
        self._changed.set()

    async def until(self, byte_count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while sum(map(len, self.pieces)) < byte_count:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def pieces(pipe: tuple[int, int]) -> AsyncIterator[Pieces]:
    pieces = Pieces(pipe[0])
    yield pieces
    pieces.reader.close()


async def test_pieces_are_full_and_no_fuller(pipe: tuple[int, int], pieces: Pieces) -> None:
    """100,000 bytes that are there at once come as one piece of exactly the limit, and the rest."""
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 128 * 1024)
    data = os.urandom(100_000)
    assert os.write(pipe[1], data) == len(data)
    await pieces.until(len(data))
    assert [len(piece) for piece in pieces.pieces] == [GATHER_BYTES, len(data) - GATHER_BYTES]
    assert b"".join(pieces.pieces) == data


async def test_a_few_bytes_are_not_held_up_by_a_look_for_more(
    pipe: tuple[int, int], pieces: Pieces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An echoed key costs one read."""
    reads: list[int] = []
    read = os.read

    def counted(descriptor: int, length: int) -> bytes:
        if descriptor == pipe[0]:
            reads.append(length)
        return read(descriptor, length)

    monkeypatch.setattr(os, "read", counted)
    os.write(pipe[1], b"x" * (FEW_BYTES - 1))
    await pieces.until(FEW_BYTES - 1)
    assert len(reads) == 1
