"""From a records folder to what quality knows of its sessions: each recording is proved, opened and followed once.

What the files of a session look like is kept as a stamp beside its facts, so that only what has changed is read again.
A recording that cannot be read is known all the same, without what stands in it: a list must never hide a session.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from audit.quality.marks import MarkRules
from audit.quality.sessions import SessionFacts, SessionWatch
from audit.quality.store import QualityStore
from audit.vault.keys import AuditKey
from audit.vault.library import Listing, list_sessions
from audit.vault.opening import RecordingErasedError
from audit.vault.reading import open_recording
from protocol.errors import ConsentryError


class Intake(Struct, frozen=True):
    """How many recordings were read anew, and which could not be opened (session ids in hex)."""

    read: int
    unreadable: tuple[str, ...]


async def take_in(
    store: QualityStore, records_folder: Path, keys: Sequence[AuditKey], rules: MarkRules, now_ms: int
) -> Intake:
    """Brings the store up to date with a folder. Raises RecordsFolderError."""
    known = await store.session_stamps()
    read, unreadable = 0, []
    for listing in list_sessions(records_folder, keys, now_ms):
        if listing.recording.opening is None:
            continue  # the file that its chain begins with is gone: there is nothing that could be told of it
        session_id = listing.recording.session_id.hex()
        stamp = stamp_of(listing, keys, rules)
        if known.get(session_id) == stamp:
            continue
        facts = read_session(listing, keys, rules)
        if facts is None:
            continue
        if not facts.staff_number:
            unreadable.append(session_id)
        await store.put_session(facts, stamp)
        read += 1
    return Intake(read, tuple(unreadable))


def stamp_of(listing: Listing, keys: Sequence[AuditKey], rules: MarkRules) -> str:
    """The same as long as reading the session again would bring nothing new."""
    recording = listing.recording
    seen = (
        str(listing.state),
        listing.scan.size_bytes if listing.scan else -1,
        recording.closing.closed_at_ms if recording.closing else -1,
        recording.rating.kept_at_ms if recording.rating else -1,
        recording.fork_count,
        sorted(key.recipient.key_id.hex() for key in keys),
        rules,
    )
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()


def read_session(listing: Listing, keys: Sequence[AuditKey], rules: MarkRules) -> SessionFacts | None:
    """The facts of one session, as far as its recording can be proved and opened; None for one that was erased."""
    recording, state = listing.recording, str(listing.state)
    assert recording.opening is not None
    watch, chain_hash, intact = SessionWatch(rules), "", False
    try:
        with open_recording(recording, keys) as opened:
            chain_hash, intact = opened.inspection.chain_hash.hex(), opened.is_whole
            for event in opened.events() if keys else ():
                watch.feed(event)
    except RecordingErasedError:
        return None
    except ConsentryError:
        # What was understood so far stands; `consentry audit verify` says what is wrong.
        intact = False
    if state != "arriving":
        watch.marks.end(state)
    facts = watch.facts(recording.opening, recording.closing, recording.rating, state)
    return msgspec.structs.replace(facts, chain_hash=chain_hash, intact=intact)
