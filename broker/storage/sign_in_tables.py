"""Tables for other ways to sign in than a password: passkeys, and people of an OpenID provider."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.storage.tables import Base
from serving.tables import UnixMs


class PasskeyRow(Base):
    __tablename__ = "passkeys"
    __table_args__ = ({"sqlite_autoincrement": True},)

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


class ProviderPersonRow(Base):
    __tablename__ = "provider_people"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True, comment="the OpenID provider")
    subject: Mapped[str] = mapped_column(String(255), primary_key=True, comment="its name for the person, for ever")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id"), index=True, comment="who that is here")
    linked_at_ms: Mapped[UnixMs] = mapped_column(comment="at the first sign-in, or by an administrator")
