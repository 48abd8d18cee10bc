"""What waits to be entered in the transparency log, and where it stands there."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_entries",
        sa.Column("entry_id", sa.Integer(), nullable=False, comment="in the order of happening"),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="which leaf of the transparency log"),
        sa.Column(
            "subject",
            sa.String(length=32),
            nullable=False,
            comment="what it is about: a view, a session, a review; once each",
        ),
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False, comment="of which session"),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of salt and content"),
        sa.Column(
            "salt",
            sa.LargeBinary(length=32),
            nullable=True,
            comment="so that nobody guesses the content; null: beside the content, or erased",
        ),
        sa.Column(
            "place", sa.Integer(), nullable=True, comment="its index in the broker's log; null: not delivered yet"
        ),
        sa.CheckConstraint("kind IN ('view', 'erase', 'qa')", name=op.f("ck_log_entries_kind")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_log_entries")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_log_entries_kind")),
    )
    with op.batch_alter_table("log_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_entries_session_id"), ["session_id"], unique=False)


def downgrade() -> None:
    op.drop_table("log_entries")
