"""CPACE-X25519-SHA512, initiator-responder (draft-irtf-cfrg-cpace-21).

Two ends that know the same short secret agree on a long one, and whoever sits between them learns nothing that could
be tried offline. One run gives an attacker one guess.

    initiator                                               responder
    g = generator(secret, CI, sid)                          g = generator(secret, CI, sid)
    Ya = X25519(ya, g)            ── Ya, ADa ──►
                                  ◄── Yb, ADb ──            Yb = X25519(yb, g)
    ISK = SHA-512(lv_cat("CPace255_ISK", sid, X25519(y, Y)) ‖ lv_cat(Ya, ADa) ‖ lv_cat(Yb, ADb))

Nothing here keeps a state: who sends what when is `pairing.py`. Proved against the draft's vectors. The arithmetic of
the map is on Python integers and not constant-time: tolerable, since each secret serves one run and is thrown away.
"""

import hashlib
import hmac
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from protocol.errors import PeerError

DSI = b"CPace255"
DSI_ISK = b"CPace255_ISK"
CONFIRMATION_LABEL = b"CPaceMac"

SHARE_BYTES = 32
TAG_BYTES = 64

_HASH_BLOCK_BYTES = 128
_PRIME = 2**255 - 19
_MONTGOMERY_A = 486662
_NON_SQUARE = 2


class ShareRefused(PeerError):
    """A public share that is no share: of the wrong length, or one of the low-order points that would fix the key."""

    sentence = "The other end sent a public key that cannot be used; somebody may be interfering. Ask for a new code."


def lv_cat(*items: bytes) -> bytes:
    """Length-value concatenation (draft, `lv_cat`): injective, so no two lists of fields give the same bytes."""
    return b"".join(_leb128(len(item)) + item for item in items)


def lv_split(data: bytes) -> list[bytes]:
    """The items that `lv_cat` joined. Raises PeerError if `lv_cat` of no list gives these bytes."""
    items = []
    rest = data
    while rest:
        length, header_bytes = _read_leb128(rest)
        if len(rest) < header_bytes + length:
            raise PeerError(problem="a list of fields that is cut off")
        items.append(rest[header_bytes : header_bytes + length])
        rest = rest[header_bytes + length :]
    return items


def generator_string(secret: bytes, channel_id: bytes, sid: bytes) -> bytes:
    """Secret and context in one string; zeros push the context out of the hash's first block (draft, section 6)."""
    padding_bytes = max(0, _HASH_BLOCK_BYTES - 1 - len(lv_cat(secret)) - len(lv_cat(DSI)))
    return lv_cat(DSI, secret, bytes(padding_bytes), channel_id, sid)


def generator(secret: bytes, channel_id: bytes, sid: bytes) -> bytes:
    """The secret base point, as an encoded X25519 u-coordinate."""
    digest = hashlib.sha512(generator_string(secret, channel_id, sid)).digest()
    field_element = int.from_bytes(digest[:SHARE_BYTES], "little") & (2**255 - 1)
    return _elligator2(field_element % _PRIME).to_bytes(SHARE_BYTES, "little")


def public_share(scalar: X25519PrivateKey, base: bytes) -> bytes:
    """Y = X25519(y, g)."""
    return scalar.exchange(X25519PublicKey.from_public_bytes(base))


def shared_point(scalar: X25519PrivateKey, their_share: bytes) -> bytes:
    """K = X25519(y, Y'). Raises ShareRefused where the draft says abort: K would be all zero."""
    if len(their_share) != SHARE_BYTES:
        raise ShareRefused
    try:
        return scalar.exchange(X25519PublicKey.from_public_bytes(their_share))
    except ValueError:
        raise ShareRefused from None


def transcript_ir(share_a: bytes, ad_a: bytes, share_b: bytes, ad_b: bytes) -> bytes:
    """Who said what, the initiator first."""
    return lv_cat(share_a, ad_a) + lv_cat(share_b, ad_b)


def intermediate_key(point: bytes, sid: bytes, transcript: bytes) -> bytes:
    """ISK, 64 bytes: material for a key derivation function, never a key itself."""
    return hashlib.sha512(lv_cat(DSI_ISK, sid, point) + transcript).digest()


def confirmation_tag(isk: bytes, sid: bytes, share: bytes, ad: bytes) -> bytes:
    """Proof by the sender of (share, ad) that it knows ISK; 64 bytes, compared with `hmac.compare_digest` only."""
    mac_key = hashlib.sha512(CONFIRMATION_LABEL + sid + isk).digest()
    return hmac.digest(mac_key, lv_cat(share, ad), "sha512")


def _elligator2(field_element: int) -> int:
    """A field element's point on Curve25519: RFC 9380, section 6.7.1, the u-coordinate alone."""
    # 1 + 2·u² is never 0: -1/2 is not a square modulo this prime.
    first = -_MONTGOMERY_A * pow(1 + _NON_SQUARE * field_element**2, -1, _PRIME) % _PRIME
    right_side = (pow(first, 3, _PRIME) + _MONTGOMERY_A * first**2 + first) % _PRIME
    is_square = pow(right_side, (_PRIME - 1) // 2, _PRIME) in {0, 1}
    return first if is_square else (-first - _MONTGOMERY_A) % _PRIME


def _leb128(number: int) -> bytes:
    groups = bytearray()
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def _read_leb128(data: Iterable[int]) -> tuple[int, int]:
    number = 0
    for index, byte in enumerate(data):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if byte == 0 and index > 0:
                raise PeerError(problem="a length that is written with needless zeros")
            return number, index + 1
        if index == 3:  # 28 bits: far above any message, far below trouble
            break
    raise PeerError(problem="a length that has no end")
