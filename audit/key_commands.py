"""`consentry audit key`: the keys of the audit service, and how one takes the place of another.

Quick to import, as `service_commands.py` is: what the service stands on is imported by the command that needs it.
"""

import asyncio
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from audit.command_line import JsonOption, ask_passphrase, command_wording, print_json
from audit.service_command_line import DataOption, settings_of_service

if TYPE_CHECKING:
    from audit.service.config import AuditSettings
    from audit.service.rotation import RotationStatus
    from protocol.profile import AuditRecipient

key = typer.Typer(no_args_is_help=True)
rotate = typer.Typer(no_args_is_help=True)
key.add_typer(rotate, name="rotate")


@key.command("external")
def key_external(
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    recipient: Annotated[Path, typer.Option("--recipient", metavar="FILE")],
    opener: Annotated[str, typer.Option("--opener", metavar="COMMAND")],
) -> None:
    from audit.vault.keys import write_external_key
    from protocol.profile import decode_recipient

    write_external_key(path, decode_recipient(recipient.read_bytes()), shlex.split(opener))
    typer.echo(command_wording().say("audit-key-external", path=str(path)), err=True)


@key.command("add")
def key_add(path: Annotated[Path, typer.Argument(metavar="FILE")], data: DataOption = None) -> None:
    from audit.service.setup import load_setup, write_setup
    from audit.vault.keys import recipient_of

    settings = settings_of_service(data)
    setup = load_setup(settings.data_folder)
    key_id = recipient_of(path).key_id.hex()
    write_setup(settings.data_folder, broker=str(setup.broker), token=setup.token, key_files=(*setup.key_files, path))
    typer.echo(command_wording().say("audit-key-added", key=key_id))
    typer.echo(command_wording().say("audit-rotation-restart"), err=True)


@rotate.command("start")
def rotate_start(
    suite: Annotated[Literal["x-wing", "x25519"], typer.Option("--suite")] = "x-wing",
    passphrase: Annotated[bool, typer.Option("--passphrase")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    from audit.service.rotation import start
    from audit.service.setup import load_setup
    from serving.clock import SystemClock

    settings = settings_of_service(data)
    asked = ask_passphrase(command_wording(), confirm=True) if passphrase else None
    begun = start(settings, _named(settings), suite=suite, passphrase=asked, now_ms=SystemClock().unix_ms())
    _tell_rotation(settings, begun, as_json)
    say = command_wording().say
    typer.echo(say("audit-rotation-copy", path=str(load_setup(settings.data_folder).key_files[-1])), err=True)
    typer.echo(say("audit-rotation-restart"), err=True)


@rotate.command("status")
def rotate_status(data: DataOption = None, as_json: JsonOption = False) -> None:
    from audit.service.rotation import status

    settings = settings_of_service(data)
    _tell_rotation(settings, status(settings, _named(settings)), as_json)


@rotate.command("complete")
def rotate_complete(data: DataOption = None, as_json: JsonOption = False) -> None:
    from audit.service.rotation import complete

    settings = settings_of_service(data)
    _tell_rotation(settings, complete(settings, _named(settings)), as_json)


@rotate.command("roll-back")
def rotate_roll_back(data: DataOption = None, as_json: JsonOption = False) -> None:
    from audit.service.rotation import roll_back

    settings = settings_of_service(data)
    _tell_rotation(settings, roll_back(settings, _named(settings)), as_json)


def _named(settings: "AuditSettings") -> "tuple[AuditRecipient, ...]":
    """The recipients of the broker's profile, proved by its root."""
    from audit.service.setup import load_setup
    from tunnel.trust import fetch_profile

    return asyncio.run(fetch_profile(load_setup(settings.data_folder).broker)).audit_recipients


def _tell_rotation(settings: "AuditSettings", found: "RotationStatus", as_json: bool) -> None:
    from audit.service.rotation import keys_folder

    if as_json:
        print_json({"phase": found.phase, "old": found.old, "new": found.new, "command": found.command})
        return
    say = command_wording().say
    typer.echo(say(f"audit-rotation.{found.phase}", old=", ".join(found.old) or "–", new=found.new))
    if found.command:
        typer.echo(say("audit-rotation-next", folder=str(keys_folder(settings))), err=True)
        typer.echo(found.command)
