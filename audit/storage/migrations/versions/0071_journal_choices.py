"""The journal is found by what, where and who, without reading all of it."""

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

COLUMNS = ("source", "kind", "actor", "subject")


def upgrade() -> None:
    for column in COLUMNS:
        op.create_index(f"ix_journal_{column}", "journal", [column])


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_index(f"ix_journal_{column}", table_name="journal")
