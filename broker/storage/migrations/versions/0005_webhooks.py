"""Webhooks, what they were told, and answers to requests that may be sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.String(length=32), nullable=False, comment="random"),
        sa.Column("url", sa.String(length=500), nullable=False, comment="who is told"),
        sa.Column("events", sa.JSON(), nullable=False, comment="of what: kinds of events"),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False, comment="when it was added"),
        sa.Column("cursor", sa.Integer(), nullable=False, comment="sessions.change up to which everything is queued"),
        sa.Column("secret", sa.Text(), nullable=False, comment="signs messages; sealed under identity.key"),
        sa.Column("old_secret", sa.Text(), nullable=True, comment="the one of before, sealed; null: there is none"),
        sa.Column("old_until_ms", sa.BigInteger(), nullable=True, comment="until when that signs, too"),
        sa.Column("disabled_because", sa.String(length=32), nullable=False, comment="empty: it is told"),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("number", sa.Integer(), nullable=False, comment="in the order of queueing"),
        sa.Column(
            "message_id", sa.String(length=40), nullable=False, comment="random; the receiver's to tell twice by"
        ),
        sa.Column("webhook_id", sa.String(length=32), nullable=False, comment="to whom"),
        sa.Column("occasion", sa.String(length=120), nullable=False, comment="what it is about: told once"),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="of which event"),
        sa.Column("body", sa.Text(), nullable=False, comment="what is sent, as it is signed"),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False, comment="when it was queued"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="pending, delivered or failed"),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False, comment="so far"),
        sa.Column("next_try_at_ms", sa.BigInteger(), nullable=True, comment="null: no more"),
        sa.Column("answer", sa.String(length=200), nullable=False, comment="the last try's"),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_deliveries_state")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.webhook_id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_webhook_deliveries_message_id")),
        sa.UniqueConstraint("webhook_id", "occasion", name="uq_webhook_deliveries_occasion"),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_deliveries_next_try_at_ms"), ["next_try_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_deliveries_webhook_id"), ["webhook_id"], unique=False)
    op.create_table(
        "kept_answers",
        sa.Column("name", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of login, path and key"),
        sa.Column("request", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the body that was sent"),
        sa.Column("status", sa.Integer(), nullable=False, comment="of the answer"),
        sa.Column("media_type", sa.String(length=100), nullable=False, comment="of the answer"),
        sa.Column("body", sa.Text(), nullable=False, comment="the answer; sealed under identity.key"),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False, comment="forgotten from then on"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kept_answers")),
    )
    with op.batch_alter_table("kept_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answers_expires_at_ms"), ["expires_at_ms"], unique=False)


def downgrade() -> None:
    op.drop_table("kept_answers")
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
