"""Columns of the tables in which users and their logins are kept; each database adds what its own people have."""

from sqlalchemy import ForeignKey, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from serving.tables import UnixMs


class UserColumns:
    """For a table named `users`."""

    user_id: Mapped[int] = mapped_column(primary_key=True, comment="never used twice")
    user_name: Mapped[str] = mapped_column(String(63), unique=True, comment="what is typed to log in; lower case")
    name: Mapped[str] = mapped_column(String(100), comment="full name, shown to customers")
    password_hash: Mapped[str] = mapped_column(String(255), comment="argon2id, with its parameters and salt")
    totp_secret: Mapped[str | None] = mapped_column(
        String(200), comment="base32, or that sealed; null: no one-time number is asked"
    )
    totp_step: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="last 30 s step whose number was used"
    )
    disabled: Mapped[bool] = mapped_column(default=False, server_default=false(), comment="may not log in")
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when the user was added")
    version: Mapped[int] = mapped_column(
        default=1, server_default="1", comment="rises with every change: what somebody who edits has seen"
    )


class TokenColumns:
    """For a table named `tokens`, beside `users`."""

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary(32), primary_key=True, comment="SHA-256; the token is not kept"
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True, comment="whose login")
    family: Mapped[bytes] = mapped_column(
        LargeBinary(32), index=True, comment="token_hash of the first login of the same page or program"
    )
    replaced_at_ms: Mapped[UnixMs | None] = mapped_column(
        comment="a later one of its family took its place; null: none"
    )
    method: Mapped[str] = mapped_column(
        String(16), default="password", server_default="password", comment="how they showed who they are"
    )
    device: Mapped[str] = mapped_column(
        String(100), default="", server_default=text("''"), comment="what the other end said of itself"
    )
    address: Mapped[str] = mapped_column(
        String(64), default="", server_default=text("''"), comment="network address, as last used"
    )
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when they logged in")
    last_used_at_ms: Mapped[UnixMs] = mapped_column(
        default=0, server_default="0", comment="to the minute; 0: not since it was made"
    )
    revoked: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="ended by somebody; kept until it would have expired"
    )
    expires_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="not valid from then on")


class ApiTokenColumns:
    """For a table named `api_tokens`, beside `users`."""

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary(32), primary_key=True, comment="SHA-256; the token is not kept"
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True, comment="who made it, and answers")
    name: Mapped[str] = mapped_column(String(64), comment="what it is for, in words of whoever made it")
    permissions: Mapped[list[str]] = mapped_column(comment="the most that it allows; never more than its user's role")
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when it was made")
    expires_at_ms: Mapped[UnixMs] = mapped_column(comment="not valid from then on")
    last_used_at_ms: Mapped[UnixMs | None] = mapped_column(comment="to the minute; null: never")
    address: Mapped[str] = mapped_column(
        String(64), default="", server_default=text("''"), comment="from where last used"
    )


class RecoveryCodeColumns:
    """For a table named `recovery_codes`, beside `users`."""

    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), primary_key=True, comment="whose")
    digest: Mapped[bytes] = mapped_column(
        LargeBinary(32), primary_key=True, comment="of the code, under identity.key; deleted when it is used"
    )
    made_at_ms: Mapped[UnixMs] = mapped_column(comment="when")


class EventColumns:
    """For a table of events, whose numbers are never used twice."""

    event_id: Mapped[int] = mapped_column(primary_key=True, comment="in the order of happening; never used twice")
    at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="when")
    kind: Mapped[str] = mapped_column(String(32), comment="one of EventKind")
    actor: Mapped[str] = mapped_column(String(100), comment="user name of who did it; empty: nobody known")
    subject: Mapped[str] = mapped_column(String(63), index=True, comment="user name of whom it is about")
    address: Mapped[str] = mapped_column(String(64), comment="from which network address")
    facts: Mapped[dict[str, str | int | bool]] = mapped_column(comment="whatever else belongs to the kind; no secret")


class PasskeyColumns:
    """For a table named `passkeys`, beside `users`, whose numbers are never used twice."""

    passkey_id: Mapped[int] = mapped_column(primary_key=True, comment="never used twice")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True, comment="whose")
    name: Mapped[str] = mapped_column(String(100), comment="what they call it")
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True, comment="made by the device")
    public_key: Mapped[bytes] = mapped_column(LargeBinary, comment="COSE; the private half never leaves the device")
    user_handle: Mapped[bytes] = mapped_column(
        LargeBinary(64), comment="random; what the device keeps of the person; the same for all of theirs"
    )
    sign_count: Mapped[int] = mapped_column(comment="as last seen; 0 for devices that do not count")
    synced: Mapped[bool] = mapped_column(comment="exists on several devices")
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when it was added")
    last_used_at_ms: Mapped[UnixMs | None] = mapped_column(comment="null: never yet")


class ProviderPersonColumns:
    """For a table named `provider_people`, beside `users`."""

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True, comment="the OpenID provider")
    subject: Mapped[str] = mapped_column(String(255), primary_key=True, comment="its name for the person, for ever")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True, comment="who that is here")
    linked_at_ms: Mapped[UnixMs] = mapped_column(comment="at the first sign-in, or by an administrator")
    seen_at_ms: Mapped[UnixMs] = mapped_column(
        comment="when the provider last said who they are and what they may be; from when they were linked"
    )
