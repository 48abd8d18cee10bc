"""What an engineer does about sessions that they are in: more of it, its chat and notes, its end, its receipt."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer

from engineer_client import end as ending
from engineer_client import notes, session_files, supervision
from engineer_client import receipts as receipt_files
from engineer_client import sessions as session_list
from engineer_client.chat_terminal import send_line, talk
from engineer_client.command_tools import (
    BrokerOption,
    JsonOption,
    OwnSessionArgument,
    SessionArgument,
    TakeOverFromOption,
    ask,
    broker_of,
    hint,
    own_wording,
    print_json,
)
from engineer_client.login import api_of, find_login, refresh_profile
from engineer_client.receipts import KeptReceipt
from engineer_client.request_more import request_more as ask_more
from engineer_client.request_more import take_over as ask_to_take_over
from engineer_client.session_files import SessionFacts, SessionFiles, find_session
from engineer_client.shown import clock_text, scopes_text
from engineer_client.state import open_state
from engineer_client.supervision_commands import print_running
from protocol.errors import InputError
from protocol.grants import Scope


class StopNamesOne(InputError):
    """Ending the sessions of others by the dozen is nobody's wish."""

    sentence = "With --reason, name the one session to end: consentry end SESSION --reason TEXT."


def request_more(
    session: OwnSessionArgument = None,
    scope: Annotated[list[Scope] | None, typer.Option("--scope", metavar="SCOPE")] = None,
    minutes: Annotated[int, typer.Option("--minutes", metavar="MINUTES", min=0, max=480)] = 0,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT")] = None,
    as_json: JsonOption = False,
) -> None:
    def question(files: SessionFiles, why: str) -> Coroutine[None, None, SessionFacts]:
        return ask_more(files, tuple(dict.fromkeys(scope or [])), minutes, why)

    _ask_customer(session, reason, question, "engineer-more", as_json=as_json)


def take_over(
    session: OwnSessionArgument = None,
    staff_number: TakeOverFromOption = "",
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT")] = None,
    as_json: JsonOption = False,
) -> None:
    def question(files: SessionFiles, why: str) -> Coroutine[None, None, SessionFacts]:
        return ask_to_take_over(files, staff_number, why)

    _ask_customer(session, reason, question, "engineer-took-over", as_json=as_json)


def _ask_customer(
    session: str | None,
    reason: str | None,
    question: Callable[[SessionFiles, str], Coroutine[None, None, SessionFacts]],
    told: str,
    *,
    as_json: bool,
) -> None:
    """Waits for the customer's answer and says what they allow: the sentence `told`."""
    wording, state = own_wording(), open_state(os.environ)
    files = find_session(state, session, _now_ms())
    reason = reason or ask(wording, "engineer-ask.reason", "--reason")
    hint(wording.say("engineer-step.waiting-for-consent"))
    facts = asyncio.run(question(files, reason))
    if as_json:
        print_json(asdict(facts))
        return
    typer.echo(wording.say(told, scopes=scopes_text(facts.scopes), until=clock_text(facts.expires_at_ms)))


def sessions(
    with_ended: Annotated[bool, typer.Option("--all")] = False,
    everybody: Annotated[bool, typer.Option("--everybody")] = False,
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM")] = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    _, api = broker_of(state, broker)
    if everybody or team is not None:
        print_running(supervision.running_sessions(api, team), wording, as_json=as_json)
        return
    rows = session_list.session_rows(state, api, with_ended=with_ended)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    if not rows:
        hint(wording.say("engineer-sessions.none"))
    for row in rows:
        typer.echo(
            wording.say(
                "engineer-sessions.row",
                name=row.alias or row.session_id[:12],
                state=wording.say(f"engineer-state.{row.state}"),
                host=row.host_label or "-",
                scopes=", ".join(row.scopes) or "-",
                opened=clock_text(row.opened_at_ms),
                reason=row.reason or "-",
            )
        )


def chat(
    session: OwnSessionArgument = None,
    text: Annotated[str | None, typer.Argument(metavar="TEXT")] = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    paired = find_session(state, session, _now_ms()).load_paired()
    if text is not None:
        asyncio.run(send_line(paired, sys.stdin.read() if text == "-" else text))
        hint(wording.say("engineer-chat.told"))
        return
    if not as_json:
        hint(wording.say("engineer-chat.help"))
    asyncio.run(talk(paired, wording, state, as_json=as_json))


def note(
    session: SessionArgument,
    text: Annotated[str | None, typer.Argument(metavar="TEXT")] = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    session_id = notes.session_id_of(state, session)
    _, api = broker_of(state, broker)
    if text is not None:
        notes.add_note(api, session_id, sys.stdin.read() if text == "-" else text)
        hint(wording.say("engineer-note.kept"))
        return
    found = notes.list_notes(api, session_id)
    if as_json:
        print_json([msgspec.structs.asdict(each) for each in found])
        return
    if not found:
        hint(wording.say("engineer-note.none"))
    for each in found:
        when = clock_text(each.written_at_ms)
        typer.echo(wording.say("engineer-note.row", author=each.author, number=each.staff_number, when=when))
        for line in each.text.splitlines():
            typer.echo(wording.say("engineer-note.line", line=line))


def end(
    session: OwnSessionArgument = None,
    every: Annotated[bool, typer.Option("--all")] = False,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT")] = None,
    broker: BrokerOption = None,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    if reason is not None:
        if session is None or every:
            raise StopNamesOne
        _, api = broker_of(state, broker)
        session_id = supervision.number_of(state, api, session)
        supervision.stop(api, session_id, reason)
        typer.echo(wording.say("engineer-stopped", session=session_id[:12]))
        return
    if every:
        chosen = [SessionFiles(state.sessions / facts.alias) for facts in session_files.list_sessions(state, _now_ms())]
    else:
        chosen = [find_session(state, session, _now_ms())]
    who = find_login(state, broker)
    profile = asyncio.run(refresh_profile(state, who))
    api = api_of(who, profile)
    for files in chosen:
        asyncio.run(ending.end(state, files, api))
        typer.echo(wording.say("engineer-ended", alias=files.alias))
    receipt_files.complete_receipts(state, profile, api)


def receipts(broker: BrokerOption = None, as_json: JsonOption = False) -> None:
    wording, state = own_wording(), open_state(os.environ)
    who = find_login(state, broker)
    profile = asyncio.run(refresh_profile(state, who))
    receipt_files.complete_receipts(state, profile, api_of(who, profile))
    kept = receipt_files.kept_receipts(state)
    if as_json:
        print_json([_receipt_facts(each) for each in kept])
        return
    if not kept:
        hint(wording.say("engineer-receipts.none"))
    for each in kept:
        verdict = wording.say(f"engineer-receipt-verdict.{each.verdict}")
        typer.echo(
            wording.say(
                "engineer-receipts.row",
                opened=clock_text(each.receipt.opened_at_ms),
                host=each.receipt.host_label or "-",
                verdict=verdict,
                path=str(each.path),
            )
        )


def _receipt_facts(kept: KeptReceipt) -> dict[str, object]:
    receipt = kept.receipt
    return {
        "session_id": receipt.session_id.hex(),
        "organisation": receipt.organisation,
        "host_label": receipt.host_label,
        "opened_at_ms": receipt.opened_at_ms,
        "verdict": kept.verdict,
        "path": str(kept.path),
    }


def _now_ms() -> int:
    return int(time.time() * 1000)
