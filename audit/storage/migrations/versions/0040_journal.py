"""The journal of decisions, and how far each security monitor has been told."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "events_cursor",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="the broker's decisions up to this number are in the journal",
            )
        )
    op.create_table(
        "journal",
        sa.Column("entry_id", sa.Integer(), nullable=False, comment="in the order of arriving here; never used twice"),
        sa.Column(
            "source",
            sa.String(length=8),
            nullable=False,
            comment="who decided or noticed it: the broker, or this service",
        ),
        sa.Column(
            "source_key",
            sa.String(length=64),
            nullable=False,
            comment="its name there: what comes twice is kept once",
        ),
        sa.Column("at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="audit/siem/decisions.py lists them"),
        sa.Column(
            "actor", sa.String(length=100), nullable=False, comment="user name of who did it; empty: nobody known"
        ),
        sa.Column(
            "subject", sa.String(length=100), nullable=False, comment="user name of whom it is about; empty: nobody"
        ),
        sa.Column(
            "address", sa.String(length=64), nullable=False, comment="from which network address; empty: not known"
        ),
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=True, comment="of which session, if any"),
        sa.Column("facts", sa.JSON(), nullable=False, comment="whatever else belongs to the kind; no secret"),
        sa.CheckConstraint("source IN ('broker', 'audit')", name=op.f("ck_journal_source")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_journal")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_journal_source")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_at_ms"), ["at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_session_id"), ["session_id"], unique=False)
    op.create_table(
        "siem_places",
        sa.Column("target", sa.String(length=63), nullable=False, comment="its name in siem.toml"),
        sa.Column(
            "stream", sa.String(length=32), nullable=False, comment="what is followed: journal, or a session (hex)"
        ),
        sa.Column("delivered", sa.Integer(), nullable=False, comment="events up to here have arrived"),
        sa.Column(
            "pending",
            sa.Integer(),
            nullable=True,
            comment="events up to here may have arrived; null: nothing is under way",
        ),
        sa.Column("complete", sa.Boolean(), nullable=False, comment="nothing more will come of this stream"),
        sa.PrimaryKeyConstraint("target", "stream", name=op.f("pk_siem_places")),
    )


def downgrade() -> None:
    op.drop_table("siem_places")
    op.drop_table("journal")
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.drop_column("events_cursor")
