"""Who had a session of others ended, and what staff whisper to each other about one that runs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "stopped_by", sa.String(length=100), nullable=True, comment="name of the supervisor who had it ended"
            )
        )
        batch_op.add_column(
            sa.Column("stopped_by_number", sa.String(length=100), nullable=True, comment="their staff number")
        )
        batch_op.add_column(
            sa.Column(
                "stopped_why", sa.String(length=200), nullable=True, comment="in their words, which the customer reads"
            )
        )
    op.create_table(
        "whispers",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False, comment="about which session"),
        sa.Column("number", sa.Integer(), nullable=False, comment="the session's whispers, from 1"),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="who wrote it"),
        sa.Column("name", sa.String(length=100), nullable=False, comment="as it was then"),
        sa.Column("staff_number", sa.String(length=100), nullable=False, comment="as it was then"),
        sa.Column("said_at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("text", sa.Text(), nullable=False, comment="plain text, for staff alone"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name=op.f("fk_whispers_session_id_sessions")),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_whispers_user_id_users")),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_whispers")),
    )


def downgrade() -> None:
    op.drop_table("whispers")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("stopped_why")
        batch_op.drop_column("stopped_by_number")
        batch_op.drop_column("stopped_by")
