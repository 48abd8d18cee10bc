"""Recovery codes, decisions about people, passkeys, and people of an OpenID provider.

Second factors of before are sealed at the service's next start: a migration knows no key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
        "identity_events",
        sa.Column("event_id", sa.Integer(), nullable=False, comment="in the order of happening; never used twice"),
        sa.Column("at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="one of EventKind"),
        sa.Column(
            "actor", sa.String(length=100), nullable=False, comment="user name of who did it; empty: nobody known"
        ),
        sa.Column("subject", sa.String(length=63), nullable=False, comment="user name of whom it is about"),
        sa.Column("address", sa.String(length=64), nullable=False, comment="from which network address"),
        sa.Column("facts", sa.JSON(), nullable=False, comment="whatever else belongs to the kind; no secret"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_identity_events")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("identity_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_events_at_ms"), ["at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_identity_events_subject"), ["subject"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("passkey_id", sa.Integer(), nullable=False, comment="never used twice"),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="whose"),
        sa.Column("name", sa.String(length=100), nullable=False, comment="what they call it"),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False, comment="made by the device"),
        sa.Column(
            "public_key", sa.LargeBinary(), nullable=False, comment="COSE; the private half never leaves the device"
        ),
        sa.Column(
            "user_handle",
            sa.LargeBinary(length=64),
            nullable=False,
            comment="random; what the device keeps of the person; the same for all of theirs",
        ),
        sa.Column("sign_count", sa.Integer(), nullable=False, comment="as last seen; 0 for devices that do not count"),
        sa.Column("synced", sa.Boolean(), nullable=False, comment="exists on several devices"),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False, comment="when it was added"),
        sa.Column("last_used_at_ms", sa.BigInteger(), nullable=True, comment="null: never yet"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_passkeys_user_id_users")),
        sa.PrimaryKeyConstraint("passkey_id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkeys_user_id"), ["user_id"], unique=False)

    op.create_table(
        "provider_people",
        sa.Column("issuer", sa.String(length=255), nullable=False, comment="the OpenID provider"),
        sa.Column("subject", sa.String(length=255), nullable=False, comment="its name for the person, for ever"),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="who that is here"),
        sa.Column(
            "linked_at_ms", sa.BigInteger(), nullable=False, comment="at the first sign-in, or by an administrator"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_provider_people_user_id_users")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_people")),
    )
    with op.batch_alter_table("provider_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_people_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("provider_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_people_user_id"))

    op.drop_table("provider_people")
    with op.batch_alter_table("passkeys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkeys_user_id"))

    op.drop_table("passkeys")
    with op.batch_alter_table("identity_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_events_subject"))
        batch_op.drop_index(batch_op.f("ix_identity_events_at_ms"))
    op.drop_table("identity_events")
    op.drop_table("recovery_codes")
