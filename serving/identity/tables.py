"""Columns of the tables in which users and their logins are kept; each database adds what its own people have."""

from sqlalchemy import ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from serving.tables import UnixMs


class UserColumns:
    """For a table named `users`."""

    user_id: Mapped[int] = mapped_column(primary_key=True, comment="never used twice")
    user_name: Mapped[str] = mapped_column(String(63), unique=True, comment="what is typed to log in; lower case")
    name: Mapped[str] = mapped_column(String(100), comment="full name, shown to customers")
    password_hash: Mapped[str] = mapped_column(String(255), comment="argon2id, with its parameters and salt")
    totp_secret: Mapped[str | None] = mapped_column(String(64), comment="base32; null: no one-time number is asked")
    totp_step: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="last 30 s step whose number was used"
    )
    disabled: Mapped[bool] = mapped_column(default=False, server_default=false(), comment="may not log in")
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when the user was added")


class TokenColumns:
    """For a table named `tokens`, beside `users`."""

    token_hash: Mapped[bytes] = mapped_column(
        LargeBinary(32), primary_key=True, comment="SHA-256; the token is not kept"
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True, comment="whose login")
    created_at_ms: Mapped[UnixMs] = mapped_column(comment="when they logged in")
    expires_at_ms: Mapped[UnixMs] = mapped_column(index=True, comment="not valid from then on")
