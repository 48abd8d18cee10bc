"""What the spool keeps through crashes, and what it never holds."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_client.recorder.errors import SpoolBroken
from agent_client.recorder.recorded_session import RecordedSession
from agent_client.recorder.spool import DiskCalls, FoundSpool, Spool, SpoolHead, found_spools, spool_folder
from protocol.record_sealing import RecordSealer


@pytest.fixture
async def session(new_session: Callable[..., RecordedSession]) -> RecordedSession:
    return new_session()


def head_of(session: RecordedSession) -> SpoolHead:
    return SpoolHead(
        version=1,
        profile=session.profile,
        session_id=session.session_id,
        session_token=session.session_token,
        agent_key=session.signing_key.public_key().public_bytes_raw(),
        manifest_commitment=bytes(32),
        started_at_ms=1,
    )


def sealed(session: RecordedSession, count: int) -> list[bytes]:
    sealer = RecordSealer(session.session_id, session.signing_key, session.profile.audit_recipients, bytes(32))
    return [sealer.seal_epoch(1) for _ in range(count)]


def spooled(tmp_path: Path, session: RecordedSession, records: list[bytes]) -> Path:
    spool = Spool.create(spool_folder(tmp_path), head_of(session))
    for record in records:
        spool.append(record)
    spool.sync()
    spool.close()
    return spool.path


async def test_reads_back_what_was_written(tmp_path: Path, session: RecordedSession) -> None:
    """Head and records come back as they were; the file is for its owner only and holds no private key."""
    records = sealed(session, 3)
    path = spooled(tmp_path, session, records)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert session.signing_key.private_bytes_raw() not in path.read_bytes()
    (found,) = found_spools(tmp_path)
    with found:
        assert found.head == head_of(session)
        assert [record for _, record in found.records()] == records
        assert [header.seq for header, _ in found.records()] == [0, 1, 2]
    assert "session_token" not in repr(found.head)


@pytest.mark.parametrize("cut", [1, 60, 65, 127, 129, 150])
async def test_torn_tail_is_left_out(tmp_path: Path, session: RecordedSession, cut: int) -> None:
    """Wherever the crash tore the last record, everything before it is there."""
    records = sealed(session, 2)
    path = spooled(tmp_path, session, records)
    os.truncate(path, path.stat().st_size - len(records[1]) + cut)
    (found,) = found_spools(tmp_path)
    with found:
        assert [record for _, record in found.records()] == records[:1]


async def test_lost_sectors_of_the_tail_are_noticed(tmp_path: Path, session: RecordedSession) -> None:
    """A power cut can leave a file its length and not all of its sectors: such a record is as torn as a short one."""
    records = sealed(session, 2)
    path = spooled(tmp_path, session, records)
    with path.open("r+b") as file:
        file.seek(-len(records[1]) + 140, os.SEEK_END)
        file.write(bytes(40))
    (found,) = found_spools(tmp_path)
    with found:
        assert [record for _, record in found.records()] == records[:1]


async def test_nothing_is_delivered_that_the_disk_may_yet_lose(
    tmp_path: Path, session: RecordedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed agent left in the page cache is synced before a broker hears of it; if that fails, it stays."""
    path = spooled(tmp_path, session, sealed(session, 1))
    synced: list[int] = []
    monkeypatch.setattr(DiskCalls, "fdatasync", staticmethod(synced.append))
    (found,) = found_spools(tmp_path)
    found.__exit__()
    assert len(synced) == 1

    def fail(descriptor: int) -> None:
        raise OSError(5, f"no sync of {descriptor}")

    monkeypatch.setattr(DiskCalls, "fdatasync", staticmethod(fail))
    assert list(found_spools(tmp_path)) == []
    assert path.exists()


async def test_garbage_tail_is_left_out(tmp_path: Path, session: RecordedSession) -> None:
    """Bytes that are no record, with a monstrous length in them, end the reading."""
    records = sealed(session, 1)
    path = spooled(tmp_path, session, records)
    with path.open("ab") as file:
        file.write(b"\xff" * 500)
    (found,) = found_spools(tmp_path)
    with found:
        assert [record for _, record in found.records()] == records


async def test_living_agent_keeps_its_spool(tmp_path: Path, session: RecordedSession) -> None:
    """While the writer lives, nobody delivers its file; not after it was trimmed either."""
    records = sealed(session, 4)
    spool = Spool.create(spool_folder(tmp_path), head_of(session))
    for record in records:
        spool.append(record)
    assert list(found_spools(tmp_path)) == []
    assert spool.trim(2, at_least_bytes=1)
    assert list(found_spools(tmp_path)) == []
    spool.append(sealed(session, 5)[4])
    spool.close()
    (found,) = found_spools(tmp_path)
    with found:
        assert [header.seq for header, _ in found.records()] == [2, 3, 4]


async def test_trim_keeps_all_that_is_not_acknowledged(tmp_path: Path, session: RecordedSession) -> None:
    """Also where it is more than is copied at once."""
    spool = Spool.create(spool_folder(tmp_path), head_of(session))
    head = spool.path.read_bytes()
    records = [bytes([number]) * 200_000 for number in range(6)]
    for record in records:
        spool.append(record)
    assert spool.trim(1, at_least_bytes=1)
    assert spool.path.read_bytes() == head + b"".join(records[1:])
    spool.close()


async def test_trim_of_little_does_nothing(tmp_path: Path, session: RecordedSession) -> None:
    """A rewrite is only worth it when it frees enough."""
    spool = Spool.create(spool_folder(tmp_path), head_of(session))
    for record in sealed(session, 2):
        spool.append(record)
    assert not spool.trim(2, at_least_bytes=10_000)
    spool.close()


async def test_crash_inside_a_trim_keeps_the_old_file(tmp_path: Path, session: RecordedSession) -> None:
    """Before the rename the old file counts, whatever happened to the new one."""

    class NoReplace(DiskCalls):
        @staticmethod
        def replace(source: Path, target: Path) -> None:
            raise OSError(5, "Input/output error")

    records = sealed(session, 3)
    spool = Spool.create(spool_folder(tmp_path), head_of(session), disk=NoReplace())
    for record in records:
        spool.append(record)
    with pytest.raises(SpoolBroken):
        spool.trim(2, at_least_bytes=1)
    assert list(spool.path.parent.iterdir()) == [spool.path]
    spool.close()
    (found,) = found_spools(tmp_path)
    with found:
        assert [record for _, record in found.records()] == records
    assert [path.suffix for path in found.path.parent.iterdir()] == [".spool"]


async def test_headless_file_is_removed(tmp_path: Path) -> None:
    """A file whose head never got to the disk has no records: it goes away."""
    path = spool_folder(tmp_path) / "00.spool"
    path.write_bytes(b'{"version":1')
    assert list(found_spools(tmp_path)) == []
    assert not path.exists()


async def test_torn_head_is_removed(tmp_path: Path) -> None:
    """Only the last sector of a head got to the disk, newline and all: no record was behind it."""
    path = spool_folder(tmp_path) / "00.spool"
    path.write_bytes(bytes(512) + b'"started_at_ms":1}\n')
    assert list(found_spools(tmp_path)) == []
    assert not path.exists()


async def test_unknown_head_is_left_alone(tmp_path: Path) -> None:
    """A spool of another version, or somebody else's file, is neither delivered nor destroyed."""
    path = spool_folder(tmp_path) / "00.spool"
    path.write_bytes(b'{"version":99}\nrecords')
    assert list(found_spools(tmp_path)) == []
    assert path.exists()


async def test_link_is_not_followed(tmp_path: Path, session: RecordedSession) -> None:
    """A link in the spool folder is not read."""
    path = spooled(tmp_path, session, [])
    target = tmp_path / "elsewhere"
    path.rename(target)
    path.symlink_to(target)
    assert FoundSpool.open(path) is None


async def test_same_session_twice_is_refused(tmp_path: Path, session: RecordedSession) -> None:
    """Two writers for one session would be two chains: the second one is told."""
    spooled(tmp_path, session, [])
    with pytest.raises(SpoolBroken):
        Spool.create(spool_folder(tmp_path), head_of(session))


async def test_a_spool_that_cannot_be_removed_stays_for_the_next_start(
    tmp_path: Path, session: RecordedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is delivered: that the disk lets no file go any more is not the session's business."""

    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise OSError(5, "Input/output error")

    spool = Spool.create(spool_folder(tmp_path), head_of(session))
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", refuse)
        spool.remove()
    (found,) = found_spools(tmp_path)
    found.remove()
    assert not spool.path.exists()
