"""In which order requests ended, for the audit service's reports. Those that had ended before get the first numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "end_number",
                sa.BigInteger(),
                nullable=True,
                comment="rises with each end, never twice; where the audit service reads on; null: it is in the queue",
            )
        )
        batch_op.create_index(batch_op.f("ix_requests_end_number"), ["end_number"], unique=True)
    op.execute(
        """UPDATE requests SET end_number = ranked.number
           FROM (SELECT request_id, row_number() OVER (ORDER BY ended_at_ms, request_id) AS number
                 FROM requests WHERE ended_at_ms > 0) AS ranked
           WHERE requests.request_id = ranked.request_id"""
    )


def downgrade() -> None:
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requests_end_number"))
        batch_op.drop_column("end_number")
