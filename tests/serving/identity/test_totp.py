"""One-time numbers."""

import base64

import pyotp
import pytest

from serving.identity.totp import matching_step, new_totp_secret, seconds_off, totp_uri

RFC_6238_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("unix_seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_published_numbers(unix_seconds: int, digits: str) -> None:
    """RFC 6238, appendix B, SHA-1, the last six digits."""
    assert matching_step(RFC_6238_SECRET, digits, unix_seconds * 1000) == unix_seconds // 30


def test_a_phone_may_be_one_step_off() -> None:
    """30 s to either side, and no more."""
    assert matching_step(RFC_6238_SECRET, "287082", 59_000 + 30_000) == 1
    assert matching_step(RFC_6238_SECRET, "287082", 59_000 - 30_000) == 1
    assert matching_step(RFC_6238_SECRET, "287082", 59_000 + 61_000) is None


@pytest.mark.parametrize(("ahead", "off"), [(0, None), (30, None), (60, 60), (-240, -240), (3600, 3600), (3630, None)])
def test_a_number_of_another_time_tells_how_far_the_clocks_are_apart(ahead: int, off: int | None) -> None:
    """An hour to either side; within the slack there is nothing to tell."""
    now_ms = 1_111_111_111_000
    digits = pyotp.TOTP(RFC_6238_SECRET).at(now_ms // 1000 + ahead)
    assert seconds_off(RFC_6238_SECRET, digits, now_ms) == off


@pytest.mark.parametrize("digits", ["", "28708", "2870822", "abcdef", "２８７０８２", "\ud800", "\0" * 6])
def test_what_is_no_number_matches_nothing(digits: str) -> None:
    """Odd input is a wrong number, not an error."""
    assert matching_step(RFC_6238_SECRET, digits, 59_000) is None


def test_the_address_for_the_authenticator_names_both() -> None:
    """So that it can be told from others in the list."""
    uri = totp_uri(new_totp_secret(), "wei", "Example Support")
    assert uri.startswith("otpauth://totp/Example%20Support:wei?secret=")
