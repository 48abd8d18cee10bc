"""What the commands share that look after the audit service on its own machine."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from audit.service.config import AuditSettings
    from serving.database import Database

T = TypeVar("T")

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", envvar="CONSENTRY_AUDIT_DATA_FOLDER")]


def settings_from(data: Path | None) -> "AuditSettings":
    from audit.service.config import load_audit_settings

    return load_audit_settings(data_folder=data)


def settings_of_service(data: Path | None) -> "AuditSettings":
    """Raises NoAuditService."""
    from audit.service.setup import load_setup
    from serving.logs import set_up_logs

    set_up_logs("console", "warning")  # standard output is for what was asked for
    settings = settings_from(data)
    load_setup(settings.data_folder)
    return settings


def with_database(settings: "AuditSettings", use: "Callable[[Database], Awaitable[T]]") -> T:
    from audit.storage import MIGRATIONS
    from serving import database

    return database.with_database(settings.database_file, MIGRATIONS, use)
