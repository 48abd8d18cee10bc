"""`consentry connect`: from a code to a shell, and what is told on the way and at the end."""

import asyncio
import os
import shlex
import signal
import sys
from dataclasses import asdict, dataclass, replace
from typing import Annotated

import typer

from engineer_client import supervision
from engineer_client.chat_terminal import said_lines, taken_over_line
from engineer_client.command_tools import (
    BrokerOption,
    JsonOption,
    TakeOverFromOption,
    ask,
    hint,
    own_wording,
    print_json,
)
from engineer_client.connect import AccessWish, LiveSession, establish
from engineer_client.control import AccessDenied
from engineer_client.login import Login, find_login
from engineer_client.session_files import remove_session
from engineer_client.shell import ShellResult, SshClient, choose_client, end_session, ring, run_shell
from engineer_client.shown import clock_text, scopes_text
from engineer_client.state import State, open_state
from engineer_client.whispers import HeardWhispers, Whisper, whisper_lines
from protocol.codes import parse_code
from protocol.grants import Scope
from wording import Wording, safe_text


def connect(
    code: Annotated[str, typer.Argument(metavar="CODE")],
    command: Annotated[list[str] | None, typer.Argument(metavar="COMMAND")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT")] = None,
    ticket: Annotated[str, typer.Option("--ticket", metavar="TEXT")] = "",
    scope: Annotated[list[Scope] | None, typer.Option("--scope", metavar="SCOPE")] = None,
    minutes: Annotated[int, typer.Option("--minutes", metavar="MINUTES", min=1, max=480)] = 30,
    alias: Annotated[str | None, typer.Option("--alias", metavar="NAME")] = None,
    take_over: Annotated[bool, typer.Option("--take-over")] = False,
    take_over_from: TakeOverFromOption = "",
    ssh_config: Annotated[bool, typer.Option("--ssh-config/--no-ssh-config")] = True,
    shell: Annotated[bool, typer.Option("--shell/--no-shell")] = True,
    end: Annotated[bool, typer.Option("--end")] = False,
    client: Annotated[SshClient | None, typer.Option("--client")] = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> int:
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
    stay = _Stay(command or [], ssh_client, ssh_options, shell=shell, end=end, as_json=as_json)

    async def run() -> int:
        tell = lambda step: hint(wording.say(f"engineer-step.{step}"))  # noqa: E731 (named for the reader of the call)
        live = await establish(state, who, parsed, wish, tell, ask_again=lambda *last: _ask_again(wording, *last))
        try:
            return await _work(state, live, stay, who, wording)
        finally:
            if end and live.files.folder.exists():
                await end_session(live.conversation)
                remove_session(state, live.files)
                hint(wording.say("engineer-ended", alias=live.files.alias))
            await live.aclose()

    return asyncio.run(run())


def _ask_again(wording: Wording, refusal: AccessDenied, wish: AccessWish) -> AccessWish | None:
    """At a terminal: the same again, with another reason if they give one; None: no more."""
    if not sys.stdin.isatty():
        return None
    hint(wording.say_error(refusal))
    # A loop keeps Ctrl-C for itself, until it runs again: at a question it means that there is no answer.
    of_loop = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if not typer.confirm(wording.say("engineer-ask-again"), default=False, err=True):
            return None
        reason: str = typer.prompt(wording.say("engineer-ask.reason"), default=wish.reason, err=True)
    finally:
        signal.signal(signal.SIGINT, of_loop)
    return replace(wish, reason=reason.strip() or wish.reason)


@dataclass(frozen=True)
class _Stay:
    """What is wanted of a session that was granted. `ssh_options` are those that an `ssh` beside it needs."""

    command: list[str]
    client: SshClient
    ssh_options: str
    shell: bool
    end: bool
    as_json: bool


async def _work(state: State, live: LiveSession, stay: _Stay, who: Login, wording: Wording) -> int:
    """A shell or a command, if that is wanted and granted: its exit status, and what has happened meanwhile."""
    if stay.as_json:
        print_json({**asdict(live.facts), "ssh_config": str(state.ssh_config)})
    else:
        _tell_granted(wording, live, who, stay.ssh_options)
    sees_terminal = bool({Scope.SHELL, Scope.VIEW} & set(live.facts.scopes))
    if not stay.shell or (not stay.command and (stay.as_json or not sees_terminal)):
        return 0
    whispers = HeardWhispers(state, live.session_id.hex(), lambda _: ring())
    with whispers.heard():
        result = await run_shell(state, live, stay.command, stay.client)
    _tell_result(wording, state, live, result, whispers.said)
    if result.ended is None and result.taken_over is None and not stay.end:
        until = clock_text(live.facts.expires_at_ms)
        hint(wording.say("engineer-still-open", alias=live.files.alias, options=stay.ssh_options, until=until))
    return result.exit_status


def _tell_granted(wording: Wording, live: LiveSession, who: Login, options: str) -> None:
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
    has_files = not {Scope.FILES_READ, Scope.FILES_WRITE}.isdisjoint(facts.scopes)
    if facts.folders and has_files:
        hint(wording.say("engineer-folders", folders=", ".join(facts.folders)))
    hint(wording.say("engineer-alias", alias=facts.alias, options=options, files="yes" if has_files else "no"))
    hint(wording.say("engineer-chat.where", alias=facts.alias))
    if who.expires_at_ms < facts.expires_at_ms:
        # Now, for in the middle of it the terminal is the customer's.
        hint(wording.say("engineer-login-ends", at=clock_text(who.expires_at_ms)))


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
