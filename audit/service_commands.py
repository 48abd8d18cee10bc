"""`consentry audit init`, `audit user`: looking after the audit service, on its own machine.

Thin, and quick to import: `consentry audit list` needs nothing of the service, nor the packages that it stands on.
"""

import asyncio
import functools
import os
import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec
import typer

from protocol.errors import InputError, UnavailableError
from wording import Wording, detect_language

if TYPE_CHECKING:
    from audit.service.config import AuditSettings
    from audit.service.people import Auditor
    from audit.service.rotation import RotationStatus
    from audit.storage.users import SqlUsers
    from protocol.profile import AuditRecipient
    from serving.database import Database

T = TypeVar("T")

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", envvar="CONSENTRY_AUDIT_DATA_FOLDER")]
JsonOption = Annotated[bool, typer.Option("--json")]
PasswordStdinOption = Annotated[bool, typer.Option("--password-stdin")]
UserArgument = Annotated[str, typer.Argument(metavar="USER")]
RoleChoice = Literal["reviewer", "external-reviewer", "supervisor", "administrator"]

user = typer.Typer(no_args_is_help=True)
key = typer.Typer(no_args_is_help=True)
rotate = typer.Typer(no_args_is_help=True)
key.add_typer(rotate, name="rotate")


class TokenMissing(InputError):
    sentence = "Give the service token, as `consentry admin audit-service add` printed it, on standard input."


class ServiceNotInstalled(UnavailableError):
    sentence = "The audit service needs parts that are not installed here ({module}). Install them: {install}"


def add_commands(app: typer.Typer) -> None:
    """Puts the service's commands beside those that read recordings."""
    for name, command in (("init", init), ("backup", backup), ("restore", restore)):
        app.command(name)(_needing_parts(command))
    for group in (user, key, rotate):
        for listed in group.registered_commands:
            assert listed.callback is not None
            listed.callback = _needing_parts(listed.callback)
    app.add_typer(user, name="user")
    app.add_typer(key, name="key")


def _needing_parts(command: Callable[..., Any]) -> Callable[..., Any]:
    """One sentence where the packages that the service stands on are not installed, instead of a traceback."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except ModuleNotFoundError as error:
            raise ServiceNotInstalled(module=error.name, install="pip install 'consentry[broker]'") from error

    return run


def init(
    broker: Annotated[str, typer.Option("--broker", metavar="URL")],
    key_file: Annotated[list[Path], typer.Option("--key", metavar="FILE")],
    data: DataOption = None,
) -> None:
    from audit.service.setup import set_up, witness_of

    token = "" if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not token:
        raise TokenMissing
    settings = _settings(data)
    setup = set_up(settings, broker=broker, token=token, key_files=tuple(key_file))
    typer.echo(_wording().say("audit-service-set-up", folder=str(settings.data_folder)), err=True)
    vkey = witness_of(settings.data_folder, setup.broker).key.vkey
    typer.echo(_wording().say("audit-service-witness", vkey=vkey), err=True)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    keys_to: Annotated[Path | None, typer.Option("--keys-to", metavar="DIR")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    from audit.service.backup import KEYS_FOLDER, back_up
    from audit.storage.requests import SqlKeyBackups
    from serving.clock import SystemClock

    settings = _settings_of_service(data)
    keys_folder = (keys_to or folder / KEYS_FOLDER).expanduser().resolve()
    now_ms = SystemClock().unix_ms()
    # Noted first: an erase that happens meanwhile has to find the copy.
    _with_database(settings, lambda database: SqlKeyBackups(database).made(str(keys_folder), now_ms))
    done = back_up(settings, folder.expanduser().resolve(), keys_folder)
    if as_json:
        _print_json({"sessions": done.sessions, "copied_bytes": done.copied_bytes, "erased": done.erased})
        return
    typer.echo(_wording().say("audit-backed-up", sessions=done.sessions, bytes=done.copied_bytes, folder=str(folder)))
    if keys_to is None:
        typer.echo(_wording().say("audit-backup-apart", folder=str(keys_folder)), err=True)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    keys_from: Annotated[Path | None, typer.Option("--keys-from", metavar="DIR")] = None,
    key_file: Annotated[list[Path] | None, typer.Option("--key", metavar="FILE", envvar="CONSENTRY_AUDIT_KEY")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> int:
    from audit.service.app import passphrase_source
    from audit.service.backup import KEYS_FOLDER
    from audit.service.backup import restore as bring_back
    from audit.vault.keys import load_key
    from serving.clock import SystemClock
    from serving.logs import set_up_logs

    set_up_logs("console", "warning")
    settings = _settings(data)
    keys = [load_key(path, passphrase_source(settings, path)) for path in key_file or []]
    keys_folder = (keys_from or folder / KEYS_FOLDER).expanduser().resolve()
    done = bring_back(settings, folder.expanduser().resolve(), keys_folder, keys, SystemClock().unix_ms())
    if as_json:
        _print_json({"sessions": done.sessions, "erased": done.erased, "broken": done.broken})
    else:
        say = _wording().say
        typer.echo(say("audit-restored", sessions=done.sessions, erased=done.erased, folder=str(settings.data_folder)))
        if done.policies:
            typer.echo(say("audit-restored-policies", count=done.policies), err=True)
        for session in done.broken:
            typer.echo(say("audit-restored-broken", session=session), err=True)
    return 1 if done.broken else 0


@user.command("add")
def user_add(
    user_name: UserArgument,
    name: Annotated[str, typer.Option("--name")],
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

    settings = _settings_of_service(data)
    user_name, name = check_user_name(user_name), check_shown_text(name, "name")
    password_hash = Passwords().hash_now(ask_new_password(_wording(), from_stdin=password_stdin))
    secret = new_totp_secret() if totp else None

    async def add(database: "Database") -> "Auditor":
        return await _users(settings, database).add(
            user_name=user_name,
            name=name,
            role=role,
            password_hash=password_hash,
            created_at_ms=SystemClock().unix_ms(),
            totp_secret=secret,
        )

    added = _with_database(settings, add)
    uri = totp_uri(secret, user_name, "Consentry audit") if secret else None
    if as_json:
        _print_json(_facts_of(added) | ({"totp_uri": uri} if uri else {}))
        return
    typer.echo(_wording().say("audit-user-added", user=user_name, role=role))
    if uri:
        typer.echo(_wording().say("broker-totp"), err=True)
        typer.echo(uri)


@user.command("list")
def user_list(data: DataOption = None, as_json: JsonOption = False) -> None:
    settings = _settings_of_service(data)
    found = _with_database(settings, lambda database: _users(settings, database).all())
    if as_json:
        _print_json([_facts_of(one) for one in found])
        return
    say = _wording().say
    for one in found:
        state = say("broker-user-disabled-mark") if one.disabled else ""
        typer.echo(say("audit-user-line", user=one.user_name, name=one.name, role=one.role, state=state).rstrip())
    if not found:
        typer.echo(say("audit-no-users"), err=True)


@user.command("disable")
def user_disable(user_name: UserArgument, data: DataOption = None) -> None:
    _change_user(data, user_name, lambda users, one: users.set_disabled(one.user_id, disabled=True))
    typer.echo(_wording().say("broker-user-disabled", user=user_name))


@user.command("enable")
def user_enable(user_name: UserArgument, data: DataOption = None) -> None:
    _change_user(data, user_name, lambda users, one: users.set_disabled(one.user_id, disabled=False))
    typer.echo(_wording().say("broker-user-enabled", user=user_name))


@user.command("reset-password")
def user_reset_password(
    user_name: UserArgument, password_stdin: PasswordStdinOption = False, data: DataOption = None
) -> None:
    from serving.identity.asking import ask_new_password
    from serving.identity.passwords import Passwords

    password_hash = Passwords().hash_now(ask_new_password(_wording(), from_stdin=password_stdin))
    _change_user(data, user_name, lambda users, one: users.set_password(one.user_id, password_hash))
    typer.echo(_wording().say("broker-password-reset", user=user_name))


@user.command("totp")
def user_totp(
    user_name: UserArgument, off: Annotated[bool, typer.Option("--off")] = False, data: DataOption = None
) -> None:
    from serving.identity.totp import new_totp_secret, totp_uri

    secret = None if off else new_totp_secret()
    one = _change_user(data, user_name, lambda users, found: users.set_totp(found.user_id, secret))
    if secret is None:
        typer.echo(_wording().say("broker-totp-off", user=one.user_name))
        return
    typer.echo(_wording().say("broker-totp"), err=True)
    typer.echo(totp_uri(secret, one.user_name, "Consentry audit"))


@key.command("external")
def key_external(
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    recipient: Annotated[Path, typer.Option("--recipient", metavar="FILE")],
    opener: Annotated[str, typer.Option("--opener", metavar="COMMAND")],
) -> None:
    from audit.vault.keys import write_external_key
    from protocol.profile import decode_recipient

    write_external_key(path, decode_recipient(recipient.read_bytes()), shlex.split(opener))
    typer.echo(_wording().say("audit-key-external", path=str(path)), err=True)


@key.command("add")
def key_add(path: Annotated[Path, typer.Argument(metavar="FILE")], data: DataOption = None) -> None:
    from audit.service.setup import load_setup, write_setup
    from audit.vault.keys import recipient_of

    settings = _settings_of_service(data)
    setup = load_setup(settings.data_folder)
    key_id = recipient_of(path).key_id.hex()
    write_setup(settings.data_folder, broker=str(setup.broker), token=setup.token, key_files=(*setup.key_files, path))
    typer.echo(_wording().say("audit-key-added", key=key_id))
    typer.echo(_wording().say("audit-rotation-restart"), err=True)


@rotate.command("start")
def rotate_start(
    suite: Annotated[Literal["x-wing", "x25519"], typer.Option("--suite")] = "x-wing",
    passphrase: Annotated[bool, typer.Option("--passphrase")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    from audit.service.rotation import start
    from serving.clock import SystemClock

    settings = _settings_of_service(data)
    asked = None
    if passphrase:
        asked = typer.prompt(
            _wording().say("audit-ask-passphrase"), hide_input=True, confirmation_prompt=True, err=True
        )
    _tell_rotation(
        start(settings, _named(settings), suite=suite, passphrase=asked, now_ms=SystemClock().unix_ms()), as_json
    )
    typer.echo(_wording().say("audit-rotation-restart"), err=True)


@rotate.command("status")
def rotate_status(data: DataOption = None, as_json: JsonOption = False) -> None:
    from audit.service.rotation import status

    settings = _settings_of_service(data)
    _tell_rotation(status(settings, _named(settings)), as_json)


@rotate.command("complete")
def rotate_complete(data: DataOption = None, as_json: JsonOption = False) -> None:
    from audit.service.rotation import complete

    settings = _settings_of_service(data)
    _tell_rotation(complete(settings, _named(settings)), as_json)


@rotate.command("roll-back")
def rotate_roll_back(data: DataOption = None, as_json: JsonOption = False) -> None:
    from audit.service.rotation import roll_back

    settings = _settings_of_service(data)
    _tell_rotation(roll_back(settings, _named(settings)), as_json)


def _named(settings: "AuditSettings") -> "tuple[AuditRecipient, ...]":
    """The recipients of the broker's profile, proved by its root."""
    from audit.service.setup import load_setup
    from tunnel.trust import fetch_profile

    return asyncio.run(fetch_profile(load_setup(settings.data_folder).broker)).audit_recipients


def _tell_rotation(found: "RotationStatus", as_json: bool) -> None:
    if as_json:
        _print_json({"phase": found.phase, "old": found.old, "new": found.new, "command": found.command})
        return
    say = _wording().say
    typer.echo(say(f"audit-rotation.{found.phase}", old=", ".join(found.old) or "–", new=found.new))
    if found.command:
        typer.echo(say("audit-rotation-next"), err=True)
        typer.echo(found.command)


# ── what the commands share ──


def _settings(data: Path | None) -> "AuditSettings":
    from audit.service.config import load_audit_settings

    return load_audit_settings(data_folder=data)


def _settings_of_service(data: Path | None) -> "AuditSettings":
    """Raises NoAuditService."""
    from audit.service.setup import load_setup
    from serving.logs import set_up_logs

    set_up_logs("console", "warning")  # standard output is for what was asked for
    settings = _settings(data)
    load_setup(settings.data_folder)
    return settings


def _with_database(settings: "AuditSettings", use: "Callable[[Database], Awaitable[T]]") -> T:
    from audit.storage import MIGRATIONS
    from serving.database import open_database

    async def run() -> T:
        database = await open_database(settings.database_file, MIGRATIONS)
        try:
            return await use(database)
        finally:
            await database.aclose()

    return asyncio.run(run())


def _change_user(
    data: Path | None, user_name: str, change: "Callable[[SqlUsers, Auditor], Awaitable[None]]"
) -> "Auditor":
    from serving.identity.users import UserUnknown, check_user_name

    async def run(database: "Database") -> "Auditor":
        users = _users(settings, database)
        found = await users.find(check_user_name(user_name))
        if found is None:
            raise UserUnknown(user_name=user_name, command="consentry audit")
        await change(users, found[0])
        return found[0]

    settings = _settings_of_service(data)
    return _with_database(settings, run)


def _users(settings: "AuditSettings", database: "Database") -> "SqlUsers":
    from audit.service.setup import identity_key_file
    from audit.storage.users import SqlUsers
    from serving.identity.secret_box import load_secret_box

    return SqlUsers(database, load_secret_box(identity_key_file(settings.data_folder)))


def _facts_of(one: "Auditor") -> dict[str, Any]:
    return {
        "user_name": one.user_name,
        "name": one.name,
        "role": one.role,
        "disabled": one.disabled,
        "totp": one.has_totp,
    }


def _print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def _wording() -> Wording:
    return Wording(detect_language(os.environ))
