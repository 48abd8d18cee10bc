"""Every table, a comment per column. Change one, then write a migration: a test compares the two."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from serving.identity.tables import (
    ApiTokenColumns,
    EventColumns,
    PasskeyColumns,
    ProviderPersonColumns,
    RecoveryCodeColumns,
    TokenColumns,
    UserColumns,
)
from serving.tables import COLUMN_TYPES, NAMING, UnixMs


class Base(DeclarativeBase):
    """What all tables have in common."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = COLUMN_TYPES


class UserRow(UserColumns, Base):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(
            "role IN ('engineer', 'supervisor', 'reviewer', 'external-reviewer', 'administrator')", name="role"
        ),
        {"sqlite_autoincrement": True},
    )

    role: Mapped[str] = mapped_column(
        String(20), default="engineer", server_default="engineer", comment="what they may do: organisation/people.py"
    )
    password_provisional: Mapped[bool] = mapped_column(
        default=False,
        server_default=false(),
        comment="somebody else has seen it; nothing but a new one until there is one",
    )
    staff_number: Mapped[str] = mapped_column(String(100), unique=True, comment="shown to customers")
    max_scopes: Mapped[list[str]] = mapped_column(comment="the most that this engineer's certificates allow")
    team: Mapped[str] = mapped_column(
        String(64), default="", server_default=text("''"), comment="for lists and figures, no right; empty: none"
    )


class TokenRow(TokenColumns, Base):
    __tablename__ = "tokens"


class ApiTokenRow(ApiTokenColumns, Base):
    __tablename__ = "api_tokens"


class RecoveryCodeRow(RecoveryCodeColumns, Base):
    __tablename__ = "recovery_codes"


class AuditEventRow(EventColumns, Base):
    __tablename__ = "audit_events"
    __table_args__ = ({"sqlite_autoincrement": True},)


class PasskeyRow(PasskeyColumns, Base):
    __tablename__ = "passkeys"
    __table_args__ = ({"sqlite_autoincrement": True},)


class ProviderPersonRow(ProviderPersonColumns, Base):
    __tablename__ = "provider_people"


class SessionRow(Base):
    __tablename__ = "sessions"
    __table_args__ = (CheckConstraint("state IN ('waiting', 'paired', 'live', 'ended')", name="state"),)

    session_id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True, comment="random; names the recording")
    agent_key: Mapped[bytes] = mapped_column(LargeBinary(32), comment="the session's Ed25519 key, signs the recording")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), comment="SHA-256 of the session token")
    language: Mapped[str] = mapped_column(String(8), comment="the customer's: en or zh-CN")
    state: Mapped[str] = mapped_column(String(8), index=True, comment="waiting, paired, live or ended")
    opened_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="when the agent said hello")
    ended_at_ms: Mapped[UnixMs | None] = mapped_column(comment="null while it goes on")
    end_reason: Mapped[str | None] = mapped_column(String(32), comment="one of EndReason")
    record_count: Mapped[int | None] = mapped_column(comment="records that the agent says its recording has")
    stopped_by: Mapped[str | None] = mapped_column(String(100), comment="name of the supervisor who had it ended")
    stopped_by_number: Mapped[str | None] = mapped_column(String(100), comment="their staff number")
    stopped_why: Mapped[str | None] = mapped_column(String(200), comment="in their words, which the customer reads")
    tier: Mapped[str] = mapped_column(
        String(40),
        default="",
        server_default=text("''"),
        comment="of the request that it serves; empty: there is none",
    )
    change: Mapped[int] = mapped_column(
        default=0, server_default="0", index=True, comment="rises over all sessions; where the audit service reads on"
    )


class ParticipantRow(Base):
    __tablename__ = "participants"

    session_id: Mapped[bytes] = mapped_column(
        ForeignKey("sessions.session_id"), primary_key=True, comment="of which session"
    )
    number: Mapped[int] = mapped_column(primary_key=True, comment="the session's pairings, from 1")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True, comment="the engineer")
    name: Mapped[str] = mapped_column(String(100), comment="as it was when they paired")
    staff_number: Mapped[str] = mapped_column(String(100), comment="as it was when they paired")
    team: Mapped[str] = mapped_column(
        String(64),
        default="",
        server_default=text("''"),
        comment="as it was when they paired; empty: none, or of before that was noted",
    )
    paired_at_ms: Mapped[UnixMs] = mapped_column(comment="when the agent confirmed the code")
    login: Mapped[bytes | None] = mapped_column(
        LargeBinary(32), comment="hash of the login's token under which they paired; null: of before that was noted"
    )
    scopes: Mapped[list[str]] = mapped_column(comment="what the customer allows at this time")
    expires_at_ms: Mapped[UnixMs] = mapped_column(comment="when that runs out; 0 before anything was allowed")


class NoteRow(Base):
    __tablename__ = "notes"

    note_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of writing")
    session_id: Mapped[bytes] = mapped_column(
        ForeignKey("sessions.session_id"), index=True, comment="about which session"
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), comment="who wrote it")
    written_at_ms: Mapped[UnixMs] = mapped_column(comment="when")
    text: Mapped[str] = mapped_column(Text, comment="plain text")


class WhisperRow(Base):
    __tablename__ = "whispers"

    session_id: Mapped[bytes] = mapped_column(
        ForeignKey("sessions.session_id"), primary_key=True, comment="about which session"
    )
    number: Mapped[int] = mapped_column(primary_key=True, comment="the session's whispers, from 1")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), comment="who wrote it")
    name: Mapped[str] = mapped_column(String(100), comment="as it was then")
    staff_number: Mapped[str] = mapped_column(String(100), comment="as it was then")
    said_at_ms: Mapped[UnixMs] = mapped_column(comment="when")
    text: Mapped[str] = mapped_column(Text, comment="plain text, for staff alone")
    kind: Mapped[str] = mapped_column(
        String(8), default="text", server_default="text", comment="text, or join: they ask for a code"
    )


class RequestRow(Base):
    __tablename__ = "requests"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'taken', 'served', 'abandoned')", name="state"),
        {"sqlite_autoincrement": True},
    )

    request_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of asking; never used twice")
    session_id: Mapped[bytes | None] = mapped_column(
        ForeignKey("sessions.session_id"), index=True, comment="of a customer who shares already"
    )
    customer: Mapped[str] = mapped_column(String(100), comment="who they say they are; not proved")
    words: Mapped[str] = mapped_column(Text, comment="what is wrong, in their words")
    contact: Mapped[str] = mapped_column(String(100), comment="how to reach them, if they said so")
    tier: Mapped[str] = mapped_column(String(40), comment="which promise counts for them")
    asked_at_ms: Mapped[UnixMs] = mapped_column(comment="when they asked")
    state: Mapped[str] = mapped_column(String(12), index=True, comment="waiting, taken, served or abandoned")
    taken_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.user_id"), comment="the engineer who has it, or had it last"
    )
    taken_by_name: Mapped[str] = mapped_column(String(100), comment="as it was then")
    taken_by_number: Mapped[str] = mapped_column(String(100), comment="as it was then")
    taken_at_ms: Mapped[UnixMs] = mapped_column(comment="0: nobody has it")
    ended_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="0: it is in the queue")
    end_number: Mapped[int | None] = mapped_column(
        BigInteger,
        index=True,
        unique=True,
        comment="rises with each end, never twice; where the audit service reads on; null: it is in the queue",
    )


class RatingRow(Base):
    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),)

    session_id: Mapped[bytes] = mapped_column(
        ForeignKey("sessions.session_id"), primary_key=True, comment="of which session"
    )
    stars: Mapped[int] = mapped_column(comment="1 to 5")
    solved: Mapped[bool | None] = mapped_column(comment="null: not answered")
    comment: Mapped[str] = mapped_column(Text, comment="the customer's words")
    rated_at_ms: Mapped[UnixMs] = mapped_column(comment="on the customer's clock")
    signature: Mapped[bytes] = mapped_column(
        LargeBinary(64), comment="by the session key: the broker cannot make one up"
    )


class NameplateRow(Base):
    __tablename__ = "nameplates"
    __table_args__ = (UniqueConstraint("nameplate", "opened_at_ms", name="uq_nameplates_opening"),)

    opening_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of opening")
    nameplate: Mapped[str] = mapped_column(String(4), comment="the public half of a code")
    session_id: Mapped[bytes] = mapped_column(ForeignKey("sessions.session_id"), index=True, comment="whose code")
    opened_at_ms: Mapped[UnixMs] = mapped_column(comment="when it was handed out")
    closed_at_ms: Mapped[UnixMs | None] = mapped_column(
        index=True, comment="rests for 30 min from then; null while open"
    )
    outcome: Mapped[str | None] = mapped_column(String(16), comment="one of PairingOutcome")


class AuditServiceRow(Base):
    __tablename__ = "audit_services"

    name: Mapped[str] = mapped_column(String(63), primary_key=True, comment="what the administrator calls it")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, comment="SHA-256; the token is not kept")
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when it was added")


class WebhookRow(Base):
    __tablename__ = "webhooks"

    webhook_id: Mapped[str] = mapped_column(String(32), primary_key=True, comment="random")
    url: Mapped[str] = mapped_column(String(500), comment="who is told")
    events: Mapped[list[str]] = mapped_column(comment="of what: kinds of events")
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when it was added")
    cursor: Mapped[int] = mapped_column(comment="sessions.change up to which everything is queued")
    secret: Mapped[str] = mapped_column(Text, comment="signs messages; sealed under identity.key")
    old_secret: Mapped[str | None] = mapped_column(Text, comment="the one of before, sealed; null: there is none")
    old_until_ms: Mapped[UnixMs | None] = mapped_column(comment="until when that signs, too")
    disabled_because: Mapped[str] = mapped_column(String(32), default="", comment="empty: it is told")


class WebhookDeliveryRow(Base):
    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "occasion", name="uq_webhook_deliveries_occasion"),
        CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="state"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, comment="in the order of queueing")
    message_id: Mapped[str] = mapped_column(String(40), unique=True, comment="random; the receiver's to tell twice by")
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.webhook_id"), index=True, comment="to whom")
    occasion: Mapped[str] = mapped_column(String(120), comment="what it is about: told once")
    kind: Mapped[str] = mapped_column(String(32), comment="of which event")
    body: Mapped[str] = mapped_column(Text, comment="what is sent, as it is signed")
    made_at_ms: Mapped[UnixMs] = mapped_column(comment="when it was queued")
    state: Mapped[str] = mapped_column(String(16), comment="pending, delivered or failed")
    tries: Mapped[int] = mapped_column(default=0, server_default="0", comment="so far")
    next_try_at_ms: Mapped[UnixMs | None] = mapped_column(index=True, comment="null: no more")
    answer: Mapped[str] = mapped_column(String(200), default="", comment="the last try's")


class KeptAnswerRow(Base):
    __tablename__ = "kept_answers"

    name: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, comment="SHA-256 of login, path and key")
    request: Mapped[bytes] = mapped_column(LargeBinary(32), comment="SHA-256 of the body that was sent")
    status: Mapped[int] = mapped_column(comment="of the answer")
    media_type: Mapped[str] = mapped_column(String(100), comment="of the answer")
    body: Mapped[str] = mapped_column(Text, comment="the answer; sealed under identity.key")
    expires_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="forgotten from then on")
