"""What the commands about people and teams share: finding somebody, changing them, noting that it was done here."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from broker.command_line import founded, with_database
from broker.config import Settings
from broker.organisation.engineers import Engineer
from broker.organisation.folder import OrganisationFolder
from broker.storage.users import TABLES, SqlUsers
from serving.database import Database
from serving.identity.events import EventKind
from serving.identity.on_machine import note_here
from serving.identity.secret_box import load_secret_box
from serving.identity.sql_events import SqlIdentityEvents
from serving.identity.users import UserUnknown, check_user_name


def users_in(settings: Settings, database: Database) -> SqlUsers:
    return SqlUsers(database, load_secret_box(OrganisationFolder(settings.data_folder).identity_key))


async def find_person(settings: Settings, database: Database, user_name: str) -> Engineer:
    """Raises UserUnknown."""
    found = await users_in(settings, database).find(check_user_name(user_name))
    if found is None:
        raise UserUnknown(user_name=user_name, command="consentry admin")
    return found[0]


def change_person(
    data: Path | None,
    user_name: str,
    kind: EventKind,
    change: Callable[[SqlUsers, Engineer], Awaitable[object]],
    **facts: str | bool,
) -> Engineer:
    """Somebody as they were before. Raises UserUnknown."""
    settings = founded(data)

    async def run(database: Database) -> Engineer:
        one = await find_person(settings, database, user_name)
        await change(users_in(settings, database), one)
        await note_event(database, kind, one.user_name, **facts)
        return one

    return with_database(settings, run)


async def note_event(database: Database, kind: EventKind, user_name: str, **facts: str | int | bool) -> None:
    await note_here(SqlIdentityEvents(database, TABLES), kind, user_name, **facts)
