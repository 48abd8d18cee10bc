"""Audit services with their tokens, and the number of each session's last change."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_services",
        sa.Column("name", sa.String(length=63), nullable=False, comment="what the administrator calls it"),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256; the token is not kept"),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False, comment="when it was added"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_services")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_audit_services_token_hash")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "change",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="rises over all sessions; where the audit service reads on",
            )
        )
        batch_op.create_index(batch_op.f("ix_sessions_change"), ["change"], unique=False)
    # Those of before are news to every audit service.
    op.execute("UPDATE sessions SET change = rowid")


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_change"))
        batch_op.drop_column("change")
    op.drop_table("audit_services")
