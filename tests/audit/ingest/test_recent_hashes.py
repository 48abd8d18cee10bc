"""What the broker remembers of a recording's last records, and that it is no more after a day than after a minute."""

import tracemalloc
from pathlib import Path

import pytest

from audit.durability import Durability
from audit.ingest.recent_hashes import HASH_BYTES, RecentHashes
from audit.ingest.session_file import RECENT_RECORDS, SessionFile
from protocol.events import TerminalOutput
from tests.helpers.recordings import START_MS, make_session


def _hash(number: int) -> bytes:
    return number.to_bytes(HASH_BYTES, "big")


def _with(count: int, *, limit: int = 4) -> RecentHashes:
    hashes = RecentHashes(limit)
    for number in range(count):
        hashes.add(number, _hash(number))
    return hashes


def test_the_last_ones_are_known() -> None:
    hashes = _with(7)
    assert [hashes.of(number) for number in range(8)] == [None, None, None, *map(_hash, range(3, 7)), None]


def test_what_was_taken_back_is_not_known_and_what_it_replaced_neither() -> None:
    """Its places were written over: an older hash must not come out where a newer one was."""
    hashes = _with(7)
    hashes.forget_from(5)
    assert [hashes.of(number) for number in range(7)] == [None, None, None, _hash(3), _hash(4), None, None]
    hashes.add(5, _hash(55))
    assert hashes.of(5) == _hash(55)
    hashes.forget_from(0)
    assert hashes.of(5) is None
    hashes.add(2, _hash(2))
    assert [hashes.of(number) for number in range(4)] == [None, None, _hash(2), None]


def test_a_gap_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="does not follow"):
        _with(3).add(5, _hash(5))


def test_a_recording_takes_no_more_memory_as_its_records_come(tmp_path: Path) -> None:
    """Not one of the 200 after the first leaves anything behind in the store's memory."""
    recording = make_session()
    sealer = recording.sealer()
    file = SessionFile.create(tmp_path / "session", recording.opening, Durability())
    records = [sealer.seal_epoch(START_MS)]
    records += [sealer.seal_events([TerminalOutput(t_ms, 0, b"x")], t_ms, t_ms) for t_ms in range(1, 201)]
    assert len(records) > 2 * RECENT_RECORDS
    for record in records[:2]:
        file.stage(record, file.authenticate(record))
    tracemalloc.start()
    before_bytes, _ = tracemalloc.get_traced_memory()
    for record in records[2:]:
        file.stage(record, file.authenticate(record))
    after_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after_bytes - before_bytes < 1024
