"""A disk that takes a part of what an engineer sends: what it took is in the recording, the rest was refused."""

import hashlib
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol.events import FileOperation
from protocol.grants import Scope
from tests.agent_client.ssh.conftest import Bench, bench  # noqa: F401 (a fixture)

TAKEN_BYTES = 100_000


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """RLIMIT_FSIZE: a write beyond fails, and one across it is short, as on a disk that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_what_a_full_disk_took_is_recorded(bench: Bench, tmp_path: Path) -> None:  # noqa: F811
    """The put fails, and the recording says how much of the file is there, and its hash; other files still fit."""
    engineer = await bench.engineer(Scope.FILES_READ, Scope.FILES_WRITE, folders=(bench.home,))
    data = os.urandom(250_000)
    (tmp_path / "big").write_bytes(data)
    (tmp_path / "small").write_bytes(b"small")
    with files_of_at_most(TAKEN_BYTES):
        ran = await engineer.sftp(f"-put {tmp_path / 'big'} big", f"put {tmp_path / 'small'} small")
    assert ran.status == 0
    assert "Failure" in ran.errors
    assert (bench.home / "small").read_bytes() == b"small"
    written = next(event for event in bench.recording.of(FileOperation) if event.path.endswith("/big"))
    on_disk = (bench.home / "big").read_bytes()
    assert (written.action, written.outcome) == ("write", "failed")
    assert written.byte_count == len(on_disk) == TAKEN_BYTES
    assert written.sha256 == hashlib.sha256(on_disk).digest()
