"""Logins have families: a new one takes the place of the one that the same page or program had."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "family",
                sa.LargeBinary(length=32),
                nullable=False,
                server_default=sa.text("x''"),
                comment="token_hash of the first login of the same page or program",
            )
        )
        batch_op.add_column(
            sa.Column(
                "replaced_at_ms",
                sa.BigInteger(),
                nullable=True,
                comment="a later one of its family took its place; null: none",
            )
        )
        batch_op.create_index(batch_op.f("ix_tokens_family"), ["family"], unique=False)
    op.execute("UPDATE tokens SET family = token_hash")
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.alter_column("family", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_family"))
        batch_op.drop_column("replaced_at_ms")
        batch_op.drop_column("family")
