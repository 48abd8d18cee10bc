"""One-time numbers (RFC 6238: SHA-1, 6 digits, 30 s), each usable once."""

import hmac

import pyotp

STEP_MS = 30_000
STEPS_OF_SLACK = 1
"""A phone's clock may be one step off to either side."""

CLOCK_STEPS = 120
"""An hour: how far we look for the time that a refused number is of, to tell administrators of a wrong clock."""


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_uri(secret: str, user_name: str, organisation: str) -> str:
    """What an authenticator app takes, typed or as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_name, issuer_name=organisation)


def seconds_off(secret: str, digits: str, now_ms: int) -> int | None:
    """How far ahead the clock is that these digits come from; None: they are of our time, or of none within an hour."""
    generator = pyotp.HOTP(secret)
    present = now_ms // STEP_MS
    for distance in range(STEPS_OF_SLACK + 1, CLOCK_STEPS + 1):
        for step in (present - distance, present + distance):
            if step >= 0 and hmac.compare_digest(generator.at(step).encode(), digits.encode("utf-8", "replace")):
                return (step - present) * STEP_MS // 1000
    return None


def matching_step(secret: str, digits: str, now_ms: int) -> int | None:
    """The time step to which these digits belong, or None. The caller makes sure that no step is used twice."""
    generator = pyotp.HOTP(secret)
    present = now_ms // STEP_MS
    found = None
    for step in range(max(0, present - STEPS_OF_SLACK), present + STEPS_OF_SLACK + 1):
        if hmac.compare_digest(generator.at(step).encode(), digits.encode("utf-8", "replace")):
            found = step
    return found
