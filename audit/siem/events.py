"""What of a recording is an audit event. The code's last letter is its weight: I information, W warning, E error.

    CS1200I  consent.grant     the customer said yes            CS3002I  file.write     also links, folders, renames
    CS1200W  consent.deny      no, or no answer                 CS3003I  file.delete
    CS2000I  session.start     the recording begins             CS3009W  file.refused   the agent did not let them
    CS2004I  session.end                                        CS9001E  integrity.fail the recording is not whole
    CS2006I  session.takeover  who has whose place
    CS3001I  file.read

A session's events are numbered as they stand in its recording, so that a receiver can tell one that comes twice.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from protocol.errors import IntegrityError
from protocol.events import (
    ConsentAnswered,
    Event,
    FileOperation,
    Manifest,
    ManifestRecorded,
    ParticipantJoined,
    SessionClosing,
    TakenOver,
    decode_manifest,
)

EventName = Literal[
    "consent.grant", "consent.deny", "session.start", "session.end", "session.takeover", "file.read", "file.write",
    "file.delete", "file.refused", "integrity.fail",
]  # fmt: skip
CODES: dict[EventName, str] = {
    "consent.grant": "CS1200I",
    "consent.deny": "CS1200W",
    "session.start": "CS2000I",
    "session.end": "CS2004I",
    "session.takeover": "CS2006I",
    "file.read": "CS3001I",
    "file.write": "CS3002I",
    "file.delete": "CS3003I",
    "file.refused": "CS3009W",
    "integrity.fail": "CS9001E",
}
_DELETES = frozenset({"remove", "remove-folder"})
TEXT_LIMIT_CHARACTERS = 4096


class AuditEvent(Struct, frozen=True, kw_only=True):
    """`t_ms` is Unix time by the customer's clock. `number` counts within the session; the two name the event."""

    session_id: str
    number: int
    name: EventName
    t_ms: int
    engineer: str = ""
    staff_number: str = ""
    customer_user: str = ""
    customer_host: str = ""
    organisation: str = ""
    reason: str = ""
    scopes: tuple[str, ...] = ()
    file_action: str = ""
    path: str = ""
    byte_count: int = 0
    sha256: str = ""

    @property
    def code(self) -> str:
        return CODES[self.name]

    @property
    def uid(self) -> str:
        return f"{self.session_id}:{self.number}"


class _Teller:
    """Follows one recording; knows who is who."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._manifest: Manifest | None = None
        self._people: dict[int, tuple[str, str]] = {}
        self._number = 0

    def tell(self, event: Event) -> AuditEvent | None:
        match event:
            case ManifestRecorded() if self._manifest is None:
                self._manifest = _read(event)
                manifest = self._manifest
                return self._event("session.start", 0, 1, reason=manifest.reason if manifest else "")
            case ParticipantJoined():
                self._people[event.participant] = (event.name, event.staff_number)
            case ConsentAnswered():
                name: EventName = "consent.grant" if event.answer == "allowed" else "consent.deny"
                scopes = tuple(str(scope) for scope in event.scopes)
                return self._event(name, event.t_ms, event.participant, scopes=scopes, reason=event.answer)
            case TakenOver():
                leaver, staff_number = self._people.get(event.leaver, (str(event.leaver), ""))
                reason = f"from {leaver} ({staff_number})"
                return self._event("session.takeover", event.t_ms, event.participant, reason=reason)
            case FileOperation() if event.action != "list":
                path = f"{event.path} -> {event.target}" if event.target else event.path
                return self._event(
                    _file_event(event), event.t_ms, event.participant,
                    file_action=event.action, path=path[:TEXT_LIMIT_CHARACTERS], byte_count=event.byte_count,
                    sha256=event.sha256.hex(), reason=event.outcome,
                )  # fmt: skip
            case SessionClosing():
                return self._event("session.end", event.t_ms, 1, reason=event.reason)
        return None

    def integrity_failed(self, problem: str, t_ms: int) -> AuditEvent:
        return self._event("integrity.fail", t_ms, 1, reason=problem)

    def _event(self, name: EventName, t_ms: int, participant: int, **fields: object) -> AuditEvent:
        manifest = self._manifest
        first = (manifest.engineer.name, manifest.engineer.staff_number) if manifest else ("", "")
        engineer, staff_number = self._people.get(participant, first if participant == 1 else ("", ""))
        told = AuditEvent(
            session_id=self._session_id,
            number=self._number,
            name=name,
            t_ms=min((manifest.started_at_ms if manifest else 0) + t_ms, 2**53),
            engineer=engineer,
            staff_number=staff_number,
            customer_user=manifest.user_name if manifest else "",
            customer_host=manifest.host_label if manifest else "",
            organisation=manifest.organisation if manifest else "",
            **fields,  # type: ignore[arg-type]  # those of AuditEvent, given above
        )
        self._number += 1
        return told


def audit_events(session_id: str, events: Iterable[Event], *, problem: str = "") -> Iterator[AuditEvent]:
    """Of one recording, in order; `problem` says what is wrong with one that is over and not whole."""
    teller, last_ms = _Teller(session_id), 0
    for event in events:
        last_ms = max(last_ms, event.t_ms)
        told = teller.tell(event)
        if told is not None:
            yield told
    if problem:
        yield teller.integrity_failed(problem, last_ms)


def _file_event(event: FileOperation) -> EventName:
    if event.outcome == "refused":
        return "file.refused"
    if event.action == "read":
        return "file.read"
    return "file.delete" if event.action in _DELETES else "file.write"


def _read(event: ManifestRecorded) -> Manifest | None:
    try:
        return decode_manifest(event.manifest)
    except IntegrityError:
        return None
