"""The engineer's commands, as thin as they can be: read the command line, call, print.

What a person asked for goes to standard output; progress and hints go to standard error, so that output can be piped.
Help and examples are in `wording/`, under the command's name.
"""

import asyncio
import os
import shlex
import sys
import time
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer

from engineer_client import end as ending
from engineer_client import logins as login_list
from engineer_client import notes, session_files, supervision
from engineer_client import receipts as receipt_files
from engineer_client import sessions as session_list
from engineer_client.chat_terminal import said_lines, send_line, taken_over_line, talk
from engineer_client.command_tools import (
    BrokerOption,
    JsonOption,
    ask,
    ask_hidden,
    broker_of,
    hint,
    own_wording,
    password_from_stdin,
    print_json,
)
from engineer_client.connect import AccessWish, LiveSession, establish
from engineer_client.login import api_of, find_login, log_in, log_in_through_browser, log_out, refresh_profile
from engineer_client.receipts import KeptReceipt
from engineer_client.request_more import request_more as ask_more
from engineer_client.request_more import take_over as ask_to_take_over
from engineer_client.session_files import SessionFiles, find_session, remove_session
from engineer_client.shell import ShellResult, SshClient, choose_client, end_session, ring, run_shell
from engineer_client.shown import clock_text, scopes_text
from engineer_client.state import State, open_state
from engineer_client.supervision_commands import print_running
from engineer_client.whispers import HeardWhispers, Whisper, whisper_lines
from protocol.codes import parse_code
from protocol.errors import InputError
from protocol.grants import Scope
from wording import Wording, safe_text

TakeOverFromOption = Annotated[str, typer.Option("--from", metavar="NUMBER")]


class StopNamesOne(InputError):
    """Ending the sessions of others by the dozen is nobody's wish."""

    sentence = "With --reason, name the one session to end: consentry end SESSION --reason TEXT."


def login(
    address: Annotated[str | None, typer.Argument(metavar="URL", envvar="CONSENTRY_BROKER")] = None,
    user: Annotated[str | None, typer.Option("--user", metavar="NAME")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    totp: Annotated[str, typer.Option("--totp", metavar="DIGITS")] = "",
    browser: Annotated[bool, typer.Option("--browser")] = False,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    if browser:
        show = lambda link, code: hint(wording.say("engineer-open-browser", link=link, code=code))  # noqa: E731 (as below)
        who = asyncio.run(log_in_through_browser(state, address, show))
    else:
        user_name = user or ask(wording, "engineer-ask.user", "--user")
        ask_password = password_from_stdin if password_stdin else lambda: ask_hidden(wording, "engineer-ask.password")
        ask_totp = lambda: ask(wording, "engineer-ask.totp", "--totp")  # noqa: E731 (named for the reader of the call)
        who = asyncio.run(log_in(state, address, user_name, ask_password, ask_totp, totp=totp))
    if as_json:
        print_json({key: value for key, value in asdict(who).items() if key != "token"})
        return
    typer.echo(
        wording.say(
            "engineer-logged-in",
            name=who.name,
            staff_number=who.staff_number,
            organisation=who.organisation,
            until=clock_text(who.expires_at_ms),
        )
    )


def logout(broker: BrokerOption = None) -> None:
    wording, state = own_wording(), open_state(os.environ)
    who = find_login(state, broker)
    log_out(state, who, asyncio.run(refresh_profile(state, who)))
    typer.echo(wording.say("engineer-logged-out", origin=who.origin))


def logins(
    end: Annotated[str | None, typer.Option("--end", metavar="ID")] = None,
    end_others: Annotated[bool, typer.Option("--end-others")] = False,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    _, api = broker_of(state, broker)
    if end is not None:
        ended = login_list.end_login(api, end)
        hint(wording.say("engineer-logins.ended", login=ended.login_id[:12], device=ended.device or "-"))
    elif end_others:
        hint(wording.say("engineer-logins-ended", count=login_list.end_other_logins(api)))
    else:
        found = login_list.list_logins(api)
        if as_json:
            print_json([msgspec.structs.asdict(each) for each in found])
            return
        for each in found:
            typer.echo(
                wording.say(
                    "engineer-logins.row",
                    login=each.login_id[:12],
                    device=each.device or "-",
                    address=each.address or "-",
                    since=clock_text(each.created_at_ms),
                    used=clock_text(each.last_used_at_ms),
                    here=wording.say("engineer-logins.here") if each.current else "",
                ).rstrip()
            )


def connect(
    code: Annotated[str, typer.Argument(metavar="CODE")],
    command: Annotated[list[str] | None, typer.Argument(metavar="COMMAND")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT")] = None,
    ticket: Annotated[str, typer.Option("--ticket", metavar="TEXT")] = "",
    scope: Annotated[list[Scope] | None, typer.Option("--scope", metavar="SCOPE")] = None,
    minutes: Annotated[int, typer.Option("--minutes", metavar="N", min=1, max=480)] = 30,
    alias: Annotated[str | None, typer.Option("--alias", metavar="NAME")] = None,
    take_over: Annotated[bool, typer.Option("--take-over")] = False,
    take_over_from: TakeOverFromOption = "",
    ssh_config: Annotated[bool, typer.Option("--ssh-config/--no-ssh-config")] = True,
    shell: Annotated[bool, typer.Option("--shell/--no-shell")] = True,
    end: Annotated[bool, typer.Option("--end")] = False,
    client: Annotated[SshClient | None, typer.Option("--client")] = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    parsed = parse_code(code)  # a slip of the finger is told before anything else is asked
    who = find_login(state, broker)
    reason = reason or ask(wording, "engineer-ask.reason", "--reason")
    ssh_client = choose_client(client)
    takes_over = take_over or bool(take_over_from)
    ssh_options = "" if ssh_config else f"-F {shlex.quote(str(state.ssh_config))} "
    wish = AccessWish(
        reason=reason,
        ticket=ticket,
        scopes=tuple(dict.fromkeys(scope or ([] if takes_over else [Scope.SHELL]))),
        minutes=minutes,
        takes_over=take_over_from if takes_over else None,
        client="ssh" if ssh_client == "openssh" else "cli",
        alias=alias,
        write_ssh_config=ssh_config,
    )

    async def run() -> int:
        live = await establish(state, who, parsed, wish, lambda step: hint(wording.say(f"engineer-step.{step}")))
        try:
            if as_json:
                print_json({**asdict(live.facts), "ssh_config": str(state.ssh_config)})
            else:
                _tell_granted(wording, live, ssh_options)
            sees_terminal = bool({Scope.SHELL, Scope.VIEW} & set(live.facts.scopes))
            if not shell or (not command and (as_json or not sees_terminal)):
                return 0
            whispers = HeardWhispers(state, live.session_id.hex(), lambda _: ring())
            with whispers.heard():
                result = await run_shell(state, live, command or [], ssh_client)
            _tell_result(wording, state, live, result, whispers.said)
            if result.ended is None and result.taken_over is None and not end:
                until = clock_text(live.facts.expires_at_ms)
                hint(wording.say("engineer-still-open", alias=live.files.alias, options=ssh_options, until=until))
            return result.exit_status
        finally:
            if end and live.files.folder.exists():
                await end_session(live.conversation)
                remove_session(state, live.files)
                hint(wording.say("engineer-ended", alias=live.files.alias))
            await live.aclose()

    raise typer.Exit(asyncio.run(run()))


def request_more(
    session: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
    scope: Annotated[list[Scope] | None, typer.Option("--scope", metavar="SCOPE")] = None,
    minutes: Annotated[int, typer.Option("--minutes", metavar="N", min=0, max=480)] = 0,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT")] = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    files = find_session(state, session, _now_ms())
    reason = reason or ask(wording, "engineer-ask.reason", "--reason")
    hint(wording.say("engineer-step.waiting-for-consent"))
    facts = asyncio.run(ask_more(files, tuple(dict.fromkeys(scope or [])), minutes, reason))
    if as_json:
        print_json(asdict(facts))
        return
    typer.echo(wording.say("engineer-more", scopes=scopes_text(facts.scopes), until=clock_text(facts.expires_at_ms)))


def take_over(
    session: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
    staff_number: TakeOverFromOption = "",
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT")] = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    files = find_session(state, session, _now_ms())
    reason = reason or ask(wording, "engineer-ask.reason", "--reason")
    hint(wording.say("engineer-step.waiting-for-consent"))
    facts = asyncio.run(ask_to_take_over(files, staff_number, reason))
    if as_json:
        print_json(asdict(facts))
        return
    until = clock_text(facts.expires_at_ms)
    typer.echo(wording.say("engineer-took-over", scopes=scopes_text(facts.scopes), until=until))


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
    session: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
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
    session: Annotated[str, typer.Argument(metavar="SESSION")],
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
    session: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
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


def _tell_granted(wording: Wording, live: LiveSession, options: str) -> None:
    facts = live.facts
    hint(
        wording.say(
            "engineer-granted",
            user=facts.user_name,
            host=facts.host_label,
            scopes=scopes_text(facts.scopes),
            until=clock_text(facts.expires_at_ms),
        )
    )
    if facts.folders and {Scope.FILES_READ, Scope.FILES_WRITE} & set(facts.scopes):
        hint(wording.say("engineer-folders", folders=", ".join(facts.folders)))
    hint(wording.say("engineer-alias", alias=facts.alias, options=options))
    hint(wording.say("engineer-chat.where", alias=facts.alias))


def _tell_result(
    wording: Wording, state: State, live: LiveSession, result: ShellResult, whispers: list[Whisper]
) -> None:
    if result.attested is not None:
        hint(wording.say(f"engineer-attested.{result.attested}"))
    if result.messages:
        hint(wording.say("engineer-chat.meanwhile"))
        for said in result.messages:
            hint("\n".join(said_lines(said, wording)))
    if whispers:
        hint(wording.say("engineer-whisper.meanwhile"))
        for heard in whispers:
            hint("\n".join(whisper_lines(heard, wording)))
    if result.taken_over is not None:
        hint(taken_over_line(result.taken_over, wording))
        remove_session(state, live.files)
    if result.ended is not None:
        hint(wording.say("engineer-over", reason=wording.say(f"engineer-end-reason.{result.ended}")))
        if result.ended == "supervisor-ended" and (stopped := supervision.told_why(state, live.session_id.hex())):
            hint(wording.say("engineer-stopped-by", name=safe_text(stopped.name), why=safe_text(stopped.why)))
        remove_session(state, live.files)


def _now_ms() -> int:
    return int(time.time() * 1000)
