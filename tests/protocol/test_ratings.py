"""The customer's signed rating."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from protocol.ratings import RatingForged, rating_bytes, sign_rating, verify_rating

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
