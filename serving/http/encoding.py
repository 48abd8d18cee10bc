"""Bytes in JSON are base64url without padding (RFC 4648, section 5)."""

import base64
import binascii
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema


def word_of(words: type[StrEnum]) -> BeforeValidator:
    """For `Annotated[SomeEnum, word_of(SomeEnum)]` in a strict body, which takes no text for a member of an enum."""
    return BeforeValidator(lambda value: words(value) if isinstance(value, str) and value in list(words) else value)


class Strict(BaseModel):
    """A request body: no field is guessed at, none is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def encode_bytes(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_bytes(text: str) -> bytes:
    """Raises ValueError for anything but what `encode_bytes` writes."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must be base64url without padding") from None
    if encode_bytes(data) != text:
        raise ValueError("must be base64url without padding")
    return data


def bytes_from_json(length: int) -> Callable[[object], object]:
    """A validator for so many bytes."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            raise ValueError("must be text")
        data = decode_bytes(value)
        if len(data) != length:
            raise ValueError(f"must be {length} bytes")
        return data

    return read


def bytes_schema(length: int) -> WithJsonSchema:
    """How so many bytes look in JSON: the last character carries fewer bits than the others."""
    last = {0: "[A-Za-z0-9_-]", 1: "[AQgw]", 2: "[AEIMQUYcgkosw048]"}[length % 3]
    pattern = f"^[A-Za-z0-9_-]{{{-(-length * 4 // 3) - 1}}}{last}$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "description": f"{length} bytes in base64url."})


PublicKey = Annotated[bytes, BeforeValidator(bytes_from_json(32)), bytes_schema(32)]
"""An Ed25519 public key."""


def _integral(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


INTEGRAL = BeforeValidator(_integral)
"""Behind an integer's own rules: as JSON Schema has them, `4.0` is one, too."""

ShortText = Annotated[str, StringConstraints(max_length=200)]
"""Like `messages.ShortText`."""
