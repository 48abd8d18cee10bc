"""The command: everything is started, played until Ctrl-C, and stopped again."""

import contextlib
import importlib
import os
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from consentry.practice.claims import keeping_claims
from consentry.practice.place import Place
from consentry.practice.servers import broker_running
from consentry.practice.stage import Stage
from wording import Wording, detect_language


def practice(data: Annotated[Path, typer.Option("--data", metavar="DIR")] = Path("consentry-practice")) -> None:
    folder = data.expanduser().resolve()
    wording = Wording(detect_language(os.environ))
    place = Place(folder)
    # What the servers need that are started here: missing, it is told before there is half an organisation.
    importlib.import_module("broker.config")
    # A service manager's SIGTERM is to do what Ctrl-C does; and a shell starts background jobs with Ctrl-C ignored.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), keeping_claims():
        if not place.is_prepared:
            typer.echo(wording.say("practice-preparing", folder=str(folder)))
        place.prepare()
        stage = Stage(place, wording, Console())
        with broker_running(place, stage.servers_turn) as servers:
            place.log_engineer_in()
            stage.run(servers)
    typer.echo(wording.say("practice-stopped", folder=str(folder)))


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
