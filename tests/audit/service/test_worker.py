"""The process that parses recordings: what it may not do, and what a hostile recording comes to."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import zstandard

from audit.service.reading import Reader
from audit.service.sealed_store import SealedStore
from audit.service.worker_process import RecordingHostileError, WorkerProcess
from protocol.events import ROOM_CHANNEL, ChannelOpened, TerminalOutput, TerminalResized
from tests.helpers.recordings import (
    START_MS,
    SealedRecording,
    closing_events,
    make_key,
    make_recording,
    make_session,
    opening_events,
    seal_session,
)
from tests.helpers.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = make_key("x25519")
MEMORY_BYTES = 1024 * 2**20
ESCAPES = b"\x1b]52;c;aGk=\x07\x1b[6n\x1bP+q\x1b\\ok"
UNSIZED = zstandard.ZstdCompressor(write_content_size=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vault") / "data"


@pytest.fixture(scope="module")
def store(folder: Path) -> SealedStore:
    folder.mkdir()
    store = SealedStore(folder)
    store.prepare()
    return store


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(store: SealedStore) -> AsyncIterator[Reader]:
    reader = Reader(store.records_folder, [KEY], memory_bytes=MEMORY_BYTES, seconds=60)
    yield reader
    await reader.aclose()


def keep(store: SealedStore, recording: SealedRecording) -> bytes:
    store.open(recording.opening)
    assert store.append(recording.session_id, recording.data).problem is None
    store.forget(recording.session_id)
    return recording.session_id


def hostile(number: int, *events: Any) -> SealedRecording:
    """A session whose agent sealed these events: authentic, and meant to harm its reader."""
    session = make_session(keys=[KEY], session_id=bytes([number]) * 16)
    return seal_session(session, [opening_events(session), list(events), closing_events(session, b"", 90_000)])


class Packed:
    """A compressor that gives what it was told to, whatever it is asked."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def compress(self, _: bytes) -> bytes:
        return self._packed


def with_packed(number: int, packed: bytes) -> SealedRecording:
    """A session with one record whose agent sealed these bytes in place of compressed events."""
    session = make_session(keys=[KEY], session_id=bytes([number]) * 16)
    sealer = session.sealer()
    session.records = [sealer.seal_epoch(START_MS)]
    sealer._compressor = Packed(packed)  # type: ignore[assignment]
    session.records.append(sealer.seal_events(opening_events(session), 0, 4100))
    return session


async def test_a_recording_is_read_without_the_key(store: SealedStore, reader: Reader) -> None:
    """The worker gets the epochs' secrets alone, and gives text back."""
    session = keep(store, make_recording(keys=[KEY], session_id=b"\x01" * 16))
    assert b"whoami" in await reader.read("text", session)


@pytest.mark.parametrize(
    ("number", "events"),
    [
        pytest.param(
            2, [TerminalOutput(5000, ROOM_CHANNEL, b"\x1b]52;c;aGk=\x07\x1b[6n\x1bP+q\x1b\\ok")], id="escapes"
        ),
        pytest.param(3, [TerminalOutput(5000, ROOM_CHANNEL, b"\xff\xfe\xc0\xaf ok \xed\xa0\x80")], id="invalid UTF-8"),
        pytest.param(
            4,
            [
                TerminalResized(5000, ROOM_CHANNEL, 2**31 - 1, 2**31 - 1),
                TerminalOutput(5001, ROOM_CHANNEL, b"\x1b[999999999;1Hok"),
            ],
            id="sizes",
        ),
        pytest.param(5, [ChannelOpened(5000, 2**31 - 1, 1, "room", b"\0" * 16, "", 80, 24, 0)], id="channels"),
    ],
)
async def test_hostile_contents_are_made_harmless(
    store: SealedStore, reader: Reader, number: int, events: list[Any]
) -> None:
    """Escapes, broken text and absurd sizes are shown as what they are; nothing of them steers a terminal."""
    session = keep(store, hostile(number, *events))
    text = (await reader.read("text", session)).decode()
    assert "\x1b" not in text
    assert "\x07" not in text
    if number != 5:
        assert "ok" in text


@pytest.mark.parametrize(
    ("number", "packed"),
    [
        pytest.param(20, zstandard.ZstdCompressor().compress(bytes(64 * 2**20)), id="bomb"),
        pytest.param(
            21, zstandard.ZstdCompressor(write_content_size=False).compress(bytes(64 * 2**20)), id="hidden bomb"
        ),
        pytest.param(22, b"\x28\xb5\x2f\xfd" + b"\xff" * 64, id="no frame"),
        pytest.param(23, zstandard.ZstdCompressor().compress(b"\xdd\xff\xff\xff\xff" * 20), id="2^32 elements"),
        pytest.param(24, zstandard.ZstdCompressor().compress(b"\x91" * 100_000), id="nested 100,000 deep"),
    ],
)
async def test_contents_that_are_none_end_as_a_marked_session(
    store: SealedStore, reader: Reader, number: int, packed: bytes
) -> None:
    """Bombs are refused before they are inflated, claims of size before they are believed; the worker lives on."""
    session = keep(store, with_packed(number, packed))
    with pytest.raises(RecordingHostileError):
        await reader.read("digest", session)
    assert len(reader._idle) <= 1
    sound = make_recording(keys=[KEY], session_id=bytes([number + 100]) * 16)
    assert b"whoami" in await reader.read("text", keep(store, sound))


async def test_what_takes_too_much_marks_the_session_and_not_the_service(store: SealedStore) -> None:
    """A worker out of memory or out of time is ended; the next task has a fresh one."""
    flood = [TerminalOutput(5000 + at, ROOM_CHANNEL, b"\x1b[2J\x1b[H" + b"x" * 60_000) for at in range(12)]
    session = keep(store, hostile(6, *flood))
    sound = keep(store, make_recording(keys=[KEY], session_id=b"\x07" * 16))
    slow = Reader(store.records_folder, [KEY], memory_bytes=MEMORY_BYTES, seconds=60)
    try:
        assert b"whoami" in await slow.read("text", sound)
        slow._idle[0]._seconds = 0  # no time at all is too little for anything
        with pytest.raises(RecordingHostileError, match="takes longer"):
            await slow.read("text", session)
        assert b"whoami" in await slow.read("text", sound)
    finally:
        await slow.aclose()


async def test_a_worker_that_dies_or_lies_is_replaced(store: SealedStore, reader: Reader) -> None:
    """The session that it read is told to be hostile; frames of any size or shape are not believed."""
    session = keep(store, make_recording(keys=[KEY], session_id=b"\x08" * 16))
    for program in (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import sys; sys.stdout.buffer.write(b'\\xff' * 4096)",
        "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\4junk')",
    ):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", f"import sys; sys.stdin.buffer.read(4); {program}",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        while reader._idle:
            await reader._idle.pop().end()
        reader._idle.append(WorkerProcess(process, 60))
        with pytest.raises(RecordingHostileError):
            await reader.read("text", session)
        assert reader._idle == []
    assert b"whoami" in await reader.read("text", session)


def loaded_by(worker: str) -> set[str]:
    """The modules that this worker has when it is ready."""
    program = f"import sys, audit.service.{worker}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("worker", ["worker", "index_worker", "search_worker"])
async def test_a_worker_loads_what_reads_and_nothing_of_the_service(worker: str) -> None:
    """It is started while somebody waits, and what it reads is hostile: no event loop, server or database is in it, and
    where no recording is verified neither certificates nor the code that has a key."""
    loaded = loaded_by(worker)
    assert f"audit.service.{worker}" in loaded
    unneeded = {"asyncio", "structlog", "sqlalchemy", "pydantic", "fluent", "audit.storage"}
    if worker != "worker":
        unneeded |= {"audit.vault.keys", "audit.vault.external_key", "cryptography.x509"}
    assert unneeded & loaded == set()


def behind_the_walls(folder: Path, statement: str) -> tuple[str, str]:
    """Which walls a confined process says that it has, and what this statement came to in it."""
    program = f"""
from audit.service.confinement import confine
from pathlib import Path
import ctypes, os, socket, subprocess, resource
walls = confine(memory_bytes={MEMORY_BYTES}, processor_seconds=60, readable=[Path({str(folder / "records")!r})])
print(*walls, sep=",")
try:
    {statement}
    print("done")
except BaseException as error:
    print(type(error).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    walls, said = done.stdout.splitlines()
    return walls, said


@pytest.mark.parametrize(
    ("wall", "statement", "outcome"),
    [
        ("system calls", "socket.socket()", "PermissionError"),
        ("system calls", "subprocess.run(['true'])", "PermissionError"),
        ("files", "open({key!r}).read()", "PermissionError"),
        ("files", "open({outside!r}, 'w')", "PermissionError"),
        ("limits", "os.listdir({records!r})", "done"),
        ("limits", "bytearray(2 * {memory})", "MemoryError"),
    ],
)
async def test_the_walls_hold(folder: Path, store: SealedStore, wall: str, statement: str, outcome: str) -> None:
    """No socket, no program, no key, no file of its own, no memory beyond its limit. A system that lacks one of the
    walls has to say so: then, and only then, it is not there."""
    key = folder / "audit.key"
    key.write_text("secret")
    filled = statement.format(
        key=str(key), outside=str(folder / "out"), records=str(store.records_folder), memory=MEMORY_BYTES
    )
    walls, said = await asyncio.to_thread(behind_the_walls, folder, filled)
    assert said == (outcome if wall in walls.split(",") else "done")
