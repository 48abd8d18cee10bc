"""Did each session's agent make these records? The slow half of verifying, on all cores: signatures let others run."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial

from audit.ingest.session_file import SessionFile
from protocol.errors import ConsentryError
from protocol.records import Record

THREADS = min(8, os.cpu_count() or 1)

RECORDS_AT_LEAST = 8
"""To a thread: half a millisecond of signatures, several times what it costs to hand them over."""

Known = Mapping[bytes, SessionFile | ConsentryError]
"""By session id: its file, or why there is none."""


def authenticate_all(
    group: Sequence[tuple[bytes, bytes]], sessions: Known, threads: Executor
) -> list[Record | ConsentryError]:
    """What each record is, given with its session's id, or why it is refused wherever it belongs. In their order."""
    size = max(RECORDS_AT_LEAST, -(-len(group) // THREADS))
    if len(group) <= size:
        return _authenticate(group, sessions)
    parts = [group[begin : begin + size] for begin in range(0, len(group), size)]
    return [one for part in threads.map(partial(_authenticate, sessions=sessions), parts) for one in part]


def _authenticate(group: Sequence[tuple[bytes, bytes]], sessions: Known) -> list[Record | ConsentryError]:
    found: list[Record | ConsentryError] = []
    for session_id, record in group:
        session = sessions[session_id]
        try:
            found.append(session if isinstance(session, ConsentryError) else session.authenticate(record))
        except ConsentryError as refusal:
            found.append(refusal)
    return found
