"""A whisper may be a supervisor's wish to join."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("whispers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.String(length=8),
                server_default="text",
                nullable=False,
                comment="text, or join: they ask for a code",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("whispers", schema=None) as batch_op:
        batch_op.drop_column("kind")
