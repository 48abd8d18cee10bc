"""People have teams; a session keeps its engineers' teams and its tier as they were then.

Sessions whose request is still known get its tier, and count as changed: so the audit service hears of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add("users", "team", 64, "for lists and figures, no right; empty: none")
    _add("participants", "team", 64, "as it was when they paired; empty: none, or of before that was noted")
    _add("sessions", "tier", 40, "of the request that it serves; empty: there is none")
    op.execute(
        """UPDATE sessions SET tier = asked.tier, change = asked.change
           FROM (SELECT session_id, tier,
                        (SELECT max(change) FROM sessions) + row_number() OVER (ORDER BY request_id) AS change
                 FROM requests
                 WHERE request_id IN (SELECT max(request_id) FROM requests GROUP BY session_id)) AS asked
           WHERE sessions.session_id = asked.session_id"""
    )


def downgrade() -> None:
    for table, column in (("sessions", "tier"), ("participants", "team"), ("users", "team")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)


def _add(table: str, column: str, length: int, comment: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(column, sa.String(length=length), server_default=sa.text("''"), nullable=False, comment=comment)
        )
