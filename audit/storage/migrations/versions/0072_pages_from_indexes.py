"""Every page of a list comes out of an index that is in its order already: what is chosen, then the time."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

REPLACED = {
    "journal": ("source", "kind", "actor", "subject", "session_id"),
    "views": ("session_id", "user_name"),
    "quality_assignments": ("reviewer",),
}
"""Indexes of one column each, to which the time is added."""
TIMES = {"journal": "at_ms", "views": "seen_at_ms", "quality_assignments": "due_at_ms"}
ADDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "views": (("action", "seen_at_ms"), ("seen_at_ms",)),
    "requests": (("state",),),
    "quality_assignments": (("due_at_ms",),),
}
PARTIAL = (
    ("ix_sessions_unfinished", "sessions", ("opened_at_ms",), "finished IS 0 AND erased_at_ms IS NULL"),
    ("ix_sessions_held", "sessions", ("opened_at_ms",), "held IS NOT NULL AND erased_at_ms IS NULL"),
    ("ix_sessions_kept", "sessions", ("retention", "ended_at_ms"), "erased_at_ms IS NULL"),
    ("ix_log_entries_waiting", "log_entries", ("entry_id",), "place IS NULL"),
)


def upgrade() -> None:
    for table, columns in REPLACED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table_name=table)
            op.create_index(f"ix_{table}_{column}_{TIMES[table]}", table, [column, TIMES[table]])
    for table, indexes in ADDED.items():
        for columns in indexes:
            op.create_index("_".join(("ix", table, *columns)), table, list(columns))
    for name, table, of, where in PARTIAL:
        op.create_index(name, table, list(of), sqlite_where=sa.text(where))


def downgrade() -> None:
    for name, table, _, _ in PARTIAL:
        op.drop_index(name, table_name=table)
    for table, indexes in ADDED.items():
        for columns in indexes:
            op.drop_index("_".join(("ix", table, *columns)), table_name=table)
    for table, columns in REPLACED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}_{TIMES[table]}", table_name=table)
            op.create_index(f"ix_{table}_{column}", table, [column])
