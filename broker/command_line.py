"""What all of `consentry admin` has in common: the data folder, the database, and how it speaks."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from broker.config import Settings, load_settings
from broker.organisation.organisation import load_organisation
from broker.storage import MIGRATIONS
from serving import database
from serving.database import Database
from wording import Wording, detect_language

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", envvar="CONSENTRY_DATA_FOLDER")]
JsonOption = Annotated[bool, typer.Option("--json")]

T = TypeVar("T")


def founded(data: Path | None) -> Settings:
    """Raises the errors of `load_organisation`."""
    settings = load_settings(data_folder=data)
    load_organisation(settings)
    return settings


def with_database(settings: Settings, use: Callable[[Database], Awaitable[T]]) -> T:
    return database.with_database(settings.database_file, MIGRATIONS, use)


def print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False))


def hint(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def own_wording() -> Wording:
    return Wording(detect_language(os.environ))
