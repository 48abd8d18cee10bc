"""Alembic, behind `serving/database.py`.

Apart from it because importing Alembic takes a fifth of what a command of the broker takes to start, and a file is
upgraded once in the life of a version.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection


class RevisionUnknown(Exception):
    """The file was written by a later version."""


def upgrade(connection: Connection, migrations: Path) -> None:
    """Runs what the file lacks, and commits. Raises RevisionUnknown."""
    config = alembic_config(migrations)
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise RevisionUnknown from error


def alembic_config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config
