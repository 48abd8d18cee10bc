"""The link in a receipt by which its holder may change the rating, and nobody else.

    https://help.example.org/rate#<base64url of root key 32 ‖ session id 16 ‖ seed 32 ‖ signature 64>

The seed is that of an Ed25519 key made for this alone; the session key, which is gone when the session is over, has
signed its public half (`delegation_bytes`). The part after `#` never travels: the broker gets signatures, not the seed.
The link stands beside what the receipt's signature covers: a receipt that is handed on without it is as good a proof.
"""

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import structs

from protocol.details import Detail
from protocol.errors import InputError
from protocol.messages.agent import RateSession, RatingDelegation
from protocol.ratings import delegation_bytes, sign_rating
from protocol.share_url import ShareUrl, ShareUrlError, normal_origin

PATH = "/rate"
_SIZES = (32, 16, 32, 64)


class RatingLinkError(InputError):
    """Not a link that an agent wrote."""

    sentence = "That is no link for rating: {problem}. Copy it whole from your receipt, or name the receipt's file."


@dataclass(frozen=True)
class RatingLink:
    """`broker` has the root key, by which the broker is known again."""

    broker: ShareUrl
    session_id: bytes
    seed: bytes
    delegation: bytes

    def __str__(self) -> str:
        assert self.broker.root_key is not None
        data = self.broker.root_key + self.session_id + self.seed + self.delegation
        return f"{self.broker.origin}{PATH}#{base64.urlsafe_b64encode(data).decode()}"

    def __repr__(self) -> str:
        return f"RatingLink({self.broker.origin!r}, {self.session_id.hex()}, …)"

    def belongs_to(self, agent_key: bytes) -> bool:
        """Whether the session with this key lets the link rate."""
        public_key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        try:
            signed = delegation_bytes(self.session_id, public_key)
            Ed25519PublicKey.from_public_bytes(agent_key).verify(self.delegation, signed)
        except (InvalidSignature, ValueError):
            return False
        return True

    def sign(self, *, stars: int, solved: bool | None, comment: str, rated_at_ms: int) -> RateSession:
        """The finished message."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        rating = sign_rating(key, self.session_id, stars=stars, solved=solved, comment=comment, rated_at_ms=rated_at_ms)
        return structs.replace(
            rating, delegation=RatingDelegation(key.public_key().public_bytes_raw(), self.delegation)
        )


def make_rating_link(session_key: Ed25519PrivateKey, session_id: bytes, broker: ShareUrl, seed: bytes) -> RatingLink:
    """`seed` are 32 fresh random bytes."""
    public_key = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return RatingLink(broker, session_id, seed, session_key.sign(delegation_bytes(session_id, public_key)))


def parse_rating_link(text: str) -> RatingLink:
    """Raises RatingLinkError."""
    address, _, fragment = text.strip().partition("#")
    if not address.endswith(PATH):
        raise RatingLinkError(problem=Detail("it does not have {path}# in it", path=PATH))
    try:
        origin = normal_origin(address.removesuffix(PATH))
        data = base64.b64decode(fragment.encode("ascii"), altchars=b"-_", validate=True)
    except ShareUrlError as error:
        raise RatingLinkError(**error.fields) from None
    except (binascii.Error, UnicodeEncodeError):
        data = b""
    if len(data) != sum(_SIZES):
        raise RatingLinkError(problem="the part after # is cut off or altered")
    parts = []
    for size in _SIZES:
        parts.append(data[:size])
        data = data[size:]
    root_key, session_id, seed, delegation = parts
    return RatingLink(ShareUrl(origin, root_key), session_id, seed, delegation)
