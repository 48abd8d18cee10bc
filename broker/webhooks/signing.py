"""Standard Webhooks (standardwebhooks.com): how a message is signed, and when to try it again."""

import base64
import binascii
import hmac
import secrets

from protocol.errors import InputError

SECRET_PREFIX = "whsec_"  # noqa: S105 (the form of a secret, not one)
SECRET_BYTES = 32

ROTATION_MS = 24 * 3600 * 1000
"""For so long after a rotation a message is signed with the secret of before, too."""

RETRY_SECONDS = (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Between one try and the next: three and a half days, and whoever has not come back by then is told no more."""


class SecretUnusable(InputError):
    sentence = "This is no webhook secret: it begins with whsec_, and base64 follows."


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp_seconds: int, body: bytes) -> str:
    """One signature, `v1,` and base64 of HMAC-SHA256. Raises SecretUnusable."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretUnusable from None
    signed = f"{message_id}.{timestamp_seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(message_id: str, now_ms: int, body: bytes, *signing: str) -> dict[str, str]:
    """What goes along with a message; `signing` are the secrets in force, the newest first."""
    timestamp = now_ms // 1000
    return {
        "Content-Type": "application/json",
        "User-Agent": "Consentry-Webhooks",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in signing),
    }


def next_try_ms(tries: int, now_ms: int, jitter: float) -> int | None:
    """After so many failed tries; None: not again. `jitter` in [0, 1) spreads what failed together."""
    if tries > len(RETRY_SECONDS):
        return None
    return now_ms + int(RETRY_SECONDS[tries - 1] * 1000 * (0.9 + 0.2 * jitter))
