"""Scorecards that nobody is to review by any more."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("quality_scorecards", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("retired_at_ms", sa.BigInteger(), nullable=True, comment="null: it may be chosen for new reviews")
        )


def downgrade() -> None:
    with op.batch_alter_table("quality_scorecards", schema=None) as batch_op:
        batch_op.drop_column("retired_at_ms")
