"""The commands about sessions of others, as thin as those in `commands.py`."""

import asyncio
import os
import sys
import time
from typing import Annotated

import msgspec
import typer

from engineer_client.command_tools import (
    BrokerOption,
    JsonOption,
    OwnSessionArgument,
    SessionArgument,
    broker_of,
    hint,
    own_wording,
    print_json,
)
from engineer_client.request_more import invite_colleague
from engineer_client.session_files import find_session
from engineer_client.shown import clock_text
from engineer_client.state import open_state
from engineer_client.supervision import Person, RunningSession, number_of
from engineer_client.whispers import list_whispers, whisper_lines
from engineer_client.whispers import whisper as say_whisper
from wording import Wording, safe_text


def whisper(
    session: SessionArgument,
    text: Annotated[str | None, typer.Argument(metavar="TEXT")] = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    _, api = broker_of(state, broker)
    session_id = number_of(state, api, session)
    if text is not None:
        say_whisper(api, session_id, sys.stdin.read() if text == "-" else text)
        hint(wording.say("engineer-whisper.told"))
        return
    found = list_whispers(api, session_id)
    if as_json:
        print_json([msgspec.structs.asdict(each) for each in found])
        return
    if not found:
        hint(wording.say("engineer-whisper.none"))
    for each in found:
        typer.echo("\n".join(whisper_lines(each, wording)))


def invite(session: OwnSessionArgument = None, as_json: JsonOption = False) -> None:
    wording, state = own_wording(), open_state(os.environ)
    invited = asyncio.run(invite_colleague(find_session(state, session, int(time.time() * 1000))))
    if as_json:
        print_json(msgspec.structs.asdict(invited))
        return
    typer.echo(invited.code)
    hint(wording.say("engineer-invited", until=clock_text(invited.expires_at_ms)))


def print_running(found: list[RunningSession], wording: Wording, *, as_json: bool) -> None:
    """Everybody's sessions that run: for supervisors, as part of `consentry sessions`."""
    if as_json:
        print_json([msgspec.to_builtins(each) for each in found])
        return
    if not found:
        hint(wording.say("engineer-everybody.none"))
    for each in found:
        inside = [one for one in each.participants if one.scopes] or each.participants[-1:]
        typer.echo(
            wording.say(
                "engineer-everybody.row",
                number=each.session_id[:12],
                state=wording.say(f"engineer-state.{each.state}"),
                opened=clock_text(each.opened_at_ms),
                who=", ".join(_who(one) for one in inside) or "-",
                scopes=", ".join(sorted({scope for one in inside for scope in one.scopes})) or "-",
            )
        )


def _who(person: Person) -> str:
    facts = ", ".join(safe_text(one) for one in (person.staff_number, person.team) if one)
    return f"{safe_text(person.name)} ({facts})"
