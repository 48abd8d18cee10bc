"""`consentry audit user …` and `consentry audit events`: the audit service's people, on its own machine.

People are added here, and by an OpenID provider; never over the network by other people. Thin, and quick to import, as
all of `consentry audit`: what the service stands on is imported by the command that needs it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from audit.command_line import JsonOption, command_wording, print_json
from audit.service_command_line import DataOption, settings_of_service, with_database
from protocol.errors import InputError

if TYPE_CHECKING:
    from audit.service.config import AuditSettings
    from audit.service.people import Auditor
    from audit.storage.users import SqlUsers
    from serving.database import Database
    from serving.identity.events import EventKind
    from serving.identity.kept_events import KeptEvent
    from serving.identity.tokens import LoginFacts

PasswordStdinOption = Annotated[bool, typer.Option("--password-stdin")]
UserArgument = Annotated[str, typer.Argument(metavar="USER")]
RoleChoice = Literal["reviewer", "external-reviewer", "supervisor", "administrator"]
COMMAND = "consentry audit"

user = typer.Typer(no_args_is_help=True)


class NoAuditProvider(InputError):
    sentence = "No OpenID provider is configured: CONSENTRY_AUDIT_OIDC_ISSUER names none."


@user.command("add")
def user_add(
    user_name: UserArgument,
    name: Annotated[str, typer.Option("--name", metavar="NAME")],
    role: Annotated[RoleChoice, typer.Option("--role")],
    totp: Annotated[bool, typer.Option("--totp")] = False,
    password_stdin: PasswordStdinOption = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    from serving.clock import SystemClock
    from serving.identity.asking import ask_new_password
    from serving.identity.passwords import Passwords
    from serving.identity.totp import new_totp_secret, totp_uri
    from serving.identity.users import check_shown_text, check_user_name

    settings = settings_of_service(data)
    user_name, name = check_user_name(user_name), check_shown_text(name, "name")
    password_hash = Passwords().hash_now(ask_new_password(command_wording(), from_stdin=password_stdin))
    secret = new_totp_secret() if totp else None

    async def add(database: "Database") -> "Auditor":
        one = await _users(settings, database).add(
            user_name=user_name,
            name=name,
            role=role,
            password_hash=password_hash,
            created_at_ms=SystemClock().unix_ms(),
            totp_secret=secret,
        )
        await _note(database, "person_added", user_name, role=role)
        return one

    added = with_database(settings, add)
    uri = totp_uri(secret, user_name, "Consentry audit") if secret else None
    if as_json:
        print_json(_facts_of(added) | ({"totp_uri": uri} if uri else {}))
        return
    say = command_wording().say
    typer.echo(say("audit-user-added", user=user_name, role=say(f"broker-role.{role}")))
    if uri:
        typer.echo(say("broker-totp"), err=True)
        typer.echo(uri)


@user.command("list")
def user_list(data: DataOption = None, as_json: JsonOption = False) -> None:
    settings = settings_of_service(data)
    found = with_database(settings, lambda database: _users(settings, database).all())
    if as_json:
        print_json([_facts_of(one) for one in found])
        return
    say = command_wording().say
    for one in found:
        state = say("broker-user-disabled-mark") if one.disabled else ""
        role = say(f"broker-role.{one.role}")
        typer.echo(say("audit-user-line", user=one.user_name, name=one.name, role=role, state=state).rstrip())
    if not found:
        typer.echo(say("audit-no-users"), err=True)


@user.command("link")
def user_link(
    user_name: UserArgument, subject: Annotated[str, typer.Argument(metavar="SUBJECT")], data: DataOption = None
) -> None:
    from audit.storage.users import SqlProviderPeople
    from serving.clock import SystemClock

    settings = settings_of_service(data)
    if not settings.oidc_issuer:
        raise NoAuditProvider

    async def link(database: "Database") -> None:
        one = await _find(settings, database, user_name)
        people = SqlProviderPeople(database, _users(settings, database))
        await people.link(settings.oidc_issuer, subject, one.user_id, SystemClock().unix_ms())
        await _note(database, "person_changed", one.user_name, linked=subject)

    with_database(settings, link)
    say = command_wording().say
    typer.echo(say("audit-user-linked", user=user_name, subject=subject, provider=settings.oidc_name))


@user.command("disable")
def user_disable(user_name: UserArgument, data: DataOption = None) -> None:
    lock = lambda users, one: users.set_disabled(one.user_id, disabled=True)  # noqa: E731 (named for the reader)
    _change(data, user_name, "person_changed", lock, disabled=True)
    typer.echo(command_wording().say("broker-user-disabled", user=user_name))


@user.command("enable")
def user_enable(user_name: UserArgument, data: DataOption = None) -> None:
    unlock = lambda users, one: users.set_disabled(one.user_id, disabled=False)  # noqa: E731 (as above)
    _change(data, user_name, "person_changed", unlock, disabled=False)
    typer.echo(command_wording().say("broker-user-enabled", user=user_name))


@user.command("reset-password")
def user_reset_password(
    user_name: UserArgument, password_stdin: PasswordStdinOption = False, data: DataOption = None
) -> None:
    from serving.identity.asking import ask_new_password
    from serving.identity.passwords import Passwords

    password_hash = Passwords().hash_now(ask_new_password(command_wording(), from_stdin=password_stdin))
    _change(data, user_name, "password_changed", lambda users, one: users.set_password(one.user_id, password_hash))
    typer.echo(command_wording().say("broker-password-reset", user=user_name))


@user.command("totp")
def user_totp(
    user_name: UserArgument, off: Annotated[bool, typer.Option("--off")] = False, data: DataOption = None
) -> None:
    from serving.identity.totp import new_totp_secret, totp_uri

    secret = None if off else new_totp_secret()
    kind: EventKind = "totp_removed" if off else "totp_set"
    one = _change(data, user_name, kind, lambda users, found: users.set_totp(found.user_id, secret))
    if secret is None:
        typer.echo(command_wording().say("broker-totp-off", user=one.user_name))
        return
    typer.echo(command_wording().say("broker-totp"), err=True)
    typer.echo(totp_uri(secret, one.user_name, "Consentry audit"))


@user.command("logins")
def user_logins(user_name: UserArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    from audit.storage.users import SqlTokens
    from serving.clock import SystemClock
    from serving.identity.on_machine import login_document, login_line

    settings = settings_of_service(data)

    async def read(database: "Database") -> "list[LoginFacts]":
        one = await _find(settings, database, user_name)
        return await SqlTokens(database).logins_of(one.user_id, SystemClock().unix_ms())

    found = with_database(settings, read)
    if as_json:
        print_json(login_document(found))
        return
    for one in found:
        typer.echo(login_line(command_wording(), one))
    if not found:
        typer.echo(command_wording().say("identity-no-logins", user=user_name), err=True)


@user.command("log-out")
def user_log_out(
    user_name: UserArgument,
    login: Annotated[str | None, typer.Option("--login", metavar="ID")] = None,
    data: DataOption = None,
) -> None:
    from audit.storage.users import SqlTokens
    from serving.identity.on_machine import end_logins

    settings = settings_of_service(data)

    async def revoke(database: "Database") -> int:
        one = await _find(settings, database, user_name)
        ended = await end_logins(SqlTokens(database), one, login, command=COMMAND)
        await _note(database, "login_revoked", one.user_name, logins=ended)
        return ended

    count = with_database(settings, revoke)
    typer.echo(command_wording().say("identity-logged-out", user=user_name, count=count))


def events(
    about: Annotated[str | None, typer.Option("--user", metavar="USER")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """`consentry audit events`; put there by service_commands.py."""
    from audit.storage.users import TABLES
    from serving.identity.on_machine import EVENTS_LIMIT, event_document, event_line
    from serving.identity.sql_events import SqlIdentityEvents

    async def newest(database: "Database") -> "list[KeptEvent]":
        return await SqlIdentityEvents(database, TABLES).newest(None, EVENTS_LIMIT, about)

    found = with_database(settings_of_service(data), newest)
    if as_json:
        print_json(event_document(found))
        return
    for one in reversed(found):
        typer.echo(event_line(command_wording(), one))
    if not found:
        typer.echo(command_wording().say("identity-no-events"), err=True)


def _users(settings: "AuditSettings", database: "Database") -> "SqlUsers":
    from audit.service.setup import identity_key_file
    from audit.storage.users import SqlUsers
    from serving.identity.secret_box import load_secret_box

    return SqlUsers(database, load_secret_box(identity_key_file(settings.data_folder)))


async def _find(settings: "AuditSettings", database: "Database", user_name: str) -> "Auditor":
    """Raises UserUnknown."""
    from serving.identity.users import UserUnknown, check_user_name

    found = await _users(settings, database).find(check_user_name(user_name))
    if found is None:
        raise UserUnknown(user_name=user_name, command=COMMAND)
    return found[0]


def _change(
    data: Path | None,
    user_name: str,
    kind: "EventKind",
    change: "Callable[[SqlUsers, Auditor], Awaitable[None]]",
    **facts: str | bool,
) -> "Auditor":
    settings = settings_of_service(data)

    async def run(database: "Database") -> "Auditor":
        one = await _find(settings, database, user_name)
        await change(_users(settings, database), one)
        await _note(database, kind, one.user_name, **facts)
        return one

    return with_database(settings, run)


async def _note(database: "Database", kind: "EventKind", user_name: str, **facts: str | int | bool) -> None:
    from audit.storage.users import TABLES
    from serving.identity.on_machine import note_here
    from serving.identity.sql_events import SqlIdentityEvents

    await note_here(SqlIdentityEvents(database, TABLES), kind, user_name, **facts)


def _facts_of(one: "Auditor") -> dict[str, Any]:
    return {
        "user_name": one.user_name,
        "name": one.name,
        "role": one.role,
        "disabled": one.disabled,
        "totp": one.has_totp,
    }
