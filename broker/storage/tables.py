"""Every table, a comment per column. Change one, then write a migration: a test compares the two."""

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from serving.identity.tables import TokenColumns, UserColumns
from serving.tables import COLUMN_TYPES, NAMING, UnixMs


class Base(DeclarativeBase):
    """What all tables have in common."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = COLUMN_TYPES


class UserRow(UserColumns, Base):
    __tablename__ = "users"
    __table_args__ = ({"sqlite_autoincrement": True},)

    staff_number: Mapped[str] = mapped_column(String(100), unique=True, comment="shown to customers")
    max_scopes: Mapped[list[str]] = mapped_column(comment="the most that this engineer's certificates allow")


class TokenRow(TokenColumns, Base):
    __tablename__ = "tokens"


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
    paired_at_ms: Mapped[UnixMs] = mapped_column(comment="when the agent confirmed the code")
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
