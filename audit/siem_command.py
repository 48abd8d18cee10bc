"""`consentry audit siem`: sends the audit events of a records folder, without a service."""

import socket
import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from audit.command_line import JsonOption, KeyOption, RecordsOption, command_wording, needed_keys, print_json
from audit.siem.outlets import open_outlet
from audit.siem.shipper import Shipper
from audit.vault import qa_ratings


def siem(
    to: Annotated[str, typer.Option("--to", metavar="TARGET")],
    records: RecordsOption,
    key: KeyOption = None,
    format_: Annotated[Literal["ocsf", "ecs", "cef"], typer.Option("--format")] = "ocsf",
    secret_file: Annotated[Path | None, typer.Option("--secret-file", metavar="FILE")] = None,
    cursor: Annotated[Path | None, typer.Option("--cursor", metavar="FILE")] = None,
    as_json: JsonOption = False,
) -> int:
    secret = secret_file.read_bytes().strip() if secret_file else b""
    clock = qa_ratings.now_ms
    outlet = open_outlet(to, secret=secret, host_name=socket.gethostname(), now_ms=clock, sleep=time.sleep)
    shipper = Shipper(cursor or records.resolve().parent / "siem_cursor.json", outlet, format_)
    shipped = shipper.ship(records, needed_keys(key), clock())
    if as_json:
        print_json(shipped)
    else:
        typer.echo(command_wording().say("audit-siem-shipped", count=shipped.events, deliveries=shipped.deliveries))
    for session_id in shipped.unreadable:
        typer.echo(command_wording().say("audit-siem-unreadable", session=session_id), err=True)
    return 1 if shipped.unreadable else 0
