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
    # A service manager's SIGTERM and a closed terminal's SIGHUP are to do what Ctrl-C does: servers and customer have
    # sessions of their own and would go on for ever. And a shell starts background jobs with Ctrl-C ignored.
    for ending in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(ending, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), keeping_claims():
        if not place.is_prepared:
            typer.echo(wording.say("practice-preparing", folder=str(folder)))
        place.prepare()
        stage = Stage(place, wording, Console())
        with broker_running(place, stage.servers_turn) as servers:
            place.log_engineer_in()
            stage.run(servers)
    with contextlib.suppress(OSError):  # the terminal may be gone
        typer.echo(wording.say("practice-stopped", folder=str(folder)))


def _interrupt(number: int, _frame: object) -> None:
    if number == signal.SIGHUP:
        signal.signal(number, signal.SIG_IGN)  # shell and kernel send one each, and the second would end the stopping
    raise KeyboardInterrupt
