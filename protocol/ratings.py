"""The customer's rating, signed with the session's key: nobody on the way can polish it."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.errors import IntegrityError
from protocol.messages import RateSession

RATING_LABEL = b"consentry/rating/v1\0"

_SOLVED = {False: 0, True: 1, None: 2}


class RatingForged(IntegrityError):
    """The rating was not signed by the session's key."""

    sentence = "The rating is not signed by the customer of this session."


def rating_bytes(session_id: bytes, stars: int, solved: bool | None, comment: str, rated_at_ms: int) -> bytes:
    """label ‖ session id 16 ‖ stars u8 ‖ solved u8 (0 no, 1 yes, 2 not said) ‖ Unix ms u64 ‖ comment in UTF-8."""
    assert len(session_id) == 16
    fixed = bytes((stars, _SOLVED[solved])) + rated_at_ms.to_bytes(8, "big")
    return RATING_LABEL + session_id + fixed + comment.encode()


def sign_rating(
    agent_key: Ed25519PrivateKey,
    session_id: bytes,
    *,
    stars: int,
    solved: bool | None,
    comment: str,
    rated_at_ms: int,
) -> RateSession:
    """The finished message."""
    signature = agent_key.sign(rating_bytes(session_id, stars, solved, comment, rated_at_ms))
    return RateSession(stars=stars, solved=solved, comment=comment, rated_at_ms=rated_at_ms, signature=signature)


def verify_rating(agent_key: bytes, session_id: bytes, rating: RateSession) -> None:
    """`agent_key` is the public key that opened the session. Raises RatingForged."""
    signed = rating_bytes(session_id, rating.stars, rating.solved, rating.comment, rating.rated_at_ms)
    try:
        Ed25519PublicKey.from_public_bytes(agent_key).verify(rating.signature, signed)
    except (InvalidSignature, ValueError):
        raise RatingForged from None
