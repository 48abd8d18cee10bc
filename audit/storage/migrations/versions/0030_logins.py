"""What is known of each login: device, address, when it was last used; and the version of each user."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "version",
                sa.Integer(),
                server_default="1",
                nullable=False,
                comment="rises with every change: what somebody who edits has seen",
            )
        )
        batch_op.alter_column(
            "totp_secret",
            existing_type=sa.String(length=64),
            type_=sa.String(length=200),
            existing_nullable=True,
            comment="base32, or that sealed; null: no one-time number is asked",
        )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "method",
                sa.String(length=16),
                server_default="password",
                nullable=False,
                comment="how they showed who they are",
            )
        )
        batch_op.add_column(
            sa.Column(
                "device",
                sa.String(length=100),
                server_default=sa.text("''"),
                nullable=False,
                comment="what the other end said of itself",
            )
        )
        batch_op.add_column(
            sa.Column(
                "address",
                sa.String(length=64),
                server_default=sa.text("''"),
                nullable=False,
                comment="network address, as last used",
            )
        )
        batch_op.add_column(
            sa.Column(
                "last_used_at_ms",
                sa.BigInteger(),
                server_default="0",
                nullable=False,
                comment="to the minute; 0: not since it was made",
            )
        )
        batch_op.add_column(
            sa.Column(
                "revoked",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="ended by somebody; kept until it would have expired",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        for column in ("revoked", "last_used_at_ms", "address", "device", "method"):
            batch_op.drop_column(column)
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("version")
