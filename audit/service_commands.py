"""`consentry audit init`, backups: looking after the audit service, on its own machine.

Thin, and quick to import: `consentry audit list` needs nothing of the service, nor the packages that it stands on.
"""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from audit.command_line import JsonOption, command_wording, print_json
from audit.key_commands import key, rotate
from audit.people_commands import events, user
from audit.service_command_line import DataOption, settings_from, settings_of_service, with_database
from protocol.errors import InputError, UnavailableError


class TokenMissing(InputError):
    sentence = "Give the service token, as `consentry admin audit-service add` printed it, on standard input."


class ServiceNotInstalled(UnavailableError):
    sentence = "The audit service needs parts that are not installed here ({module}). Install them: {install}"


def add_commands(app: typer.Typer) -> None:
    """Puts the service's commands beside those that read recordings."""
    for name, command in (("init", init), ("backup", backup), ("restore", restore), ("events", events)):
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
    settings = settings_from(data)
    setup = set_up(settings, broker=broker, token=token, key_files=tuple(key_file))
    typer.echo(command_wording().say("audit-service-set-up", folder=str(settings.data_folder)), err=True)
    vkey = witness_of(settings.data_folder, setup.broker).key.vkey
    typer.echo(command_wording().say("audit-service-witness", vkey=vkey), err=True)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    keys_to: Annotated[Path | None, typer.Option("--keys-to", metavar="DIR")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    from audit.service.backup import KEYS_FOLDER, back_up
    from audit.storage.requests import SqlKeyBackups
    from serving.clock import SystemClock

    settings = settings_of_service(data)
    keys_folder = (keys_to or folder / KEYS_FOLDER).expanduser().resolve()
    now_ms = SystemClock().unix_ms()
    # Noted first: an erase that happens meanwhile has to find the copy.
    with_database(settings, lambda database: SqlKeyBackups(database).made(str(keys_folder), now_ms))
    done = back_up(settings, folder.expanduser().resolve(), keys_folder)
    if as_json:
        print_json({"sessions": done.sessions, "copied_bytes": done.copied_bytes, "erased": done.erased})
        return
    typer.echo(
        command_wording().say("audit-backed-up", sessions=done.sessions, bytes=done.copied_bytes, folder=str(folder))
    )
    if keys_to is None:
        typer.echo(command_wording().say("audit-backup-apart", folder=str(keys_folder)), err=True)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    keys_from: Annotated[Path | None, typer.Option("--keys-from", metavar="DIR")] = None,
    key_file: Annotated[list[Path] | None, typer.Option("--key", metavar="FILE", envvar="CONSENTRY_AUDIT_KEY")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> int:
    from audit.service.backup import KEYS_FOLDER
    from audit.service.backup import restore as bring_back
    from audit.service.passphrases import passphrase_source
    from audit.vault.keys import load_key
    from serving.clock import SystemClock
    from serving.logs import set_up_logs

    set_up_logs("console", "warning")
    settings = settings_from(data)
    keys = [load_key(path, passphrase_source(settings, path)) for path in key_file or []]
    keys_folder = (keys_from or folder / KEYS_FOLDER).expanduser().resolve()
    done = bring_back(settings, folder.expanduser().resolve(), keys_folder, keys, SystemClock().unix_ms())
    if as_json:
        print_json({"sessions": done.sessions, "erased": done.erased, "broken": done.broken})
    else:
        say = command_wording().say
        typer.echo(say("audit-restored", sessions=done.sessions, erased=done.erased, folder=str(settings.data_folder)))
        if done.policies:
            typer.echo(say("audit-restored-policies", count=done.policies), err=True)
        for session in done.broken:
            typer.echo(say("audit-restored-broken", session=session), err=True)
    return 1 if done.broken else 0
