"""Small ways of reading a recording in memory."""

import io

from audit.vault.inspection import inspect_chain
from audit.vault.opening import open_records
from protocol.events import ROOM_CHANNEL, Event, TerminalOutput
from tests.helpers.recordings import SealedRecording


def all_events(recording: SealedRecording) -> list[Event]:
    """Every event, opened with the recording's own keys."""
    source = io.BytesIO(recording.data)
    found = inspect_chain(source, recording.session_id, recording.agent_key, recording.commitment)
    assert found.fault is None
    return [event for record in open_records(source, found.offsets, recording.keys) for event in record.events]


def first_room_output(recording: SealedRecording) -> bytes:
    """All that the shared terminal showed."""
    events = all_events(recording)
    return b"".join(e.data for e in events if isinstance(e, TerminalOutput) and e.channel == ROOM_CHANNEL)
