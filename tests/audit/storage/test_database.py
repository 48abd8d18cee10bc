"""The audit service's database is what its models say."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text

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


def test_reviews_of_before_know_their_drawing_and_their_calibration(tmp_path: Path) -> None:
    """What stood in their bodies alone can be looked for afterwards."""
    path = tmp_path / "audit.sqlite3"
    bring_up_to_date(path, MIGRATIONS)
    engine = create_engine(f"sqlite:///{path}")
    config = alembic_config(MIGRATIONS)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0073")
        added = "INSERT INTO quality_assignments (assignment_id, session_id, reviewer, due_at_ms, body) VALUES "
        drawn = """('a', 's', 'ana', 1, '{"run_id": "r1", "calibration_id": null}')"""
        blind = """('b', 's', 'bob', 1, '{"run_id": null, "calibration_id": "c1"}')"""
        connection.execute(text(f"{added} {drawn}, {blind}".replace(":", r"\:")))
        connection.commit()
    engine.dispose()
    bring_up_to_date(path, MIGRATIONS)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT assignment_id, run_id, calibration_id FROM quality_assignments"))
        assert sorted(rows.all()) == [("a", "r1", None), ("b", None, "c1")]
    engine.dispose()
