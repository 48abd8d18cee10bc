"""API tokens: for programs of somebody who works here."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256; the token is not kept"),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="who made it, and answers"),
        sa.Column("name", sa.String(length=64), nullable=False, comment="what it is for, in words of whoever made it"),
        sa.Column(
            "permissions", sa.JSON(), nullable=False, comment="the most that it allows; never more than its user's role"
        ),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False, comment="when it was made"),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False, comment="not valid from then on"),
        sa.Column("last_used_at_ms", sa.BigInteger(), nullable=True, comment="to the minute; null: never"),
        sa.Column(
            "address",
            sa.String(length=64),
            server_default=sa.text("''"),
            nullable=False,
            comment="from where last used",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_api_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_tokens")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_tokens_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_user_id"))
    op.drop_table("api_tokens")
