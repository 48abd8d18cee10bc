"""Roles, what is known of each login, API tokens, recovery codes, and what was decided about people."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = "role IN ('engineer', 'supervisor', 'reviewer', 'external-reviewer', 'administrator')"


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        # Until now there was one kind of user.
        batch_op.add_column(
            sa.Column(
                "role",
                sa.String(length=20),
                server_default="engineer",
                nullable=False,
                comment="what they may do: organisation/people.py",
            )
        )
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
        batch_op.create_check_constraint(op.f("ck_users_role"), ROLES)
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
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "login",
                sa.LargeBinary(length=32),
                nullable=True,
                comment="hash of the login's token under which they paired; null: of before that was noted",
            )
        )
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
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Integer(), nullable=False, comment="whose"),
        sa.Column(
            "digest",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="of the code, under identity.key; deleted when it is used",
        ),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_recovery_codes_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "audit_events",
        sa.Column("event_id", sa.Integer(), nullable=False, comment="in the order of happening; never used twice"),
        sa.Column("at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="one of EventKind"),
        sa.Column(
            "actor", sa.String(length=100), nullable=False, comment="user name of who did it; empty: nobody known"
        ),
        sa.Column("subject", sa.String(length=63), nullable=False, comment="user name of whom it is about"),
        sa.Column("address", sa.String(length=64), nullable=False, comment="from which network address"),
        sa.Column("facts", sa.JSON(), nullable=False, comment="whatever else belongs to the kind; no secret"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_events")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_events_at_ms"), ["at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_events_subject"), ["subject"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_events_at_ms"))
    op.drop_table("audit_events")
    op.drop_table("recovery_codes")
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_user_id"))
    op.drop_table("api_tokens")
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.drop_column("login")
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        for column in ("revoked", "last_used_at_ms", "address", "device", "method"):
            batch_op.drop_column(column)
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_users_role"), type_="check")
        batch_op.drop_column("version")
        batch_op.drop_column("role")
