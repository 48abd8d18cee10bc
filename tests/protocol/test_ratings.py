"""The customer's signed rating."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from protocol.ratings import (
    RatingForged,
    RatingLate,
    RatingOlder,
    check_rating_time,
    rating_bytes,
    sign_rating,
    verify_rating,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
SESSION = b"s" * 16
RATING = sign_rating(KEY, SESSION, stars=4, solved=None, comment="很快，谢谢", rated_at_ms=1_795_000_000_000)


def test_layout() -> None:
    """label ‖ session ‖ stars ‖ solved ‖ time ‖ comment."""
    assert rating_bytes(SESSION, 5, True, "ok", 1) == (
        b"consentry/rating/v1\0" + SESSION + b"\x05\x01" + b"\0" * 7 + b"\x01" + b"ok"
    )
    assert rating_bytes(SESSION, 5, False, "", 1)[37:38] == b"\x00"
    assert rating_bytes(SESSION, 5, None, "", 1)[37:38] == b"\x02"


def test_a_proper_rating() -> None:
    """Verifies under the key that opened the session."""
    verify_rating(PUBLIC, SESSION, RATING)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stars", 5),
        ("solved", True),
        ("comment", "很快，谢谢！"),
        ("rated_at_ms", 1_795_000_000_001),
        ("signature", bytes(64)),
    ],
)
def test_nobody_can_polish_it(field: str, value: object) -> None:
    """Every field is signed."""
    with pytest.raises(RatingForged):
        verify_rating(PUBLIC, SESSION, structs.replace(RATING, **{field: value}))


def test_another_session_or_another_key() -> None:
    """A good rating cannot be moved to another session."""
    with pytest.raises(RatingForged):
        verify_rating(PUBLIC, b"x" * 16, RATING)
    with pytest.raises(RatingForged):
        verify_rating(bytes(32), SESSION, RATING)


HOUR_MS = 3_600_000
ENDED_MS = 1_795_000_000_000


@pytest.mark.parametrize(
    ("after_ms", "late"),
    [
        (0, False),
        (72 * HOUR_MS - 1000, False),  # 71:59:59
        (72 * HOUR_MS, False),
        (72 * HOUR_MS + 1, True),
        (72 * HOUR_MS + 2000, True),  # 72:00:02
        (-HOUR_MS, False),  # the broker's clock was set back
    ],
)
def test_a_rating_is_fixed_after_72_hours(after_ms: int, late: bool) -> None:
    """By the broker's clock alone: the customer's may be years off."""
    for rated_at_ms in (1, ENDED_MS, 2**53):
        times = {"rated_at_ms": rated_at_ms, "newest_ms": None, "ended_at_ms": ENDED_MS, "now_ms": ENDED_MS + after_ms}
        if late:
            with pytest.raises(RatingLate):
                check_rating_time(**times)
        else:
            check_rating_time(**times)


def test_while_a_session_goes_on_nothing_is_late() -> None:
    """There is no end to count from."""
    check_rating_time(rated_at_ms=1, newest_ms=None, ended_at_ms=None, now_ms=2**53)


@pytest.mark.parametrize("rated_at_ms", [99, 100])
def test_an_older_answer_never_replaces_a_newer_one(rated_at_ms: int) -> None:
    """Nor one of the same time: whoever sends an old answer again changes nothing."""
    with pytest.raises(RatingOlder) as refused:
        check_rating_time(rated_at_ms=rated_at_ms, newest_ms=100, ended_at_ms=1, now_ms=2)
    assert refused.value.fields == {"newest_ms": 100}
    check_rating_time(rated_at_ms=101, newest_ms=100, ended_at_ms=1, now_ms=2)
