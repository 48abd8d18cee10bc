"""The desk over a records folder of this machine, with its database beside it.

Whoever has the folder and the key can read everything anyway, so here everybody administers. Where roles matter, people
go through the audit service.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.quality.desk import QualityDesk
from audit.quality.intake import Intake, take_in
from audit.quality.marks import DEFAULT_RULES, MarkRules
from audit.quality.people import Reviewer
from audit.service.session_keys import SessionKeys
from audit.storage import DATABASE_FILE, MIGRATIONS
from audit.storage.ended_requests import SqlEndedRequests
from audit.storage.quality import SqlQuality
from audit.vault.epoch_files import EPOCHS_FOLDER
from audit.vault.keys import AuditKey
from serving.clock import Clock, SystemClock
from serving.database import open_database
from serving.logs import set_up_logs


@dataclass(frozen=True)
class LocalDesk:
    """`intake` says what was read anew; None where there was no key to read with."""

    desk: QualityDesk
    who: Reviewer
    rules: MarkRules
    records: Path
    keys: Sequence[AuditKey]
    clock: Clock
    intake: Intake | None


@asynccontextmanager
async def local_desk(
    records: Path, keys: Sequence[AuditKey], name: str, marks: Path | None = None
) -> AsyncIterator[LocalDesk]:
    """Opens the database, takes in what is new among the recordings. Raises DatabaseUnusable, RecordsFolderError."""
    set_up_logs("console", "warning")
    rules, clock = MarkRules.load(marks or DEFAULT_RULES), SystemClock()
    database = await open_database(database_path(records), MIGRATIONS)
    try:
        store = SqlQuality(database, seal_of(records))
        desk = QualityDesk(store, clock, ended_requests=SqlEndedRequests(database).ended_between)
        await desk.open()
        intake = await take_in(store, records, keys, rules, clock.unix_ms()) if keys else None
        yield LocalDesk(desk, Reviewer(name, "administrator"), rules, records, keys, clock, intake)
    finally:
        await database.aclose()


def seal_of(records: Path) -> SessionKeys | None:
    """The data folder of an audit service has keys of sessions, under which it writes what it says of them."""
    folder = records.resolve().parent
    return SessionKeys(folder) if (folder / EPOCHS_FOLDER).is_dir() else None


def database_path(records: Path) -> Path:
    """Beside the records, not among them: the broker's folder stays as the broker left it."""
    return records.resolve().parent / DATABASE_FILE
