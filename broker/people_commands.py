"""`consentry admin user …` and `consentry admin events`: people, on the broker's own machine.

The first administrator is made here, and nowhere else; whatever is done here is noted like what is done in the console.
"""

from typing import Annotated, Any

import typer

from broker.command_line import DataOption, JsonOption, founded, hint, own_wording, print_json, with_database
from broker.config import load_settings
from broker.organisation.engineers import Engineer
from broker.organisation.organisation import load_organisation
from broker.organisation.people import Role
from broker.organisation.teams import NO_TEAM, added_facts, check_team_or_none
from broker.people_tools import change_person, find_person, note_event, users_in
from broker.storage.provider_people import SqlProviderPeople
from broker.storage.users import TABLES, SqlTokens
from protocol.errors import InputError
from protocol.grants import Scope
from serving.clock import SystemClock
from serving.database import Database
from serving.identity.asking import ask_new_password
from serving.identity.events import EventKind
from serving.identity.kept_events import KeptEvent
from serving.identity.on_machine import (
    EVENTS_LIMIT,
    end_logins,
    event_document,
    event_line,
    login_document,
    login_line,
)
from serving.identity.passwords import Passwords
from serving.identity.sql_events import SqlIdentityEvents
from serving.identity.tokens import LoginFacts
from serving.identity.totp import new_totp_secret, totp_uri
from serving.identity.users import check_shown_text, check_user_name

PasswordStdinOption = Annotated[bool, typer.Option("--password-stdin")]
UserArgument = Annotated[str, typer.Argument(metavar="USER")]

people = typer.Typer(no_args_is_help=True)


class NoProvider(InputError):
    sentence = "No OpenID provider is configured: CONSENTRY_OIDC_ISSUER names none."


@people.command("add")
def user_add(
    user_name: UserArgument,
    name: Annotated[str, typer.Option("--name", metavar="NAME")],
    staff_number: Annotated[str, typer.Option("--staff-number", metavar="NUMBER")],
    role: Annotated[Role, typer.Option("--role")] = "engineer",
    scope: Annotated[list[Scope] | None, typer.Option("--scope")] = None,
    team: Annotated[str, typer.Option("--team", metavar="TEAM")] = "",
    totp: Annotated[bool, typer.Option("--totp")] = False,
    password_stdin: PasswordStdinOption = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    settings = load_settings(data_folder=data)
    organisation = load_organisation(settings)
    user_name = check_user_name(user_name)
    name, staff_number = check_shown_text(name, "name"), check_shown_text(staff_number, "staff number")
    password_hash = Passwords().hash_now(ask_new_password(own_wording(), from_stdin=password_stdin))
    secret = new_totp_secret() if totp else None

    async def add(database: Database) -> Engineer:
        one = await users_in(settings, database).add(
            user_name=user_name,
            name=name,
            role=role,
            staff_number=staff_number,
            max_scopes=frozenset(scope or Scope),
            password_hash=password_hash,
            totp_secret=secret,
            created_at_ms=SystemClock().unix_ms(),
            team=check_team_or_none(team),
        )
        await note_event(database, "person_added", user_name, **added_facts(one))
        return one

    added = with_database(settings, add)
    uri = totp_uri(secret, user_name, organisation.profile.organisation) if secret else None
    if as_json:
        print_json(_facts_of(added) | ({"totp_uri": uri} if uri else {}))
        return
    print(own_wording().say("broker-user-added", user=user_name))
    if uri:
        hint(own_wording().say("broker-totp"))
        print(uri)


@people.command("list")
def user_list(
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    settings = founded(data)
    everybody = with_database(settings, lambda database: users_in(settings, database).all())
    users = [one for one in everybody if team is None or (one.team or NO_TEAM) == team]
    if as_json:
        print_json([_facts_of(one) for one in users])
        return
    say = own_wording().say
    for one in users:
        state = say("broker-user-disabled-mark") if one.disabled else ""
        facts = {"user": one.user_name, "name": one.name, "number": one.staff_number, "state": state}
        role = say(f"broker-role.{one.role}")
        print(say("broker-user-line", role=role, team=one.team or "-", **facts).rstrip())
    if not users:
        hint(say("broker-no-users"))


@people.command("role")
def user_role(
    user_name: UserArgument, role: Annotated[Role, typer.Argument(metavar="ROLE")], data: DataOption = None
) -> None:
    change_person(data, user_name, "person_changed", lambda users, one: users.set_role(one.user_id, role), role=role)
    say = own_wording().say
    print(say("broker-user-role", user=user_name, role=say(f"broker-role.{role}")))


@people.command("link")
def user_link(
    user_name: UserArgument,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT")],
    data: DataOption = None,
) -> None:
    settings = founded(data)
    if not settings.oidc_issuer:
        raise NoProvider

    async def link(database: Database) -> None:
        one = await find_person(settings, database, user_name)
        people_of_provider = SqlProviderPeople(database, users_in(settings, database))
        await people_of_provider.link(settings.oidc_issuer, subject, one.user_id, SystemClock().unix_ms())
        await note_event(database, "person_changed", one.user_name, linked=subject)

    with_database(settings, link)
    print(own_wording().say("broker-user-linked", user=user_name, subject=subject, provider=settings.oidc_name))


@people.command("disable")
def user_disable(user_name: UserArgument, data: DataOption = None) -> None:
    lock = lambda users, one: users.set_disabled(one.user_id, disabled=True)  # noqa: E731 (named for the reader)
    change_person(data, user_name, "person_changed", lock, disabled=True)
    print(own_wording().say("broker-user-disabled", user=user_name))


@people.command("enable")
def user_enable(user_name: UserArgument, data: DataOption = None) -> None:
    unlock = lambda users, one: users.set_disabled(one.user_id, disabled=False)  # noqa: E731 (as above)
    change_person(data, user_name, "person_changed", unlock, disabled=False)
    print(own_wording().say("broker-user-enabled", user=user_name))


@people.command("reset-password")
def user_reset_password(
    user_name: UserArgument, password_stdin: PasswordStdinOption = False, data: DataOption = None
) -> None:
    settings = founded(data)
    # Before a password is typed in vain.
    with_database(settings, lambda database: find_person(settings, database, user_name))
    password_hash = Passwords().hash_now(ask_new_password(own_wording(), from_stdin=password_stdin))
    change_person(
        data, user_name, "password_changed", lambda users, one: users.set_password(one.user_id, password_hash)
    )
    print(own_wording().say("broker-password-reset", user=user_name))


@people.command("totp")
def user_totp(
    user_name: UserArgument, off: Annotated[bool, typer.Option("--off")] = False, data: DataOption = None
) -> None:
    organisation = load_organisation(founded(data))
    secret = None if off else new_totp_secret()
    kind: EventKind = "totp_removed" if off else "totp_set"
    one = change_person(data, user_name, kind, lambda users, found: users.set_totp(found.user_id, secret))
    if secret is None:
        print(own_wording().say("broker-totp-off", user=one.user_name))
        return
    hint(own_wording().say("broker-totp"))
    print(totp_uri(secret, one.user_name, organisation.profile.organisation))


@people.command("logins")
def user_logins(user_name: UserArgument, data: DataOption = None, as_json: JsonOption = False) -> None:
    settings = founded(data)

    async def read(database: Database) -> list[LoginFacts]:
        one = await find_person(settings, database, user_name)
        return await SqlTokens(database).logins_of(one.user_id, SystemClock().unix_ms())

    found = with_database(settings, read)
    if as_json:
        print_json(login_document(found))
        return
    for one in found:
        print(login_line(own_wording(), one))
    if not found:
        hint(own_wording().say("identity-no-logins", user=user_name))


@people.command("log-out")
def user_log_out(
    user_name: UserArgument,
    login: Annotated[str | None, typer.Option("--login", metavar="ID")] = None,
    data: DataOption = None,
) -> None:
    settings = founded(data)

    async def revoke(database: Database) -> int:
        one = await find_person(settings, database, user_name)
        ended = await end_logins(SqlTokens(database), one, login, command="consentry admin")
        await note_event(database, "login_revoked", one.user_name, logins=ended)
        return ended

    print(own_wording().say("identity-logged-out", user=user_name, count=with_database(settings, revoke)))


def events(
    user: Annotated[str | None, typer.Option("--user", metavar="USER")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """`consentry admin events`; put there by commands.py."""

    async def newest(database: Database) -> list[KeptEvent]:
        return await SqlIdentityEvents(database, TABLES).newest(None, EVENTS_LIMIT, user)

    found = with_database(founded(data), newest)
    if as_json:
        print_json(event_document(found))
        return
    for one in reversed(found):
        print(event_line(own_wording(), one))
    if not found:
        hint(own_wording().say("identity-no-events"))


def _facts_of(one: Engineer) -> dict[str, Any]:
    return {
        "user_name": one.user_name,
        "name": one.name,
        "role": one.role,
        "staff_number": one.staff_number,
        "team": one.team,
        "max_scopes": sorted(one.max_scopes),
        "disabled": one.disabled,
        "totp": one.has_totp,
    }
