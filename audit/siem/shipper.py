"""Ships audit events at least once, each session's in order, with a cursor on the disk.

Before a delivery its place is written down, after it the place moves on. A crash between the two sends the same lines
again, under the same delivery id, and every line carries its event's own id: a receiver can drop what it has.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from audit.siem.events import AuditEvent, audit_events
from audit.siem.formats import FORMATS, FormatName
from audit.siem.outlets import Delivery, Outlet
from audit.vault.library import list_sessions
from audit.vault.reading import open_recording
from audit.vault.recipient_key import RecipientKey
from protocol.decoding import UNREADABLE
from protocol.errors import IntegrityError

BATCH_EVENTS = 500
CURSOR_LIMIT_BYTES = 64 * 1024 * 1024


class CursorBroken(IntegrityError):
    sentence = "The cursor {path} cannot be read. Restore it from a copy, or remove it: then everything is sent again."


class Pending(Struct, frozen=True, forbid_unknown_fields=True):
    """A delivery that may or may not have arrived: events `[first, last)` of a session."""

    session_id: str
    first: int
    last: int


class Cursor(Struct, forbid_unknown_fields=True):
    """How many events of each session were delivered."""

    delivered: dict[str, int] = {}
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class Shipped:
    """`unreadable` are sessions whose recording does not open; what was read before that was sent."""

    events: int
    deliveries: int
    unreadable: tuple[str, ...]


class Shipper:
    """One target's cursor in a file, for a records folder that no service looks after."""

    def __init__(self, cursor_path: Path, outlet: Outlet, format_name: FormatName) -> None:
        self._path = cursor_path
        self._outlet = outlet
        self._format = FORMATS[format_name]
        self._cursor = self._load()

    def ship(self, records_folder: Path, keys: Sequence[RecipientKey], now_ms: int) -> Shipped:
        """Everything that is new. Raises NotDelivered; what was delivered before that stays delivered."""
        events = deliveries = 0
        unreadable = []
        for listing in list_sessions(records_folder, keys, now_ms):
            session_id = listing.recording.session_id.hex()
            try:
                with open_recording(listing.recording, keys) as opened:
                    is_over = str(listing.state) != "arriving"
                    problem = str(listing.state) if is_over and not opened.is_whole else ""
                    told = audit_events(session_id, opened.events(), problem=problem)
                    for count in self._ship_session(session_id, told):
                        events += count
                        deliveries += 1
            except IntegrityError:
                unreadable.append(session_id)
        return Shipped(events, deliveries, tuple(unreadable))

    def _ship_session(self, session_id: str, told: Iterator[AuditEvent]) -> Iterator[int]:
        position = self._cursor.delivered.get(session_id, 0)
        waiting = islice(told, position, None)
        pending = self._cursor.pending
        size = BATCH_EVENTS
        if pending is not None and (pending.session_id, pending.first) == (session_id, position):
            size = pending.last - pending.first  # the same lines again, under the same id
        while batch := list(islice(waiting, size)):
            last = position + len(batch)
            self._store(Cursor(self._cursor.delivered, Pending(session_id, position, last)))
            self._outlet.deliver(
                Delivery(
                    delivery_id(session_id, position, last),
                    [self._format(event) for event in batch],
                    [event.code for event in batch],
                )
            )
            self._store(Cursor({**self._cursor.delivered, session_id: last}, None))
            yield len(batch)
            position, size = last, BATCH_EVENTS

    def _load(self) -> Cursor:
        try:
            with self._path.open("rb") as file:
                return msgspec.json.decode(file.read(CURSOR_LIMIT_BYTES), type=Cursor)
        except FileNotFoundError:
            return Cursor()
        except UNREADABLE:
            raise CursorBroken(path=self._path) from None

    def _store(self, cursor: Cursor) -> None:
        """Whole or not at all: written beside it, synced, renamed, and the folder synced."""
        part = self._path.with_name(f"{self._path.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(cursor))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._cursor = cursor


def delivery_id(session_id: str, first: int, last: int) -> str:
    """The same for the same events, whenever they are sent."""
    return hashlib.sha256(f"{session_id}:{first}:{last}".encode()).hexdigest()[:32]
