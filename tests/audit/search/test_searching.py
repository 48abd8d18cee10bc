"""Search over many sessions: what is found, where it lands, how it is narrowed and paged."""

from pathlib import Path

import pytest

from audit.replay_index.entries import Entry, Kind, Source
from audit.replay_index.erasing import erase_index
from audit.replay_index.index_files import CHUNKS_FILE, IndexFiles, session_folder
from audit.replay_index.indexer import SessionIndexer, replace_entries
from audit.replay_index.words import parse_query
from audit.search.searching import Cursor, Narrowing, Page, Searcher
from audit.search.snippets import snippet
from protocol.events import ChatSaid, Event, TerminalOutput
from tests.helpers.indexes import index_keys, index_recording, opened_records, session_of
from tests.helpers.recordings import START_MS, SealedRecording, make_session, with_manifest

ONE, TWO, THREE = (bytes([number]) * 16 for number in (1, 2, 3))


def recording(session_id: bytes, *texts: str, day: int = 0, engineer: str = "Mei Example") -> SealedRecording:
    """A session that shows a line every ten seconds from the tenth on."""
    session = with_manifest(
        make_session(session_id=session_id), started_at_ms=START_MS + day * 86_400_000, engineer_name=engineer
    )
    events: list[list[Event]] = [
        [TerminalOutput(10_000 * number, 0, f"{text}\r\n".encode())] for number, text in enumerate(texts, start=1)
    ]
    return session_of(events, session=session)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sessions on three days."""
    index_recording(tmp_path, recording(ONE, "disk full on till", "重启服务", day=0)).close()
    index_recording(tmp_path, recording(TWO, "disk ok", "printer jam", day=1, engineer="Jun Example")).close()
    index_recording(tmp_path, recording(THREE, "磁盘空间不足", "disk full again", day=2)).close()
    return tmp_path


def hits(page: Page) -> list[tuple[int, int, str]]:
    """First byte of the session's number, second, text."""
    return [(hit.facts.session_id[0], hit.entry.t_ms // 1000, hit.entry.text) for hit in page.hits]


def search(folder: Path, text: str, narrowing: Narrowing | None = None) -> list[tuple[int, int, str]]:
    return hits(Searcher(folder, index_keys(folder)).search(parse_query(text), narrowing))


def test_hits_land_on_session_and_second_newest_first(folder: Path) -> None:
    """In English and Chinese."""
    assert search(folder, "disk full") == [(3, 20, "disk full again"), (1, 10, "disk full on till")]
    assert search(folder, "重启") == [(1, 20, "重启服务")]
    assert search(folder, "磁盘") == [(3, 10, "磁盘空间不足")]
    assert search(folder, "nothing") == []


def test_what_was_done_is_found_beside_what_was_shown(folder: Path) -> None:
    """The session's reason and ticket, consent, people; each by its kind."""
    page = Searcher(folder, index_keys(folder)).search(parse_query("T-1 receipts"))
    assert {hit.entry.kind for hit in page.hits} == {Kind.SESSION}
    assert len(search(folder, "allowed", Narrowing(kinds=frozenset({Kind.CONSENT})))) == 3
    assert search(folder, "allowed", Narrowing(kinds=frozenset({Kind.OUTPUT}))) == []


def test_chat_is_found_at_its_second_and_dies_with_an_erase(tmp_path: Path) -> None:
    """Both sides' lines, in both languages, alone if one asks for chat alone; after the erase, by nobody."""
    session = make_session(session_id=ONE)
    said: list[list[Event]] = [
        [ChatSaid(10_000, 0, "打印机还是不行\nreceipts stay away")],
        [ChatSaid(20_000, 1, "I restart the spooler"), TerminalOutput(30_000, 0, b"spooler restarted\r\n")],
    ]
    index_recording(tmp_path, session_of(said, session=session)).close()
    assert search(tmp_path, "打印机") == [(1, 10, "customer: 打印机还是不行 receipts stay away")]
    assert search(tmp_path, "spooler", Narrowing(kinds=frozenset({Kind.CHAT}))) == [
        (1, 20, "engineer 1: I restart the spooler")
    ]
    assert [second for _, second, _ in search(tmp_path, "spooler")] == [20, 30]
    erase_index(tmp_path, ONE, index_keys(tmp_path))
    assert search(tmp_path, "spooler") == search(tmp_path, "打印机") == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"spooler" in path.read_bytes()]


def test_narrowing_by_people_time_and_session(folder: Path) -> None:
    """Each alone leaves what it should."""
    day_ms = 86_400_000
    assert [hit[0] for hit in search(folder, "disk", Narrowing(engineer="jun"))] == [2]
    assert [hit[0] for hit in search(folder, "disk", Narrowing(engineer="E-17"))] == [3, 2, 1]
    assert search(folder, "disk", Narrowing(customer="nobody")) == []
    assert [hit[0] for hit in search(folder, "disk", Narrowing(customer="till-3"))] == [3, 2, 1]
    assert [hit[0] for hit in search(folder, "disk", Narrowing(from_ms=START_MS + day_ms))] == [3, 2]
    assert [hit[0] for hit in search(folder, "disk", Narrowing(until_ms=START_MS + day_ms))] == [1]
    assert search(folder, "disk", Narrowing(from_ms=START_MS + 10_001, until_ms=START_MS + day_ms)) == []
    assert [hit[0] for hit in search(folder, "disk", Narrowing(session_ids=frozenset({TWO})))] == [2]


def test_narrowing_by_mark_sees_marks_added_later(folder: Path) -> None:
    """Also by a searcher that knew the session before."""
    keys = index_keys(folder)
    searcher = Searcher(folder, keys)
    query, marked = parse_query("disk"), Narrowing(mark="root-scope")
    assert hits(searcher.search(query, marked)) == []
    key = keys.of(TWO)
    assert key is not None
    replace_entries(
        IndexFiles(folder, TWO, key), [Entry(9000, Kind.MARK, "disk rule", Source.ADDED, name="root-scope")]
    )
    assert hits(searcher.search(query, marked)) == [(2, 10, "disk ok"), (2, 9, "disk rule")]


def test_pages_go_on_where_the_last_one_ended(folder: Path) -> None:
    """However small they are, all of them together are the whole, and each end can be written down."""
    searcher = Searcher(folder, index_keys(folder))
    query = parse_query("example")
    whole = searcher.search(query, limit=1000)
    assert whole.next is None
    for limit, blocks_limit in ((1, 100), (100, 1)):
        collected, after = [], None
        while True:
            page = searcher.search(query, limit=limit, blocks_limit=blocks_limit, after=after)
            collected += page.hits
            if page.next is None:
                break
            after = Cursor.parse(page.next.text())
            assert after == page.next
        assert collected == whole.hits


def test_one_session_does_not_hide_the_others(tmp_path: Path) -> None:
    """Ten hits of each, and a word about where there are more."""
    index_recording(tmp_path, recording(ONE, "common word")).close()
    index_recording(tmp_path, recording(TWO, *(f"common word {number}" for number in range(30)), day=1)).close()
    page = Searcher(tmp_path, index_keys(tmp_path)).search(parse_query("common"))
    assert [hit.facts.session_id for hit in page.hits] == [TWO] * 10 + [ONE]
    assert page.more_in == {TWO}


def test_a_running_session_is_found_as_far_as_it_came(tmp_path: Path) -> None:
    """And further, when it has come further."""
    made = recording(ONE, "first line", "second line", "third line")
    keys = index_keys(tmp_path)
    searcher = Searcher(tmp_path, keys)
    indexer = SessionIndexer.open(tmp_path, ONE, keys)
    found = []
    for record in opened_records(made):
        indexer.feed(record)
        indexer.flush()
        found.append(len(searcher.search(parse_query("line")).hits))
    assert found == sorted(found)
    assert found[-1] == 3


def test_a_damaged_index_is_named_and_the_others_are_searched(folder: Path) -> None:
    """Nothing is left out in silence."""
    searcher = Searcher(folder, index_keys(folder))
    searcher.search(parse_query("disk"))
    path = session_folder(folder, TWO) / CHUNKS_FILE
    path.write_bytes(bytes(path.stat().st_size))
    page = searcher.search(parse_query("disk"))
    assert [hit[0] for hit in hits(page)] == [3, 1]
    assert page.damaged == {TWO}


def test_an_erased_session_is_not_found(folder: Path) -> None:
    """By a new searcher, nor by one that knew it."""
    keys = index_keys(folder)
    searcher = Searcher(folder, keys)
    assert len(searcher.search(parse_query("disk full")).hits) == 2
    erase_index(folder, ONE, keys)
    searcher.forget(ONE)
    assert (
        hits(searcher.search(parse_query("disk full"))) == search(folder, "disk full") == [(3, 20, "disk full again")]
    )


def test_a_snippet_shows_what_was_found() -> None:
    """Of a long line, the part around the first term."""
    line = "x" * 300 + " needle " + "y" * 300
    cut = snippet(line, parse_query("needle"))
    assert "needle" in cut
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert snippet("short needle", parse_query("needle")) == "short needle"
