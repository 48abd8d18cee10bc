"""Passwords that an administrator was shown: whoever logs in with one chooses another first."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "password_provisional",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="somebody else has seen it; nothing but a new one until there is one",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("password_provisional")
