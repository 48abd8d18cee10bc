"""Many records at once, verified by several threads: each is answered for itself, in the order in which they came."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audit.durability import Durability
from audit.ingest.authenticity import RECORDS_AT_LEAST, authenticate_all
from audit.ingest.errors import SessionNotOpenError
from audit.ingest.session_file import SessionFile
from protocol.errors import ConsentryError
from protocol.events import TerminalOutput
from protocol.record_chain import RecordForeignError, RecordSignatureError
from tests.helpers.recordings import START_MS, make_session

NOT_OPEN = b"n" * 16


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadPoolExecutor]:
    monkeypatch.setattr("audit.ingest.authenticity.THREADS", 4)
    with ThreadPoolExecutor(4) as pool:
        yield pool


def _sealed(folder: Path, session_id: bytes, count: int) -> tuple[SessionFile, list[bytes]]:
    recording = make_session(session_id=session_id)
    sealer = recording.sealer()
    records = [sealer.seal_epoch(START_MS)]
    records += [sealer.seal_events([TerminalOutput(t_ms, 0, b"x")], t_ms, t_ms) for t_ms in range(1, count)]
    return SessionFile.create(folder / session_id.hex(), recording.opening, Durability()), records


def test_each_answer_stands_where_its_record_stood(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    """Also those of records that are forged, somebody else's, or of a session that nobody opened."""
    ids = (b"a" * 16, b"b" * 16)
    files, records = zip(*(_sealed(tmp_path, one, 2 * RECORDS_AT_LEAST) for one in ids), strict=True)
    group = [(one, record) for pair in zip(*records, strict=True) for one, record in zip(ids, pair, strict=True)]
    forged, foreign, unopened = 3, 10, 21
    group[forged] = (group[forged][0], group[forged][1][:-1] + bytes([group[forged][1][-1] ^ 1]))
    group[foreign] = (ids[1], records[0][5])
    group[unopened] = (NOT_OPEN, records[0][0])
    sessions: dict[bytes, SessionFile | ConsentryError] = dict(zip(ids, files, strict=True))
    found = authenticate_all(group, sessions | {NOT_OPEN: SessionNotOpenError()}, threads)
    refused = {place: type(one) for place, one in enumerate(found) if isinstance(one, ConsentryError)}
    assert refused == {forged: RecordSignatureError, foreign: RecordSignatureError, unopened: SessionNotOpenError}
    for (session_id, record), one in zip(group, found, strict=True):
        if not isinstance(one, ConsentryError):
            assert (one.header.session_id, one.header_bytes) == (session_id, record[: len(one.header_bytes)])


def test_a_record_of_another_session_with_the_same_key_is_foreign(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    """Its signature is right, and it is refused all the same."""
    recording = make_session(session_id=b"a" * 16)
    other = make_session(session_id=b"b" * 16)
    other.signing_key = recording.signing_key
    file = SessionFile.create(tmp_path / "a", recording.opening, Durability())
    group = [(b"a" * 16, other.sealer().seal_epoch(START_MS))] * (RECORDS_AT_LEAST + 1)
    found = authenticate_all(group, {b"a" * 16: file}, threads)
    assert {type(one) for one in found} == {RecordForeignError}
