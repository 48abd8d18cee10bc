"""`consentry audit init`, backups: looking after the audit service, on its own machine.

Thin, and quick to import: `consentry audit list` needs nothing of the service, nor the packages that it stands on.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from audit.command_line import JsonOption, command_wording, print_json
from audit.key_commands import key
from audit.people_commands import events, user
from audit.service_command_line import DataOption, settings_from, settings_of_service, with_database
from protocol.errors import InputError


class TokenMissing(InputError):
    sentence = "Give the service token, as `consentry admin audit-service add` printed it, on standard input."


class NothingToConnect(InputError):
    sentence = "Give the service's new token on standard input, or the broker's new address with --broker, or both."


def add_commands(app: typer.Typer) -> None:
    """Puts the service's commands beside those that read recordings."""
    for name, command in (
        ("init", init),
        ("connect", connect),
        ("backup", backup),
        ("restore", restore),
        ("events", events),
    ):
        app.command(name)(command)
    app.add_typer(user, name="user")
    app.add_typer(key, name="key")


def init(
    broker: Annotated[str, typer.Option("--broker", metavar="URL")],
    key_file: Annotated[list[Path], typer.Option("--key", metavar="FILE")],
    data: DataOption = None,
) -> None:
    from audit.service.setup import set_up, witness_of

    if not (token := _token_given()):
        raise TokenMissing
    settings = settings_from(data)
    setup = set_up(settings, broker=broker, token=token, key_files=tuple(key_file))
    typer.echo(command_wording().say("audit-service-set-up", folder=str(settings.data_folder)), err=True)
    vkey = witness_of(settings.data_folder, setup.broker).key.vkey
    typer.echo(command_wording().say("audit-service-witness", vkey=vkey), err=True)


def connect(
    broker: Annotated[str | None, typer.Option("--broker", metavar="URL")] = None, data: DataOption = None
) -> None:
    from audit.service.setup import load_setup, write_setup
    from protocol.share_url import parse_share_url

    settings = settings_of_service(data)
    setup = load_setup(settings.data_folder)
    token = _token_given()
    if not token and broker is None:
        raise NothingToConnect
    address = setup.broker if broker is None else parse_share_url(broker)
    write_setup(settings.data_folder, broker=str(address), token=token or setup.token, key_files=setup.key_files)
    typer.echo(command_wording().say("audit-service-connected", origin=address.origin), err=True)


def _token_given() -> str:
    """The service token, as `consentry admin audit-service add` printed it; empty where nobody gave one."""
    return "" if sys.stdin.isatty() else sys.stdin.readline().strip()


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
        facts = {"sessions": done.sessions, "erased": done.erased, "broken": done.broken, "unopened": done.unopened}
        print_json(facts)
    else:
        say = command_wording().say
        typer.echo(say("audit-restored", sessions=done.sessions, erased=done.erased, folder=str(settings.data_folder)))
        typer.echo(say("audit-restored-learns"), err=True)
        if done.policies:
            typer.echo(say("audit-restored-policies", count=done.policies), err=True)
        for session in done.broken:
            typer.echo(say("audit-restored-broken", session=session), err=True)
        for session in done.unopened:
            typer.echo(say("audit-restored-unopened", session=session), err=True)
    return 1 if done.broken or done.unopened else 0
