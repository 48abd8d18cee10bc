"""The audit service's database is what its models say."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from audit.storage import MIGRATIONS
from serving.database import bring_up_to_date
from serving.migrations import alembic_config

pytestmark = pytest.mark.usefixtures("migrated_anew")


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    """Alembic's own check finds nothing left to do; all of it can be undone and done again."""
    path = tmp_path / "audit.sqlite3"
    bring_up_to_date(path, MIGRATIONS)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config = alembic_config(MIGRATIONS)
        config.attributes["connection"] = connection
        command.check(config)
        command.downgrade(config, "base")
    engine.dispose()
    bring_up_to_date(path, MIGRATIONS)
