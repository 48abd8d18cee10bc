"""The customer's rating, signed with the session's key: nobody on the way can polish it.

Asked once when the session ends, it can be changed for 72 hours with the key in the receipt (`rating_links.py`), then
it is fixed. When is late is the broker's clock to say; which of two answers is newer, the times that the customer
signed: so an old answer that is sent again never takes the place of a newer one.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.errors import IntegrityError, RefusedError
from protocol.messages.agent import RateSession

RATING_LABEL = b"consentry/rating/v1\0"
DELEGATION_LABEL = b"consentry/rating-key/v1\0"
RATING_WINDOW_MS = 72 * 60 * 60 * 1000

NEWEST_HEADER = "Consentry-Newest"
"""HTTP header beside a refusal of what is too old: the time of what is kept, in Unix milliseconds."""

_SOLVED = {False: 0, True: 1, None: 2}


class RatingForged(IntegrityError):
    """The rating was not signed by the session's key."""

    sentence = "The rating is not signed by the customer of this session."


class RatingLate(RefusedError):
    """72 hours are over."""

    sentence = "A rating can be changed for 72 hours after the session, and those are over. It stays as it is."


class RatingOlder(RefusedError):
    """A rating with a later time is there. `newest_ms` is that time: whoever means it signs a later one."""

    sentence = "A newer rating of this session is kept already, so this one changes nothing."


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


def delegation_bytes(session_id: bytes, rating_key: bytes) -> bytes:
    """label ‖ session id 16 ‖ public key 32: what the session key signs to let another key rate."""
    assert len(session_id) == 16
    assert len(rating_key) == 32
    return DELEGATION_LABEL + session_id + rating_key


def verify_rating(agent_key: bytes, session_id: bytes, rating: RateSession) -> None:
    """`agent_key` is the public key that opened the session. Raises RatingForged."""
    signed = rating_bytes(session_id, rating.stars, rating.solved, rating.comment, rating.rated_at_ms)
    signer = agent_key
    try:
        if rating.delegation is not None:
            signer = rating.delegation.public_key
            delegated = delegation_bytes(session_id, signer)
            Ed25519PublicKey.from_public_bytes(agent_key).verify(rating.delegation.signature, delegated)
        Ed25519PublicKey.from_public_bytes(signer).verify(rating.signature, signed)
    except (InvalidSignature, ValueError):
        raise RatingForged from None


def check_rating_time(*, rated_at_ms: int, newest_ms: int | None, ended_at_ms: int | None, now_ms: int) -> None:
    """Whether a rating may take the place of the one whose time is `newest_ms`, or be the first.

    `now_ms` and `ended_at_ms` are of the broker's clock, the others of the customer's; the two are never compared.
    Raises RatingLate, RatingOlder.
    """
    if ended_at_ms is not None and now_ms - ended_at_ms > RATING_WINDOW_MS:
        raise RatingLate
    if newest_ms is not None and rated_at_ms <= newest_ms:
        raise RatingOlder(newest_ms=newest_ms)
