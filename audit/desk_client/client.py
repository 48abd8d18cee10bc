"""The audit service's API, as commands use it.

Every answer is another machine's word: its shape is checked here, what it holds is made harmless where it is shown.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct

from protocol.details import Detail
from protocol.errors import InputError, PeerError
from tunnel.json_api import JsonApi

T = TypeVar("T")

HexId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
"""Of a list that is gone through for a number that was cut short: 100,000 sessions."""


class DeskSessionUnknown(InputError):
    sentence = "There is no session {session} at the audit service. Look it up: consentry desk sessions"


class DeskSessionAmbiguous(InputError):
    sentence = "Several sessions begin with {session}. Give more of the number."


class DeskAbout(Struct, frozen=True):
    """Empty for none, and from a service of before there were teams."""

    team: str = ""
    tier: str = ""


class DeskSession(Struct, frozen=True):
    """What a list shows of a session. `broker` is what the broker says of it, `recording` what that says itself."""

    session_id: HexId
    state: str
    condition: str
    problem: str
    opened_at_ms: int
    ended_at_ms: int | None
    retention: str
    held: str | None
    erased_at_ms: int | None
    broker: dict[str, Any] | None
    recording: dict[str, Any] | None
    about: DeskAbout = DeskAbout()


class Hit(Struct, frozen=True):
    """`t_ms` is on the session's clock, `at_ms` Unix time."""

    session_id: HexId
    t_ms: int
    at_ms: int
    kind: str
    text: str
    name: str
    engineers: tuple[str, ...]


class HitsPage(Struct, frozen=True):
    """`next` is where to go on, or empty. `more_in` names sessions with more hits than the page shows."""

    hits: list[Hit]
    next: str
    more_in: list[str]


class DeskRequest(Struct, frozen=True):
    """An export or an erase that somebody asked for."""

    request_id: int
    kind: str
    session_id: HexId
    state: str
    reason: str
    asked_by: str
    asked_at_ms: int
    answered_by: str | None
    answered_at_ms: int | None


class Look(Struct, frozen=True):
    """Somebody looked at something."""

    view_id: int
    session_id: HexId
    user_name: str
    action: str
    purpose: str
    seen_at_ms: int


class DeskPolicy(Struct, frozen=True):
    """Two people's decision that what is due in a class is erased by itself; in force while `confirmed`."""

    policy_id: int
    retention: str
    state: str
    reason: str
    asked_by: str
    asked_at_ms: int
    answered_by: str | None
    answered_at_ms: int | None
    ended_by: str | None
    ended_at_ms: int | None


class DeskScheduled(Struct, frozen=True):
    """What is due; `erase_at_ms` is the earliest time at which a policy erases it."""

    session_id: HexId
    retention: str
    due_at_ms: int
    policy_id: int | None
    erase_at_ms: int | None


class JournalLine(Struct, frozen=True):
    """Something that was decided or noticed, by the broker or the audit service."""

    entry_id: int
    source: str
    at_ms: int
    kind: str
    actor: str
    subject: str
    session_id: HexId | None
    facts: dict[str, str | int | bool]


class SiemTarget(Struct, frozen=True):
    """A security monitor that the service feeds; `problem` is empty while it takes what it is sent."""

    name: str
    to: str
    format: str
    problem: str
    failing_since_ms: int | None
    delivered_at_ms: int | None
    waiting_entries: int
    waiting_sessions: int
    oldest_waiting_ms: int | None


class _Sessions(Struct, frozen=True):
    sessions: list[DeskSession]


class _Requests(Struct, frozen=True):
    requests: list[DeskRequest]


class _Policies(Struct, frozen=True):
    policies: list[DeskPolicy]


class _Schedule(Struct, frozen=True):
    sessions: list[DeskScheduled]


class _Journal(Struct, frozen=True):
    entries: list[JournalLine]


class _Siem(Struct, frozen=True):
    targets: list[SiemTarget]


class _Looks(Struct, frozen=True):
    views: list[Look]


RequestKind = Literal["export", "erase"]
RequestState = Literal["asked", "confirmed", "refused", "done"]
Retention = Literal["standard", "short", "pci"]
ExportFormat = Literal["asciicast", "text", "jsonl"]


class Desk:
    """One service, asked by one person. Every method raises what `JsonApi` does."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    def sessions(self, limit: int) -> list[DeskSession]:
        """The newest first."""
        return _read(self._api.get(f"/v1/sessions?{urlencode({'limit': limit})}"), _Sessions).sessions

    def due(self) -> list[DeskSession]:
        """What may be erased: past its floor, not held."""
        return _read(self._api.get("/v1/retention/due"), _Sessions).sessions

    def full_id(self, beginning: str) -> str:
        """A session's whole number. Raises DeskSessionUnknown, DeskSessionAmbiguous."""
        beginning = beginning.lower()
        if len(beginning) == 32:
            return beginning
        if not beginning or set(beginning) - set("0123456789abcdef"):
            raise DeskSessionUnknown(session=beginning)
        query = urlencode({"beginning": beginning, "limit": 2})
        found = _read(self._api.get(f"/v1/sessions?{query}"), _Sessions).sessions
        if len(found) > 1:
            raise DeskSessionAmbiguous(session=beginning)
        if not found:
            raise DeskSessionUnknown(session=beginning)
        return found[0].session_id

    def verify(self, session_id: str, language: str) -> dict[str, Any]:
        """The service's report: `verdict`, `checks` with their sentences, `log`."""
        return _read(self._api.get(f"/v1/sessions/{session_id}/verify?{urlencode({'language': language})}"), dict)

    def search(self, **wanted: object) -> HitsPage:
        return _read(self._api.post("/v1/search", wanted), HitsPage)

    def set_retention(self, session_id: str, retention: Retention, reason: str) -> DeskSession:
        return _read(
            self._api.post(f"/v1/sessions/{session_id}/retention", {"retention": retention, "reason": reason}),
            DeskSession,
        )

    def set_hold(self, session_id: str, reason: str) -> DeskSession:
        return _read(self._api.post(f"/v1/sessions/{session_id}/hold", {"reason": reason}), DeskSession)

    def lift_hold(self, session_id: str, because: str) -> DeskSession:
        body: dict[str, object] = {"reason": None, "because": because}
        return _read(self._api.post(f"/v1/sessions/{session_id}/hold", body), DeskSession)

    def requests(self, state: RequestState | None) -> list[DeskRequest]:
        query = f"?{urlencode({'state': state})}" if state else ""
        return _read(self._api.get(f"/v1/requests{query}"), _Requests).requests

    def ask(self, kind: RequestKind, session_id: str, reason: str) -> DeskRequest:
        body: dict[str, object] = {"kind": kind, "session_id": session_id, "reason": reason}
        return _read(self._api.post("/v1/requests", body), DeskRequest)

    def answer(self, request_id: int, verb: Literal["confirm", "refuse"]) -> DeskRequest:
        return _read(self._api.post(f"/v1/requests/{request_id}/{verb}", {}), DeskRequest)

    def looks(self, limit: int, **choice: str | int | None) -> list[Look]:
        """Those that fit all that is said, the newest first."""
        return _read(self._api.get(f"/v1/views?{_query(limit=limit, **choice)}"), _Looks).views

    def schedule(self) -> list[DeskScheduled]:
        return _read(self._api.get("/v1/retention/schedule"), _Schedule).sessions

    def policies(self) -> list[DeskPolicy]:
        return _read(self._api.get("/v1/retention/policies"), _Policies).policies

    def ask_policy(self, retention: Retention, reason: str) -> DeskPolicy:
        body: dict[str, object] = {"retention": retention, "erase_when_due": True, "reason": reason}
        return _read(self._api.post("/v1/retention/policies", body), DeskPolicy)

    def answer_policy(self, policy_id: int, verb: Literal["confirm", "refuse", "end"]) -> DeskPolicy:
        return _read(self._api.post(f"/v1/retention/policies/{policy_id}/{verb}", {}), DeskPolicy)

    def journal(self, limit: int, **choice: str | int | Sequence[str] | None) -> list[JournalLine]:
        """Those that fit all that is said, the newest first."""
        return _read(self._api.get(f"/v1/journal?{_query(limit=limit, **choice)}"), _Journal).entries

    def siem(self) -> list[SiemTarget]:
        return _read(self._api.get("/v1/siem"), _Siem).targets


def _query(**choice: str | int | Sequence[str] | None) -> str:
    """What is said of it; a list names its word several times."""
    return urlencode({name: value for name, value in choice.items() if value is not None}, doseq=True)


def _read(answer: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise PeerError(
            problem=Detail("an answer of the audit service that makes no sense ({error})", error=error)
        ) from None
