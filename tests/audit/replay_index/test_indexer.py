"""An index is the same however its building was interrupted, and shows any moment as a replay from zero does."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.replay_index import indexer as indexer_module
from audit.replay_index.entries import Entry, Kind
from audit.replay_index.index_files import CHUNKS_FILE, HEAD_FILE, session_folder
from audit.replay_index.indexer import RecordGapError, SessionIndexer, replace_entries
from audit.replay_index.session_index import NotIndexedError, SessionIndex
from audit.replay_index.snapshots import take
from audit.replay_index.words import parse_query
from audit.vault.replay import WholeReading
from protocol.events import Event, InputHidden, TerminalOutput, TerminalResized
from tests.helpers.indexes import index_keys, index_recording, opened_records, session_of
from tests.helpers.recordings import SealedRecording, make_recording

_PIECES = st.sampled_from(
    [
        b"$ ",
        b"ls -la\r\n",
        b"total 12\r\n",
        "重启服务\r\n".encode(),
        b"\x1b[2J\x1b[H",
        b"\x1b[31mred\x1b[0m\r\n",
        b"\x1b[?1049h\x1b[2J\x1b[Hin vi",
        b"\x1b[?1049l",
        b"\rprogress 10%",
        b"\rprogress 20%",
        b"\x1b]133;B\x07",
        b"uptime\r\n\x1b]133;C\x07",
        "\u4f60".encode()[:2],
        b"x" * 100,
        b"line of a flood\r\n" * 100,
    ]
)
_EVENTS = st.lists(
    st.tuples(st.integers(0, 40_000), st.one_of(_PIECES, st.sampled_from(["key", "size"]))), min_size=1, max_size=30
)


def _recording(drawn: list[tuple[int, bytes | str]], per_record: int = 2) -> SealedRecording:
    t_ms, events = 5000, list[Event]()
    for pause_ms, what in drawn:
        t_ms += pause_ms
        if what == "key":
            events.append(InputHidden(t_ms, 0, 1, 1))
        elif what == "size":
            events.append(TerminalResized(t_ms, 0, 40 + t_ms % 20, 10 + t_ms % 7))
        else:
            assert isinstance(what, bytes)
            events.append(TerminalOutput(t_ms, 0, what))
    return session_of([events[at : at + per_record] for at in range(0, len(events), per_record)], size=(40, 10))


def _all_entries(index: SessionIndex) -> list[Entry]:
    """Timeline, and every entry that a search for a word of the generator finds."""
    words = ("ls", "total", "重启", "red", "vi", "progress", "uptime", "flood", "receipts")
    found = [
        entry
        for word in words
        for query in [parse_query(word)]
        for number in range(len(index.filters()))
        for entry in index.search_block(number, query)
    ]
    return [*index.timeline(), *found]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_EVENTS, st.sets(st.integers(0, 15)), st.sets(st.integers(0, 15)))
def test_an_index_built_with_interruptions_is_the_whole_one(
    tmp_path: Path, drawn: list[tuple[int, bytes | str]], stops: set[int], flushes: set[int]
) -> None:
    """However often building stops, is flushed, and is fed again from the beginning, it finds the same."""
    recording = _recording(drawn)
    records = opened_records(recording)
    whole = index_recording(tmp_path / "whole", recording)
    folder = tmp_path / "parts"
    keys = index_keys(folder)
    for at in range(len(records)):
        indexer = SessionIndexer.open(folder, recording.session_id, keys)
        if at in stops or at in flushes:
            for record in records[: at + 1]:
                indexer.feed(record)
            if at in flushes:
                indexer.flush()
        indexer.close()
    indexer = SessionIndexer.open(folder, recording.session_id, keys)
    for record in [*records, *records]:
        indexer.feed(record)
    indexer.close()
    parts = SessionIndex.open(folder, recording.session_id, keys)
    assert parts.facts == whole.facts
    assert list(parts.events()) == list(whole.events())
    assert _all_entries(parts) == _all_entries(whole)
    shutil.rmtree(tmp_path / "whole")
    shutil.rmtree(folder)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_EVENTS, st.lists(st.integers(0, 400_000), min_size=3, max_size=3))
def test_any_moment_is_what_a_replay_from_zero_shows(
    tmp_path: Path, drawn: list[tuple[int, bytes | str]], moments: list[int]
) -> None:
    """Cell by cell, and with the same events to follow."""
    recording = _recording(drawn)
    index = index_recording(tmp_path, recording)
    events = [event for record in opened_records(recording) for event in record.events]
    for t_ms in [*moments, *(event.t_ms for event in events[::5])]:
        fast, slow = index.at(t_ms), WholeReading(lambda: iter(events)).at(t_ms, 0)
        assert take(fast.emulator) == take(slow.emulator)
        assert list(fast.events) == list(slow.events)
    index.close()
    shutil.rmtree(tmp_path / "sessions")
    shutil.rmtree(tmp_path / "keys")


def test_a_moment_costs_one_interval(tmp_path: Path) -> None:
    """However long the session was, at most a minute is read and fed again."""
    groups = [[TerminalOutput(t_s * 1000, 0, b"line %d\r\n" % t_s)] for t_s in range(5, 2 * 3600, 40)]
    index = index_recording(tmp_path, session_of(groups))
    assert index.interval_count > 80
    assert max(len(index.open_interval(number).events) for number in range(index.interval_count)) < 10


def test_a_full_screen_programs_flood_is_cut_where_feeding_it_again_would_take_long(tmp_path: Path) -> None:
    """Within one minute, too."""
    draws = b"".join(b"\x1b[%d;1HPID %d" % (number % 24 + 1, number) for number in range(500))
    index = index_recording(tmp_path, session_of([[TerminalOutput(5000 + at, 0, draws)] for at in range(40)]))
    limit = 2 * indexer_module.INTERVAL_DRAWN_CHARACTERS
    sizes = [
        sum(len(event.data) for event in index.open_interval(number).events if isinstance(event, TerminalOutput))
        for number in range(index.interval_count)
    ]
    assert max(sizes) < limit
    assert sum(sizes) == 40 * len(draws)


def test_records_must_come_in_order(tmp_path: Path) -> None:
    """One that is left out is said; one that comes again is passed over."""
    recording = make_recording()
    records = opened_records(recording)
    indexer = SessionIndexer.open(tmp_path, recording.session_id, index_keys(tmp_path))
    indexer.feed(records[0])
    indexer.feed(records[0])
    with pytest.raises(RecordGapError):
        indexer.feed(records[2])
    assert indexer.next_seq == 1


def test_what_was_not_committed_is_cut_off_and_made_again(tmp_path: Path) -> None:
    """A crash in the middle of a write leaves half a chunk behind the last commit; nothing of it is believed."""
    recording = _recording([(1000, b"before the crash\r\n"), (1000, b"after the crash\r\n")], per_record=1)
    records = opened_records(recording)
    keys = index_keys(tmp_path)
    indexer = SessionIndexer.open(tmp_path, recording.session_id, keys)
    for record in records[:3]:
        indexer.feed(record)
    indexer.flush()
    indexer.close()
    with (session_folder(tmp_path, recording.session_id) / CHUNKS_FILE).open("ab") as chunks:
        chunks.write(b"\0\0\1\0half a chunk")
    indexer = SessionIndexer.open(tmp_path, recording.session_id, keys)
    for record in records[indexer.next_seq :]:
        indexer.feed(record)
    index = SessionIndex.open(tmp_path, recording.session_id, keys)
    assert index.finished
    assert index.at(100_000).emulator.text_rows()[:2] == ["before the crash", "after the crash"]


@pytest.mark.parametrize("name", [HEAD_FILE, CHUNKS_FILE])
def test_a_damaged_index_is_begun_anew(tmp_path: Path, name: str) -> None:
    """It is made from the records, so nothing is lost but time."""
    recording = make_recording()
    keys = index_keys(tmp_path)
    index_recording(tmp_path, recording).close()
    path = session_folder(tmp_path, recording.session_id) / name
    path.write_bytes(path.read_bytes()[:20])
    indexer = SessionIndexer.open(tmp_path, recording.session_id, keys)
    assert indexer.next_seq == 0
    for record in opened_records(recording):
        indexer.feed(record)
    assert "whoami" in SessionIndex.open(tmp_path, recording.session_id, keys).at(100_000).emulator.text_rows()[0]


def test_marks_and_notes_can_be_added_at_any_time(tmp_path: Path) -> None:
    """Also behind the end of the recording; the same one twice is kept once."""
    recording = make_recording()
    index = index_recording(tmp_path, recording)
    mark = Entry(5000, Kind.MARK, "root scope was granted", name="root-scope")
    note = Entry(6000, Kind.NOTE, "cause: the disk was full")
    for _ in range(2):
        replace_entries(index.files, [mark])
    replace_entries(index.files, [mark, note, mark])
    assert index.additions() == [mark, note]
    assert [entry.kind for entry in index.timeline()].count(Kind.MARK) == 1


def test_without_an_index_it_says_so(tmp_path: Path) -> None:
    """Nothing is made by looking."""
    keys = index_keys(tmp_path)
    with pytest.raises(NotIndexedError):
        SessionIndex.open(tmp_path, bytes(16), keys)
    assert not (tmp_path / "sessions").exists()
