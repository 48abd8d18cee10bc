"""Every table, a comment per column. Change one, then write a migration: a test compares the two."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
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
        CheckConstraint("role IN ('reviewer', 'external-reviewer', 'supervisor', 'administrator')", name="role"),
        {"sqlite_autoincrement": True},
    )

    role: Mapped[str] = mapped_column(String(20), comment="what they may do: audit/service/people.py")


class TokenRow(TokenColumns, Base):
    __tablename__ = "tokens"


class ApiTokenRow(ApiTokenColumns, Base):
    __tablename__ = "api_tokens"


class RecoveryCodeRow(RecoveryCodeColumns, Base):
    __tablename__ = "recovery_codes"


class IdentityEventRow(EventColumns, Base):
    __tablename__ = "identity_events"
    __table_args__ = ({"sqlite_autoincrement": True},)


class PasskeyRow(PasskeyColumns, Base):
    __tablename__ = "passkeys"
    __table_args__ = ({"sqlite_autoincrement": True},)


class ProviderPersonRow(ProviderPersonColumns, Base):
    __tablename__ = "provider_people"


class FeedRow(Base):
    __tablename__ = "feed"

    feed_id: Mapped[int] = mapped_column(primary_key=True, comment="1: there is one broker")
    cursor: Mapped[int] = mapped_column(comment="changes up to here are in the table of sessions")
    read_at_ms: Mapped[UnixMs] = mapped_column(comment="when the broker was last heard")
    events_cursor: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="the broker's decisions up to this number are in the journal"
    )
    requests_cursor: Mapped[int] = mapped_column(
        BigInteger,
        default=0,
        server_default="0",
        comment="the broker's requests that ended up to this number are here",
    )


class SessionRow(Base):
    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("retention IN ('standard', 'short', 'pci')", name="retention"),
        CheckConstraint("condition IN ('sound', 'broken', 'hostile', 'sealed', 'unread')", name="condition"),
        Index("ix_sessions_unfinished", "opened_at_ms", sqlite_where=text("finished IS 0 AND erased_at_ms IS NULL")),
        Index("ix_sessions_held", "opened_at_ms", sqlite_where=text("held IS NOT NULL AND erased_at_ms IS NULL")),
        Index("ix_sessions_kept", "retention", "ended_at_ms", sqlite_where=text("erased_at_ms IS NULL")),
    )

    session_id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True, comment="random; names the recording")
    opened_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="when the agent said hello")
    ended_at_ms: Mapped[UnixMs | None] = mapped_column(comment="null while it goes on")
    facts: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="sealed JSON: what the broker says of it, people, scopes, notes, rating; null: erased"
    )
    digest: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="sealed JSON: what the recording says of itself; null: not read yet, or erased"
    )
    condition: Mapped[str] = mapped_column(
        String(8), default="unread", server_default="unread", comment="what reading the recording came to"
    )
    problem: Mapped[str] = mapped_column(Text, default="", comment="why it is not sound")
    next_seq: Mapped[int] = mapped_column(default=0, server_default="0", comment="records that are here")
    finished: Mapped[bool] = mapped_column(default=False, server_default="0", comment="FINAL is here")
    retention: Mapped[str] = mapped_column(
        String(8), default="standard", server_default="standard", comment="how long it is kept"
    )
    held: Mapped[str | None] = mapped_column(Text, comment="why it must not be erased (legal hold); null: it may")
    erased_at_ms: Mapped[UnixMs | None] = mapped_column(comment="when its keys were destroyed")
    due_told_at_ms: Mapped[UnixMs | None] = mapped_column(
        comment="when it was told that its retention is over; null: not yet"
    )


class ViewRow(Base):
    __tablename__ = "views"
    __table_args__ = (
        Index("ix_views_session_id_seen_at_ms", "session_id", "seen_at_ms"),
        Index("ix_views_user_name_seen_at_ms", "user_name", "seen_at_ms"),
        Index("ix_views_action_seen_at_ms", "action", "seen_at_ms"),
    )
    """For pages of each, see newest.py."""

    view_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of happening")
    session_id: Mapped[bytes] = mapped_column(LargeBinary(16), comment="what was seen")
    user_name: Mapped[str] = mapped_column(String(63), comment="who saw it")
    action: Mapped[str] = mapped_column(String(16), comment="view, search, download, export, hold, erase")
    purpose: Mapped[str] = mapped_column(Text, comment="what they said it was for")
    seen_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="when")
    commitment: Mapped[bytes] = mapped_column(
        LargeBinary(32), comment="SHA-256 of salt and this entry: what the log holds of it"
    )
    salt: Mapped[bytes] = mapped_column(LargeBinary(32), comment="so that nobody guesses the entry from its hash")


class LogEntryRow(Base):
    __tablename__ = "log_entries"
    __table_args__ = (
        CheckConstraint("kind IN ('view', 'erase', 'qa')", name="kind"),
        UniqueConstraint("kind", "subject"),
        Index("ix_log_entries_waiting", "entry_id", sqlite_where=text("place IS NULL")),
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of happening")
    kind: Mapped[str] = mapped_column(String(8), comment="which leaf of the transparency log")
    subject: Mapped[str] = mapped_column(String(32), comment="what it is about: a view, a session, a review; once each")
    session_id: Mapped[bytes] = mapped_column(LargeBinary(16), index=True, comment="of which session")
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32), comment="SHA-256 of salt and content")
    salt: Mapped[bytes | None] = mapped_column(
        LargeBinary(32), comment="so that nobody guesses the content; null: beside the content, or erased"
    )
    place: Mapped[int | None] = mapped_column(comment="its index in the broker's log; null: not delivered yet")


class RequestRow(Base):
    __tablename__ = "requests"
    __table_args__ = (
        CheckConstraint("kind IN ('export', 'erase')", name="kind"),
        CheckConstraint("state IN ('asked', 'confirmed', 'refused', 'done')", name="state"),
    )

    request_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of asking")
    kind: Mapped[str] = mapped_column(String(8), comment="export or erase")
    session_id: Mapped[bytes] = mapped_column(ForeignKey("sessions.session_id"), index=True, comment="of which session")
    state: Mapped[str] = mapped_column(String(10), index=True, comment="asked, confirmed, refused or done")
    reason: Mapped[str] = mapped_column(Text, comment="why it is asked for")
    asked_by: Mapped[str] = mapped_column(String(63), comment="user name of the first person")
    asked_at_ms: Mapped[UnixMs] = mapped_column(comment="when")
    answered_by: Mapped[str | None] = mapped_column(String(63), comment="user name of the second person")
    answered_at_ms: Mapped[UnixMs | None] = mapped_column(comment="when")


class ErasePolicyRow(Base):
    __tablename__ = "erase_policies"
    __table_args__ = (
        CheckConstraint("retention IN ('standard', 'short', 'pci')", name="retention"),
        CheckConstraint("state IN ('asked', 'confirmed', 'refused', 'ended')", name="state"),
        {"sqlite_autoincrement": True},
    )

    policy_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of asking; never used twice")
    retention: Mapped[str] = mapped_column(String(8), comment="for which class")
    state: Mapped[str] = mapped_column(String(10), comment="asked, confirmed (in force), refused or ended")
    reason: Mapped[str] = mapped_column(Text, comment="why")
    asked_by: Mapped[str] = mapped_column(String(63), comment="user name of the first person")
    asked_at_ms: Mapped[UnixMs] = mapped_column(comment="when")
    answered_by: Mapped[str | None] = mapped_column(String(63), comment="user name of the second person")
    answered_at_ms: Mapped[UnixMs | None] = mapped_column(comment="when")
    ended_by: Mapped[str | None] = mapped_column(String(63), comment="user name of who ended it")
    ended_at_ms: Mapped[UnixMs | None] = mapped_column(comment="when")


class JournalRow(Base):
    __tablename__ = "journal"
    __table_args__ = (
        CheckConstraint("source IN ('broker', 'audit')", name="source"),
        UniqueConstraint("source", "source_key"),
        *(
            Index(f"ix_journal_{one}_at_ms", one, "at_ms")
            for one in ("source", "kind", "actor", "subject", "session_id")
        ),
        {"sqlite_autoincrement": True},
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of arriving here; never used twice")
    source: Mapped[str] = mapped_column(String(8), comment="who decided or noticed it: the broker, or this service")
    source_key: Mapped[str] = mapped_column(String(64), comment="its name there: what comes twice is kept once")
    at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="when")
    kind: Mapped[str] = mapped_column(String(40), comment="audit/siem/decisions.py lists them")
    actor: Mapped[str] = mapped_column(String(100), comment="user name of who did it; empty: nobody known")
    subject: Mapped[str] = mapped_column(String(100), comment="user name of whom it is about; empty: nobody")
    address: Mapped[str] = mapped_column(String(64), comment="from which network address; empty: not known")
    session_id: Mapped[bytes | None] = mapped_column(LargeBinary(16), comment="of which session, if any")
    facts: Mapped[dict[str, str | int | bool]] = mapped_column(comment="whatever else belongs to the kind; no secret")


class SiemPlaceRow(Base):
    __tablename__ = "siem_places"

    target: Mapped[str] = mapped_column(String(63), primary_key=True, comment="its name in siem.toml")
    stream: Mapped[str] = mapped_column(
        String(32), primary_key=True, comment="what is followed: journal, or a session (hex)"
    )
    delivered: Mapped[int] = mapped_column(default=0, comment="events up to here have arrived")
    pending: Mapped[int | None] = mapped_column(
        comment="events up to here may have arrived; null: nothing is under way"
    )
    complete: Mapped[bool] = mapped_column(default=False, comment="nothing more will come of this stream")


class EndedRequestRow(Base):
    __tablename__ = "ended_requests"
    __table_args__ = (CheckConstraint("outcome IN ('served', 'abandoned')", name="outcome"),)

    request_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, comment="its number at the broker")
    asked_at_ms: Mapped[UnixMs] = mapped_column(
        primary_key=True,
        comment="when they asked; part of its name, for a broker that is restored from a copy gives numbers again",
    )
    tier: Mapped[str] = mapped_column(String(40), comment="which promise counted for them")
    due_at_ms: Mapped[UnixMs] = mapped_column(comment="by when the promise wanted it taken")
    taken_at_ms: Mapped[UnixMs] = mapped_column(comment="0: nobody ever took it")
    ended_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="when it left the queue")
    outcome: Mapped[str] = mapped_column(String(12), comment="served or abandoned")
    taken_by_name: Mapped[str] = mapped_column(String(100), comment="who had it last, as it was then")
    taken_by_number: Mapped[str] = mapped_column(String(100), comment="their staff number")
    session_id: Mapped[str | None] = mapped_column(
        String(32), index=True, comment="of which session, in hex; null: of none, or it was erased"
    )


class KeyBackupRow(Base):
    __tablename__ = "key_backups"

    folder: Mapped[str] = mapped_column(Text, primary_key=True, comment="where keys were copied to")
    made_at_ms: Mapped[UnixMs] = mapped_column(comment="when, last")
