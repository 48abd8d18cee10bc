"""Requests for help that ended, as the broker tells of them, for the reports."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "requests_cursor",
                sa.BigInteger(),
                server_default="0",
                nullable=False,
                comment="the broker's requests that ended up to this number are here",
            )
        )
    op.create_table(
        "ended_requests",
        sa.Column("request_id", sa.BigInteger(), nullable=False, comment="its number at the broker"),
        sa.Column(
            "asked_at_ms",
            sa.BigInteger(),
            nullable=False,
            comment="when they asked; part of its name, for a broker that is restored from a copy gives numbers again",
        ),
        sa.Column("tier", sa.String(length=40), nullable=False, comment="which promise counted for them"),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False, comment="by when the promise wanted it taken"),
        sa.Column("taken_at_ms", sa.BigInteger(), nullable=False, comment="0: nobody ever took it"),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=False, comment="when it left the queue"),
        sa.Column("outcome", sa.String(length=12), nullable=False, comment="served or abandoned"),
        sa.Column("taken_by_name", sa.String(length=100), nullable=False, comment="who had it last, as it was then"),
        sa.Column("taken_by_number", sa.String(length=100), nullable=False, comment="their staff number"),
        sa.Column(
            "session_id",
            sa.String(length=32),
            nullable=True,
            comment="of which session, in hex; null: of none, or it was erased",
        ),
        sa.CheckConstraint("outcome IN ('served', 'abandoned')", name=op.f("ck_ended_requests_outcome")),
        sa.PrimaryKeyConstraint("request_id", "asked_at_ms", name=op.f("pk_ended_requests")),
    )
    with op.batch_alter_table("ended_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ended_requests_ended_at_ms"), ["ended_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_ended_requests_session_id"), ["session_id"], unique=False)


def downgrade() -> None:
    op.drop_table("ended_requests")
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.drop_column("requests_cursor")
