"""The engineer's sessions: what this machine knows of them, and what the broker says."""

import time
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from engineer_client.session_files import SessionFacts, SessionFiles, list_sessions, remove_session
from engineer_client.state import State
from protocol.details import Detail
from protocol.errors import PeerError
from tunnel.json_api import JsonApi

SessionState = Literal["waiting", "paired", "live", "ended"]


class _BrokerSession(Struct, frozen=True):
    """What of the broker's answer is used here; the rest is passed over."""

    session_id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    state: SessionState
    opened_at_ms: int
    customer_connected: bool
    ended_at_ms: int | None = None
    end_reason: str | None = None


class _Answer(Struct, frozen=True):
    sessions: list[_BrokerSession]


@dataclass(frozen=True)
class SessionRow:
    """One session. `alias` and what follows it are empty for a session that another machine has opened."""

    session_id: str
    state: SessionState
    customer_connected: bool
    opened_at_ms: int
    ended_at_ms: int | None
    end_reason: str | None
    alias: str
    host_label: str
    user_name: str
    scopes: tuple[str, ...]
    reason: str
    ticket: str
    expires_at_ms: int


def session_rows(state: State, api: JsonApi, *, with_ended: bool) -> list[SessionRow]:
    """Newest first. Sessions that the broker says are over lose their files here. Raises what `JsonApi.get` does."""
    answer = _convert(api.get("/v1/sessions?state=all"))
    local = {facts.session_id: facts for facts in list_sessions(state, int(time.time() * 1000))}
    rows = []
    for session in answer.sessions:
        facts = local.get(session.session_id)
        if session.state == "ended" and facts is not None:
            remove_session(state, SessionFiles(state.sessions / facts.alias))
        if with_ended or session.state != "ended":
            rows.append(_row(session, facts))
    return sorted(rows, key=lambda row: row.opened_at_ms, reverse=True)


def _row(session: _BrokerSession, facts: SessionFacts | None) -> SessionRow:
    is_here = facts is not None and session.state != "ended"
    return SessionRow(
        session_id=session.session_id,
        state=session.state,
        customer_connected=session.customer_connected,
        opened_at_ms=session.opened_at_ms,
        ended_at_ms=session.ended_at_ms,
        end_reason=session.end_reason,
        alias=facts.alias if facts and is_here else "",
        host_label=facts.host_label if facts else "",
        user_name=facts.user_name if facts else "",
        scopes=tuple(facts.scopes) if facts and is_here else (),
        reason=facts.reason if facts else "",
        ticket=facts.ticket if facts else "",
        expires_at_ms=facts.expires_at_ms if facts and is_here else 0,
    )


def _convert(answer: object) -> _Answer:
    try:
        return msgspec.convert(answer, _Answer)
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("a list of sessions that makes no sense ({error})", error=error)) from None
