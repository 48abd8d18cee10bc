"""`consentry desk …`. Thin: read the command line, ask the service, print."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
import typer

from audit.command_line import JsonOption, SessionArgument, command_wording, print_json, unix_ms_of
from audit.desk_client import monitoring_commands, policy_commands, token_commands
from audit.desk_client.asking import ask as ask_for
from audit.desk_client.asking import ask_password, password_from_stdin
from audit.desk_client.client import Desk, ExportFormat, RequestKind, RequestState, Retention
from audit.desk_client.login import (
    find_login,
    known_service,
    log_in,
    log_in_through_browser,
    log_out,
    login_here,
    state_folder,
)
from audit.desk_client.shown import SHORT_ID, hit_line, look_line, request_line, session_line
from audit.quality.brokers_word import Narrowing
from audit.replay_index.entries import Kind
from protocol.calendar_time import time_text
from protocol.details import system_reason
from protocol.errors import InputError
from wording import safe_text

app = typer.Typer(no_args_is_help=True)
app.command()(monitoring_commands.journal)
app.command()(monitoring_commands.siem)
app.command()(policy_commands.schedule)
app.add_typer(policy_commands.app, name="policy")
app.add_typer(token_commands.app, name="tokens")

ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT")]
PurposeOption = Annotated[str, typer.Option("--purpose", metavar="TEXT")]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1)]
OutputOption = Annotated[Path, typer.Option("--output", "-o", metavar="FILE")]

_Part = Literal["replay", "transcript", "files"]


class ServiceNeeded(InputError):
    """The first login on a machine has to say where."""

    sentence = "Say which audit service: consentry desk login https://… (your administrator has the address)."


class CertificateFileUnusable(InputError):
    sentence = "The certificate file {path} cannot be read: {problem}."


class NothingNamed(InputError):
    sentence = "Name the sessions that you ask for, or give --all-due."


class FileInTheWay(InputError):
    sentence = "{path} exists, or cannot be written ({problem}). Nothing was fetched; name another file."


@app.command()
def login(
    address: Annotated[str | None, typer.Argument(metavar="URL", envvar="CONSENTRY_DESK")] = None,
    user: Annotated[str | None, typer.Option("--user", metavar="NAME")] = None,
    certificate: Annotated[Path | None, typer.Option("--certificate", metavar="FILE")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    totp: Annotated[str, typer.Option("--totp", metavar="DIGITS")] = "",
    browser: Annotated[bool, typer.Option("--browser")] = False,
    as_json: JsonOption = False,
) -> None:
    wording, folder = command_wording(), state_folder(os.environ)
    known_origin, known_certificate = known_service(folder)
    origin = (address or known_origin).rstrip("/")
    if not origin:
        raise ServiceNeeded
    pem = _certificate(certificate) if certificate else known_certificate if origin == known_origin else ""
    if browser:
        who = asyncio.run(log_in_through_browser(folder, origin, pem, _show_link))
    else:
        user_name = user or ask_for("engineer-ask.user", "--user")
        password = password_from_stdin() if password_stdin else ask_password()
        who = log_in(folder, origin, pem, user_name, password, lambda: totp or ask_for("engineer-ask.totp", "--totp"))
    if as_json:
        print_json(who.shown())
        return
    typer.echo(
        wording.say("desk-logged-in", name=who.name, role=who.role, origin=origin, until=time_text(who.expires_at_ms))
    )
    if who.recovery_codes_left is not None:
        typer.echo(wording.say("identity-recovery-used", count=who.recovery_codes_left), err=True)


@app.command()
def logout() -> None:
    folder = state_folder(os.environ)
    who = find_login(folder)
    log_out(folder, who)
    typer.echo(command_wording().say("engineer-logged-out", origin=who.origin))


@app.command()
def sessions(
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, metavar="COUNT")] = 50,
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM")] = None,
    tier: Annotated[str | None, typer.Option("--tier", metavar="TIER")] = None,
    as_json: JsonOption = False,
) -> None:
    # The service cannot narrow them: what it keeps of each is under its own key.
    of = Narrowing(team, tier)
    found = [one for one in _desk().sessions(limit) if of.holds(one.about)]
    _print_sessions(found, as_json, "desk-no-sessions")


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS")],
    purpose: PurposeOption,
    engineer: Annotated[str, typer.Option("--engineer", metavar="NAME")] = "",
    customer: Annotated[str, typer.Option("--customer", metavar="NAME")] = "",
    since: Annotated[str | None, typer.Option("--from", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE")] = None,
    mark: Annotated[str, typer.Option("--mark", metavar="MARK")] = "",
    kind: Annotated[list[Kind] | None, typer.Option("--kind")] = None,
    after: Annotated[str, typer.Option("--after", metavar="PLACE")] = "",
    as_json: JsonOption = False,
) -> None:
    wording = command_wording()
    page = _desk().search(
        words=" ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words),
        purpose=purpose,
        engineer=engineer,
        customer=customer,
        from_ms=unix_ms_of(since),
        until_ms=unix_ms_of(until),
        mark=mark,
        kinds=[str(one) for one in kind or ()],
        after=after,
    )
    for hit in page.hits:
        if as_json:
            print_json(hit)
        else:
            typer.echo(hit_line(hit))
    if not page.hits and not page.next:
        typer.echo(wording.say("audit-search-nothing", words=" ".join(words)), err=True)
    for session_id in page.more_in:
        typer.echo(wording.say("audit-search-more-in", session=session_id[:SHORT_ID]), err=True)
    if page.next:
        typer.echo(wording.say("desk-search-next", place=safe_text(page.next)), err=True)


@app.command()
def verify(session: SessionArgument, as_json: JsonOption = False) -> int:
    wording, desk = command_wording(), _desk()
    report = desk.verify(desk.full_id(session), wording.language)
    if as_json:
        print_json(report)
    else:
        for check in report.get("checks", ()):
            if isinstance(check, dict):
                mark = {"ok": "✓", "failed": "✗"}.get(str(check.get("outcome")), "·")
                typer.echo(f"{mark} {safe_text(str(check.get('sentence', '')))}")
    return 0 if report.get("intact") is True else 1


@app.command()
def fetch(
    session: SessionArgument,
    output: OutputOption,
    purpose: PurposeOption,
    part: Annotated[_Part, typer.Option("--part")] = "transcript",
) -> None:
    who = login_here()
    full_id = Desk(who.api()).full_id(session)
    _save(f"/v1/sessions/{full_id}/{part}?{_query(purpose=purpose)}", output)


@app.command()
def retention(
    session: SessionArgument,
    keep: Annotated[Retention, typer.Argument(metavar="CLASS")],
    reason: ReasonOption,
    as_json: JsonOption = False,
) -> None:
    desk = _desk()
    _print_sessions([desk.set_retention(desk.full_id(session), keep, reason)], as_json, "")


@app.command()
def hold(session: SessionArgument, reason: ReasonOption, as_json: JsonOption = False) -> None:
    desk = _desk()
    _print_sessions([desk.set_hold(desk.full_id(session), reason)], as_json, "")


@app.command("lift-hold")
def lift_hold(session: SessionArgument, reason: ReasonOption, as_json: JsonOption = False) -> None:
    desk = _desk()
    _print_sessions([desk.lift_hold(desk.full_id(session), reason)], as_json, "")


@app.command()
def due(as_json: JsonOption = False) -> None:
    _print_sessions(_desk().due(), as_json, "desk-nothing-due")


@app.command()
def ask(
    kind: Annotated[RequestKind, typer.Argument(metavar="export|erase")],
    reason: ReasonOption,
    session: Annotated[list[str] | None, typer.Argument(metavar="SESSION")] = None,
    all_due: Annotated[bool, typer.Option("--all-due")] = False,
    as_json: JsonOption = False,
) -> int:
    """Status 1, as grep's, where nothing was found that could be asked for."""
    if not session and not all_due:
        raise NothingNamed
    desk = _desk()
    wanted = [desk.full_id(one) for one in session or ()]
    if all_due:
        wanted += [one.session_id for one in desk.due()]
    for session_id in dict.fromkeys(wanted):
        _print_requests([desk.ask(kind, session_id, reason)], as_json)
    if not wanted:
        typer.echo(command_wording().say("desk-nothing-asked"), err=True)
    return 0 if wanted else 1


@app.command()
def requests(
    state: Annotated[RequestState | None, typer.Option("--state")] = None, as_json: JsonOption = False
) -> None:
    found = _desk().requests(state)
    _print_requests(found, as_json)
    if not found and not as_json:
        typer.echo(command_wording().say("desk-no-requests"), err=True)


@app.command()
def confirm(number: Annotated[list[int], typer.Argument(metavar="NUMBER", min=1)], as_json: JsonOption = False) -> None:
    desk = _desk()
    for one in number:
        _print_requests([desk.answer(one, "confirm")], as_json)


@app.command()
def refuse(number: Annotated[list[int], typer.Argument(metavar="NUMBER", min=1)], as_json: JsonOption = False) -> None:
    desk = _desk()
    for one in number:
        _print_requests([desk.answer(one, "refuse")], as_json)


@app.command()
def export(
    number: NumberArgument,
    output: OutputOption,
    export_format: Annotated[ExportFormat, typer.Option("--format")] = "asciicast",
) -> None:
    _save(f"/v1/requests/{number}/export?{_query(format=export_format)}", output)


@app.command("who-saw")
def who_saw(
    session: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
    user: Annotated[str | None, typer.Option("--user", metavar="NAME")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="COUNT")] = 100,
    as_json: JsonOption = False,
) -> None:
    desk = _desk()
    session_id = desk.full_id(session) if session else None
    found = desk.looks(
        limit, session_id=session_id, user_name=user, since_ms=unix_ms_of(since), until_ms=unix_ms_of(until)
    )
    for look in found:
        if as_json:
            print_json(look)
        else:
            typer.echo(look_line(look))
    if not found and not as_json:
        typer.echo(command_wording().say("desk-nobody-looked"), err=True)


def _desk() -> Desk:
    return Desk(login_here().api())


def _print_sessions(found: list[Any], as_json: bool, if_none: str) -> None:
    wording = command_wording()
    for one in found:
        if as_json:
            print_json(one)
        else:
            typer.echo(session_line(one, wording))
    if not found and not as_json and if_none:
        typer.echo(wording.say(if_none), err=True)


def _print_requests(found: list[Any], as_json: bool) -> None:
    for one in found:
        if as_json:
            print_json(msgspec.structs.asdict(one))
        else:
            typer.echo(request_line(one, command_wording()))


def _save(path: str, output: Path) -> None:
    """Never over a file that is there; what came of an answer that broke off is removed again."""
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FileInTheWay(path=output, problem=system_reason(error)) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            size_bytes = login_here().api().save(path, file)
    except BaseException:
        with suppress(OSError):
            output.unlink()
        raise
    typer.echo(command_wording().say("desk-saved", path=str(output), bytes=size_bytes), err=True)


def _query(**words: str) -> str:
    return urlencode(words)


def _show_link(link: str, code: str) -> None:
    typer.echo(command_wording().say("engineer-open-browser", link=link, code=code), err=True)


def _certificate(path: Path) -> str:
    try:
        return path.expanduser().read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise CertificateFileUnusable(path=path, problem=system_reason(error, "not a PEM file")) from None
