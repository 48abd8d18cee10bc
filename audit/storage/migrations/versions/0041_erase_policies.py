"""Policies under which recordings are erased when they are due; and since when somebody was told that one is."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erase_policies",
        sa.Column("policy_id", sa.Integer(), nullable=False, comment="in the order of asking; never used twice"),
        sa.Column("retention", sa.String(length=8), nullable=False, comment="for which class"),
        sa.Column(
            "state", sa.String(length=10), nullable=False, comment="asked, confirmed (in force), refused or ended"
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="why"),
        sa.Column("asked_by", sa.String(length=63), nullable=False, comment="user name of the first person"),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("answered_by", sa.String(length=63), nullable=True, comment="user name of the second person"),
        sa.Column("answered_at_ms", sa.BigInteger(), nullable=True, comment="when"),
        sa.Column("ended_by", sa.String(length=63), nullable=True, comment="user name of who ended it"),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True, comment="when"),
        sa.CheckConstraint("retention IN ('standard', 'short', 'pci')", name=op.f("ck_erase_policies_retention")),
        sa.CheckConstraint("state IN ('asked', 'confirmed', 'refused', 'ended')", name=op.f("ck_erase_policies_state")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_erase_policies")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "due_told_at_ms",
                sa.BigInteger(),
                nullable=True,
                comment="when it was told that its retention is over; null: not yet",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("due_told_at_ms")
    op.drop_table("erase_policies")
