"""When an OpenID provider last said who somebody is and what they may be here."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("provider_people", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "seen_at_ms",
                sa.BigInteger(),
                nullable=False,
                server_default=sa.text("0"),
                comment="when the provider last said who they are and what they may be; from when they were linked",
            )
        )
    op.execute("UPDATE provider_people SET seen_at_ms = linked_at_ms")
    with op.batch_alter_table("provider_people", schema=None) as batch_op:
        batch_op.alter_column("seen_at_ms", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("provider_people", schema=None) as batch_op:
        batch_op.drop_column("seen_at_ms")
