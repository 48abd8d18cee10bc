"""Small ways of indexing a recording that is in memory."""

import io
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from audit.replay_index.indexer import SessionIndexer
from audit.replay_index.keys import IndexKeys
from audit.replay_index.session_index import SessionIndex
from audit.vault.inspection import inspect_chain
from audit.vault.opening import OpenedRecord, open_records
from protocol.events import ChannelOpened, Event, TerminalOutput
from tests.helpers.recordings import SealedRecording, closing_events, make_session, opening_events, seal_session

MASTER_KEY = sha256(b"index master").digest()


def index_keys(folder: Path) -> IndexKeys:
    """The keys of an index folder, under a master key that all tests share."""
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    return IndexKeys(folder / "keys", MASTER_KEY)


def opened_records(recording: SealedRecording) -> list[OpenedRecord]:
    """Every record, proved and opened."""
    source = io.BytesIO(recording.data)
    found = inspect_chain(source, recording.session_id, recording.agent_key, recording.commitment)
    assert found.fault is None
    return list(open_records(source, found.offsets, recording.keys))


def session_of(
    groups: Iterable[Sequence[Event]], *, session: SealedRecording | None = None, size: tuple[int, int] = (80, 24)
) -> SealedRecording:
    """A whole recording with these events in the room, one record per group."""
    session = session or make_session()
    middle = [list(group) for group in groups if group]
    opening = [
        ChannelOpened(e.t_ms, 0, 1, "room", e.stream_id, "", *size, 0) if isinstance(e, ChannelOpened) else e
        for e in opening_events(session)
    ]
    events = [event for group in middle for event in group]
    room = b"".join(e.data for e in events if isinstance(e, TerminalOutput) and e.channel == 0)
    last_ms = max((event.t_ms for event in events), default=5000)
    return seal_session(session, [opening, *middle, closing_events(session, room, last_ms + 1000)])


def index_recording(folder: Path, recording: SealedRecording) -> SessionIndex:
    """Built in one go, and opened."""
    keys = index_keys(folder)
    indexer = SessionIndexer.open(folder, recording.session_id, keys)
    for record in opened_records(recording):
        indexer.feed(record)
    indexer.close()
    return SessionIndex.open(folder, recording.session_id, keys)
