"""`consentry serve` and `consentry admin`: thin functions, run on the broker's own machine by somebody who may.

What was asked for goes to standard output; hints go to standard error. With `--json` there is one JSON document and no
hint. Help and examples are in `wording/`, under the command's name. Everything is written straight to the data folder:
there is no set-up over the network.
"""

import asyncio
import base64
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import structlog
import typer

from broker.config import Settings, load_settings
from broker.organisation.engineers import Engineer
from broker.organisation.founding import change_profile, found_organisation
from broker.organisation.organisation import Organisation, load_organisation
from broker.sessions.session import SessionState
from broker.storage import MIGRATIONS
from broker.storage.audit_feed import SqlAuditServices
from broker.storage.sessions import SqlSessions
from broker.storage.users import SqlUsers
from protocol.errors import InputError
from protocol.grants import Scope
from protocol.profile import AuditRecipient, ProfileWitness, decode_recipient
from serving.clock import SystemClock
from serving.database import Database, open_database
from serving.identity.asking import ask_new_password
from serving.identity.passwords import Passwords
from serving.identity.tokens import hash_of_token, new_token
from serving.identity.totp import new_totp_secret, totp_uri
from serving.identity.users import UserUnknown, check_shown_text, check_user_name
from serving.logs import set_up_logs
from serving.private_files import read_file
from wording import Wording, detect_language

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", envvar="CONSENTRY_DATA_FOLDER")]
JsonOption = Annotated[bool, typer.Option("--json")]
PasswordStdinOption = Annotated[bool, typer.Option("--password-stdin")]
RecipientOption = Annotated[list[Path], typer.Option("--audit-recipient", metavar="FILE")]
UserArgument = Annotated[str, typer.Argument(metavar="USER")]
WitnessPolicy = Literal["required", "optional"]
OutputPolicy = Literal["bounded", "strict"]

T = TypeVar("T")

log = structlog.get_logger(__name__)


class WitnessUnreadable(InputError):
    sentence = "{text} names no witness. Write its key and its address: --witness name+id+key=https://witness.example"


class NothingToChange(InputError):
    sentence = "Nothing to change was named. See: consentry admin profile update --help"


def serve_broker(options: dict[str, object], *, no_audit_in: Path | None) -> int:
    """What `consentry serve` does for the broker's part; options are named as settings.

    `no_audit_in` is the folder in which no audit service was set up, if one was looked for.
    """
    settings = load_settings(**options)
    # uvicorn and FastAPI take half a second to import, which `consentry admin` need not wait for.
    from broker import server

    set_up_logs(settings.log_format, settings.log_level)
    if no_audit_in is not None:
        log.info("no_audit_service_here", folder=str(no_audit_in), only="broker")
    return server.serve(settings)


admin = typer.Typer(no_args_is_help=True, add_completion=False)
profile = typer.Typer(no_args_is_help=True)
user = typer.Typer(no_args_is_help=True)
audit_service = typer.Typer(no_args_is_help=True)
admin.add_typer(profile, name="profile")
admin.add_typer(user, name="user")
admin.add_typer(audit_service, name="audit-service")


@admin.callback()
def _admin() -> None:
    # Standard output is for what was asked for: what the parts log goes to standard error, and only if it matters.
    set_up_logs("console", "warning")


@admin.command("init")
def init(
    name: Annotated[str, typer.Option("--name")],
    origin: Annotated[str, typer.Option("--origin", metavar="URL")],
    audit_recipient: RecipientOption,
    tls_name: Annotated[list[str] | None, typer.Option("--tls-name", metavar="HOST")] = None,
    output_policy: Annotated[OutputPolicy, typer.Option("--output-policy")] = "bounded",
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    settings = load_settings(data_folder=data)
    organisation = found_organisation(
        settings,
        name=check_shown_text(name, "organisation's name"),
        origin=origin,
        audit_recipients=_recipients(audit_recipient),
        names=tls_name or (),
        output_policy=output_policy,
    )
    say = _wording().say
    if as_json:
        _print_json(_facts_of(organisation))
        return
    print(organisation.share_url)
    _hint(say("broker-founded", organisation=name, folder=str(settings.data_folder)))
    _hint(say("broker-founded-next"))


@admin.command("status")
def status(data: DataOption = None, as_json: JsonOption = False) -> None:
    settings = load_settings(data_folder=data)
    organisation = load_organisation(settings)

    async def read(database: Database) -> tuple[int, dict[SessionState, int]]:
        return len(await SqlUsers(database).all()), await SqlSessions(database).count_by_state()

    users, sessions = _with_database(settings, read)
    if as_json:
        _print_json(_facts_of(organisation) | {"users": users, "sessions": sessions})
        return
    say = _wording().say
    print(say("broker-status-organisation", organisation=organisation.profile.organisation))
    print(say("broker-status-address", address=str(organisation.share_url)))
    print(say("broker-status-users", users=users))
    open_sessions = sum(count for state, count in sessions.items() if state != "ended")
    print(say("broker-status-sessions", open=open_sessions, ended=sessions["ended"]))


@profile.command("show")
def profile_show(data: DataOption = None, as_json: JsonOption = False) -> None:
    organisation = load_organisation(load_settings(data_folder=data))
    if as_json:
        _print_json(_facts_of(organisation))
    else:
        sys.stdout.write(organisation.profile_note.decode())


@profile.command("update")
def profile_update(
    origin: Annotated[str | None, typer.Option("--origin", metavar="URL")] = None,
    audit_recipient: Annotated[list[Path] | None, typer.Option("--audit-recipient", metavar="FILE")] = None,
    output_policy: Annotated[OutputPolicy | None, typer.Option("--output-policy")] = None,
    max_minutes: Annotated[int | None, typer.Option("--max-minutes")] = None,
    resume_window: Annotated[int | None, typer.Option("--resume-window", metavar="SECONDS")] = None,
    browser: Annotated[bool | None, typer.Option("--browser/--no-browser")] = None,
    witness: Annotated[list[str] | None, typer.Option("--witness", metavar="VKEY=URL")] = None,
    no_witnesses: Annotated[bool, typer.Option("--no-witnesses")] = False,
    witness_policy: Annotated[WitnessPolicy | None, typer.Option("--witness-policy")] = None,
    new_log: Annotated[bool, typer.Option("--new-log")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    named = {
        "broker_origin": origin,
        "audit_recipients": _recipients(audit_recipient) if audit_recipient else None,
        "output_policy": output_policy,
        "max_minutes": max_minutes,
        "resume_window_seconds": resume_window,
        "browser_allowed": browser,
        "witnesses": [_witness(one) for one in witness] if witness else [] if no_witnesses else None,
        # Else `consentry serve` would name the audit service of this machine: nobody had decided otherwise.
        "witness": witness_policy or ("optional" if no_witnesses and not witness else None),
        "new_log": new_log or None,
    }
    changes: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    if not changes:
        raise NothingToChange
    organisation = change_profile(load_settings(data_folder=data), **changes)
    if as_json:
        _print_json(_facts_of(organisation))
    else:
        print(_wording().say("broker-profile-updated", version=str(organisation.profile.version)))


@user.command("add")
def user_add(
    user_name: UserArgument,
    name: Annotated[str, typer.Option("--name")],
    staff_number: Annotated[str, typer.Option("--staff-number")],
    scope: Annotated[list[Scope] | None, typer.Option("--scope")] = None,
    totp: Annotated[bool, typer.Option("--totp")] = False,
    password_stdin: PasswordStdinOption = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    settings = load_settings(data_folder=data)
    organisation = load_organisation(settings)
    user_name = check_user_name(user_name)
    name, staff_number = check_shown_text(name, "name"), check_shown_text(staff_number, "staff number")
    password_hash = Passwords().hash_now(ask_new_password(_wording(), from_stdin=password_stdin))
    secret = new_totp_secret() if totp else None

    async def add(database: Database) -> Engineer:
        return await SqlUsers(database).add(
            user_name=user_name,
            name=name,
            staff_number=staff_number,
            max_scopes=frozenset(scope or Scope),
            password_hash=password_hash,
            totp_secret=secret,
            created_at_ms=SystemClock().unix_ms(),
        )

    added = _with_database(settings, add)
    uri = totp_uri(secret, user_name, organisation.profile.organisation) if secret else None
    if as_json:
        _print_json(_facts_of_user(added) | ({"totp_uri": uri} if uri else {}))
        return
    print(_wording().say("broker-user-added", user=user_name))
    if uri:
        _hint(_wording().say("broker-totp"))
        print(uri)


@user.command("list")
def user_list(data: DataOption = None, as_json: JsonOption = False) -> None:
    users = _with_database(_founded(data), lambda database: SqlUsers(database).all())
    if as_json:
        _print_json([_facts_of_user(one) for one in users])
        return
    say = _wording().say
    for one in users:
        state = say("broker-user-disabled-mark") if one.disabled else ""
        print(say("broker-user-line", user=one.user_name, name=one.name, number=one.staff_number, state=state).rstrip())
    if not users:
        _hint(say("broker-no-users"))


@user.command("disable")
def user_disable(user_name: UserArgument, data: DataOption = None) -> None:
    _change_user(data, user_name, lambda users, one: users.set_disabled(one.user_id, disabled=True))
    print(_wording().say("broker-user-disabled", user=user_name))


@user.command("enable")
def user_enable(user_name: UserArgument, data: DataOption = None) -> None:
    _change_user(data, user_name, lambda users, one: users.set_disabled(one.user_id, disabled=False))
    print(_wording().say("broker-user-enabled", user=user_name))


@user.command("reset-password")
def user_reset_password(
    user_name: UserArgument, password_stdin: PasswordStdinOption = False, data: DataOption = None
) -> None:
    settings = _founded(data)
    _with_database(settings, lambda database: _find(database, user_name))  # before anybody types a password in vain
    password_hash = Passwords().hash_now(ask_new_password(_wording(), from_stdin=password_stdin))
    _change_user(data, user_name, lambda users, one: users.set_password(one.user_id, password_hash))
    print(_wording().say("broker-password-reset", user=user_name))


@user.command("totp")
def user_totp(
    user_name: UserArgument, off: Annotated[bool, typer.Option("--off")] = False, data: DataOption = None
) -> None:
    organisation = load_organisation(_founded(data))
    secret = None if off else new_totp_secret()
    one = _change_user(data, user_name, lambda users, found: users.set_totp(found.user_id, secret))
    if secret is None:
        print(_wording().say("broker-totp-off", user=one.user_name))
        return
    _hint(_wording().say("broker-totp"))
    print(totp_uri(secret, one.user_name, organisation.profile.organisation))


@audit_service.command("add")
def audit_service_add(
    name: Annotated[str, typer.Argument(metavar="NAME")], data: DataOption = None, as_json: JsonOption = False
) -> None:
    settings = _founded(data)
    name, token = check_user_name(name), new_token()
    token_hash = hash_of_token(token)
    assert token_hash is not None
    now_ms = SystemClock().unix_ms()
    _with_database(settings, lambda database: SqlAuditServices(database).add(name, token_hash, now_ms))
    if as_json:
        _print_json({"name": name, "token": token})
        return
    print(token)
    _hint(_wording().say("broker-audit-service-added", name=name))


@audit_service.command("list")
def audit_service_list(data: DataOption = None, as_json: JsonOption = False) -> None:
    found = _with_database(_founded(data), lambda database: SqlAuditServices(database).all())
    if as_json:
        _print_json([{"name": one.name, "created_at_ms": one.created_at_ms} for one in found])
        return
    for one in found:
        print(one.name)
    if not found:
        _hint(_wording().say("broker-no-audit-services"))


@audit_service.command("remove")
def audit_service_remove(name: Annotated[str, typer.Argument(metavar="NAME")], data: DataOption = None) -> None:
    _with_database(_founded(data), lambda database: SqlAuditServices(database).remove(name))
    print(_wording().say("broker-audit-service-removed", name=name))


def _founded(data: Path | None) -> Settings:
    settings = load_settings(data_folder=data)
    load_organisation(settings)
    return settings


def _with_database(settings: Settings, use: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = await open_database(settings.database_file, MIGRATIONS)
        try:
            return await use(database)
        finally:
            await database.aclose()

    return asyncio.run(run())


async def _find(database: Database, user_name: str) -> Engineer:
    found = await SqlUsers(database).find(check_user_name(user_name))
    if found is None:
        raise UserUnknown(user_name=user_name, command="consentry admin")
    return found[0]


def _change_user(
    data: Path | None, user_name: str, change: Callable[[SqlUsers, Engineer], Awaitable[None]]
) -> Engineer:
    async def run(database: Database) -> Engineer:
        one = await _find(database, user_name)
        await change(SqlUsers(database), one)
        return one

    return _with_database(_founded(data), run)


def _recipients(files: list[Path]) -> tuple[AuditRecipient, ...]:
    return tuple(decode_recipient(read_file(file)) for file in files)


def _witness(text: str) -> ProfileWitness:
    # A key ends in base64, which may end in equals signs; an address does not begin with one.
    vkey, separator, url = text.partition("=http")
    if not separator:
        raise WitnessUnreadable(text=text)
    return ProfileWitness(vkey, f"http{url}")


def _facts_of(organisation: Organisation) -> dict[str, Any]:
    facts = organisation.profile
    return {
        "organisation": facts.organisation,
        "share_url": str(organisation.share_url),
        "profile_version": facts.version,
        "broker_origin": facts.broker_origin,
        "engineer_ca_key": base64.b64encode(facts.engineer_ca_key).decode(),
        "output_policy": facts.output_policy,
        "max_minutes": facts.max_minutes,
        "resume_window_seconds": facts.resume_window_seconds,
        "browser_allowed": facts.browser_allowed,
        "log": msgspec.to_builtins(facts.log),
        "audit_recipients": [
            {"key_id": recipient.key_id.hex(), "suite": recipient.suite, "not_after_ms": recipient.not_after_ms}
            for recipient in facts.audit_recipients
        ],
    }


def _facts_of_user(one: Engineer) -> dict[str, Any]:
    return {
        "user_name": one.user_name,
        "name": one.name,
        "staff_number": one.staff_number,
        "max_scopes": sorted(one.max_scopes),
        "disabled": one.disabled,
        "totp": one.has_totp,
    }


def _print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False))


def _hint(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _wording() -> Wording:
    return Wording(detect_language(os.environ))
