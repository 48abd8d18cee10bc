"""Customers who ask for help and wait."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("request_id", sa.Integer(), nullable=False, comment="in the order of asking; never used twice"),
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=True, comment="of a customer who shares already"),
        sa.Column("customer", sa.String(length=100), nullable=False, comment="who they say they are; not proved"),
        sa.Column("words", sa.Text(), nullable=False, comment="what is wrong, in their words"),
        sa.Column("contact", sa.String(length=100), nullable=False, comment="how to reach them, if they said so"),
        sa.Column("tier", sa.String(length=40), nullable=False, comment="which promise counts for them"),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False, comment="when they asked"),
        sa.Column("state", sa.String(length=12), nullable=False, comment="waiting, taken, served or abandoned"),
        sa.Column("taken_by", sa.Integer(), nullable=True, comment="the engineer who has it, or had it last"),
        sa.Column("taken_by_name", sa.String(length=100), nullable=False, comment="as it was then"),
        sa.Column("taken_by_number", sa.String(length=100), nullable=False, comment="as it was then"),
        sa.Column("taken_at_ms", sa.BigInteger(), nullable=False, comment="0: nobody has it"),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=False, comment="0: it is in the queue"),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'served', 'abandoned')", name=op.f("ck_requests_state")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name=op.f("fk_requests_session_id_sessions")),
        sa.ForeignKeyConstraint(["taken_by"], ["users.user_id"], name=op.f("fk_requests_taken_by_users")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_requests")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requests_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_requests_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_requests_ended_at_ms"), ["ended_at_ms"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requests_ended_at_ms"))
        batch_op.drop_index(batch_op.f("ix_requests_state"))
        batch_op.drop_index(batch_op.f("ix_requests_session_id"))
    op.drop_table("requests")
