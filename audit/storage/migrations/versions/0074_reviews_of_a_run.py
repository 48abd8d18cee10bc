"""Reviews are found by the drawing that gave them out and by their calibration, without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

TABLE = "quality_assignments"
COLUMNS = ("run_id", "calibration_id")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column(TABLE, sa.Column(column, sa.String(12), nullable=True))
        rows = sa.table(TABLE, sa.column(column), sa.column("body"))
        op.execute(rows.update().values({column: sa.func.json_extract(rows.c.body, f"$.{column}")}))
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column], sqlite_where=sa.text(f"{column} IS NOT NULL"))


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_index(f"ix_{TABLE}_{column}", table_name=TABLE)
        with op.batch_alter_table(TABLE) as table:
            table.drop_column(column)
