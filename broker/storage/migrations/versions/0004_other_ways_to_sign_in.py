"""Passkeys, and people of an OpenID provider."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
