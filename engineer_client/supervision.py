"""The sessions of others, for supervisors: which run, which one a few digits mean, and ending one with a reason."""

import asyncio
import re
import time
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct

from engineer_client.login import api_of, find_login, refresh_profile
from engineer_client.session_files import list_sessions
from engineer_client.state import State
from protocol.details import Detail
from protocol.errors import ConsentryError, InputError, PeerError
from tunnel.json_api import JsonApi

PAGES_LIMIT = 50
"""Of 200 sessions each: more than a broker lets run."""


class SessionUnclear(InputError):
    sentence = "{count} running sessions begin with {text}. `consentry sessions --everybody` lists them."


class Person(Struct, frozen=True):
    name: str
    staff_number: str
    scopes: tuple[str, ...]
    expires_at_ms: int
    team: str = ""


class RunningSession(Struct, frozen=True):
    """A session that has not ended, as the broker knows it: nothing of what happens in it."""

    session_id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    state: str
    opened_at_ms: int
    customer_connected: bool
    participants: list[Person]
    tier: str = ""


class Stop(Struct, frozen=True):
    name: str
    staff_number: str
    why: str


class _Details(Struct, frozen=True):
    stop: Stop | None = None


class _Answer(Struct, frozen=True):
    sessions: list[RunningSession]
    before: str | None = None


def running_sessions(api: JsonApi, team: str | None = None) -> list[RunningSession]:
    """Of everybody or of one team, `-` for none, the newest first; for supervisors. Raises what `JsonApi.get` does."""
    found: list[RunningSession] = []
    of_team = "" if team is None else f"&team={quote(team, safe='')}"
    page = ""
    for _ in range(PAGES_LIMIT):
        try:
            answer = msgspec.convert(api.get(f"/v1/sessions?state=open&whose=all{of_team}{page}"), _Answer)
        except msgspec.ValidationError as error:
            raise PeerError(problem=Detail("a list of sessions that makes no sense ({error})", error=error)) from None
        found += answer.sessions
        if answer.before is None:
            break
        page = f"&before={answer.before}"
    return found


def number_of(state: State, api: JsonApi, word: str) -> str:
    """A session's whole number: by its alias here, or by its beginning among all that run. Raises SessionUnclear."""
    here = [facts.session_id for facts in list_sessions(state, int(time.time() * 1000)) if facts.alias == word]
    beginning = word.strip().lower()
    if here or re.fullmatch("[0-9a-f]{32}", beginning):
        return here[0] if here else beginning
    found = [one.session_id for one in running_sessions(api) if one.session_id.startswith(beginning)]
    if len(found) != 1:
        raise SessionUnclear(count=len(found), text=word)
    return found[0]


def told_why(state: State, session_id: str) -> Stop | None:
    """Who had a session of one's own ended, and why; None where the broker cannot say so now."""
    try:
        login = find_login(state, None)
        api = api_of(login, asyncio.run(refresh_profile(state, login)))
        return msgspec.convert(api.get(f"/v1/sessions/{session_id}"), _Details).stop
    except (ConsentryError, msgspec.ValidationError):
        return None


def stop(api: JsonApi, session_id: str, why: str) -> None:
    """Ends a session of others. The customer and its engineers read who and why. Raises what `JsonApi.post` does."""
    api.post(f"/v1/sessions/{session_id}/end", {"why": why})
