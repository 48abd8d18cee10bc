"""The first tables: users, tokens, sessions, participants, notes, ratings, nameplates."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False, comment="random; names the recording"),
        sa.Column(
            "agent_key",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="the session's Ed25519 key, signs the recording",
        ),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256 of the session token"),
        sa.Column("language", sa.String(length=8), nullable=False, comment="the customer's: en or zh-CN"),
        sa.Column("state", sa.String(length=8), nullable=False, comment="waiting, paired, live or ended"),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False, comment="when the agent said hello"),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True, comment="null while it goes on"),
        sa.Column("end_reason", sa.String(length=32), nullable=True, comment="one of EndReason"),
        sa.Column("record_count", sa.Integer(), nullable=True, comment="records that the agent says its recording has"),
        sa.CheckConstraint("state IN ('waiting', 'paired', 'live', 'ended')", name=op.f("ck_sessions_state")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_opened_at_ms"), ["opened_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_sessions_state"), ["state"], unique=False)

    op.create_table(
        "users",
        sa.Column("user_id", sa.Integer(), nullable=False, comment="never used twice"),
        sa.Column("user_name", sa.String(length=63), nullable=False, comment="what is typed to log in; lower case"),
        sa.Column("name", sa.String(length=100), nullable=False, comment="full name, shown to customers"),
        sa.Column("staff_number", sa.String(length=100), nullable=False, comment="shown to customers"),
        sa.Column("max_scopes", sa.JSON(), nullable=False, comment="the most that this engineer's certificates allow"),
        sa.Column(
            "password_hash", sa.String(length=255), nullable=False, comment="argon2id, with its parameters and salt"
        ),
        sa.Column(
            "totp_secret", sa.String(length=64), nullable=True, comment="base32; null: no one-time number is asked"
        ),
        sa.Column(
            "totp_step",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="last 30 s step whose number was used",
        ),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False, comment="may not log in"),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False, comment="when the user was added"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("staff_number", name=op.f("uq_users_staff_number")),
        sa.UniqueConstraint("user_name", name=op.f("uq_users_user_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "nameplates",
        sa.Column("opening_id", sa.Integer(), nullable=False, comment="in the order of opening"),
        sa.Column("nameplate", sa.String(length=4), nullable=False, comment="the public half of a code"),
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False, comment="whose code"),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False, comment="when it was handed out"),
        sa.Column(
            "closed_at_ms", sa.BigInteger(), nullable=True, comment="rests for 30 min from then; null while open"
        ),
        sa.Column("outcome", sa.String(length=16), nullable=True, comment="one of PairingOutcome"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.session_id"], name=op.f("fk_nameplates_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("opening_id", name=op.f("pk_nameplates")),
        sa.UniqueConstraint("nameplate", "opened_at_ms", name="uq_nameplates_opening"),
    )
    with op.batch_alter_table("nameplates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nameplates_closed_at_ms"), ["closed_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_nameplates_session_id"), ["session_id"], unique=False)

    op.create_table(
        "notes",
        sa.Column("note_id", sa.Integer(), nullable=False, comment="in the order of writing"),
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False, comment="about which session"),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="who wrote it"),
        sa.Column("written_at_ms", sa.BigInteger(), nullable=False, comment="when"),
        sa.Column("text", sa.Text(), nullable=False, comment="plain text"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name=op.f("fk_notes_session_id_sessions")),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_notes_user_id_users")),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_session_id"), ["session_id"], unique=False)

    op.create_table(
        "participants",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False, comment="of which session"),
        sa.Column("number", sa.Integer(), nullable=False, comment="the session's pairings, from 1"),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="the engineer"),
        sa.Column("name", sa.String(length=100), nullable=False, comment="as it was when they paired"),
        sa.Column("staff_number", sa.String(length=100), nullable=False, comment="as it was when they paired"),
        sa.Column("paired_at_ms", sa.BigInteger(), nullable=False, comment="when the agent confirmed the code"),
        sa.Column("scopes", sa.JSON(), nullable=False, comment="what the customer allows at this time"),
        sa.Column(
            "expires_at_ms",
            sa.BigInteger(),
            nullable=False,
            comment="when that runs out; 0 before anything was allowed",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.session_id"], name=op.f("fk_participants_session_id_sessions")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_participants_user_id_users")),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_participants")),
    )
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participants_user_id"), ["user_id"], unique=False)

    op.create_table(
        "ratings",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False, comment="of which session"),
        sa.Column("stars", sa.Integer(), nullable=False, comment="1 to 5"),
        sa.Column("solved", sa.Boolean(), nullable=True, comment="null: not answered"),
        sa.Column("comment", sa.Text(), nullable=False, comment="the customer's words"),
        sa.Column("rated_at_ms", sa.BigInteger(), nullable=False, comment="on the customer's clock"),
        sa.Column(
            "signature",
            sa.LargeBinary(length=64),
            nullable=False,
            comment="by the session key: the broker cannot make one up",
        ),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_ratings_stars")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name=op.f("fk_ratings_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_ratings")),
    )
    op.create_table(
        "tokens",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False, comment="SHA-256; the token is not kept"),
        sa.Column("user_id", sa.Integer(), nullable=False, comment="whose login"),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False, comment="when they logged in"),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False, comment="not valid from then on"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_tokens")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_expires_at_ms"), ["expires_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_tokens_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_user_id"))
        batch_op.drop_index(batch_op.f("ix_tokens_expires_at_ms"))

    op.drop_table("tokens")
    op.drop_table("ratings")
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participants_user_id"))

    op.drop_table("participants")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notes_session_id"))

    op.drop_table("notes")
    with op.batch_alter_table("nameplates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nameplates_session_id"))
        batch_op.drop_index(batch_op.f("ix_nameplates_closed_at_ms"))

    op.drop_table("nameplates")
    op.drop_table("users")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_state"))
        batch_op.drop_index(batch_op.f("ix_sessions_opened_at_ms"))

    op.drop_table("sessions")
