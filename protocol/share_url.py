"""The address that a customer is told to share with: `https://help.example.org/#<root key>`.

The part after `#` never travels: it is the organisation's root public key, 32 bytes in base64url, and whoever has it
needs to trust neither the broker nor its certificate. Without it, the web's certificate authorities must do.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from protocol.errors import InputError

ROOT_KEY_BYTES = 32
HTTPS_PORT = 443

_HOST_LIMIT_CHARACTERS = 253
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")  # a name (in its ASCII form) or an IP address


class ShareUrlError(InputError):
    """An address that cannot be one of a broker."""

    sentence = (
        "That is not a broker's address: {problem}. It looks like https://help.example.org or "
        "https://help.example.org:8443/#…; copy it whole from your support organisation."
    )


@dataclass(frozen=True)
class ShareUrl:
    """`origin` is normal (`normal_origin`); `root_key` is None where the address named none."""

    origin: str
    root_key: bytes | None

    def __str__(self) -> str:
        return self.origin if self.root_key is None else f"{self.origin}/#{encode_root_key(self.root_key)}"


def parse_share_url(text: str) -> ShareUrl:
    """Reads what a person typed or pasted; a bare host means https. Raises ShareUrlError."""
    address, hash_mark, fragment = text.strip().partition("#")
    return ShareUrl(normal_origin(address), decode_root_key(fragment) if hash_mark else None)


def normal_origin(text: str) -> str:
    """`https://host[:port]`, in lower case, the port only where it is not 443 (as web origins are written).

    Two spellings of one broker become one string, which the pairing binds. Raises ShareUrlError.
    """
    with_scheme = text if "://" in text else f"https://{text}"
    if not with_scheme.isascii() or not with_scheme.isprintable() or " " in with_scheme or "\\" in with_scheme:
        raise ShareUrlError(problem="it has characters that no address has")
    try:
        parts = urlsplit(with_scheme)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ShareUrlError(problem="its host or port is malformed") from None
    if parts.scheme != "https":
        raise ShareUrlError(problem="it must begin with https://")
    if not host or not _HOST.fullmatch(host) or len(host) > _HOST_LIMIT_CHARACTERS or port == 0:
        raise ShareUrlError(problem="its host or port is malformed")
    if "@" in parts.netloc or parts.path not in {"", "/"} or parts.query:
        raise ShareUrlError(problem="it has more in it than a host and a port")
    bracketed = f"[{host}]" if ":" in host else host
    return f"https://{bracketed}" if port in {None, HTTPS_PORT} else f"https://{bracketed}:{port}"


def encode_root_key(root_key: bytes) -> str:
    """base64url without padding, 43 characters."""
    return base64.urlsafe_b64encode(root_key).rstrip(b"=").decode()


def decode_root_key(text: str) -> bytes:
    """Raises ShareUrlError for anything but what `encode_root_key` writes."""
    try:
        root_key = base64.b64decode(text.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        root_key = b""
    if len(root_key) != ROOT_KEY_BYTES or encode_root_key(root_key) != text:
        raise ShareUrlError(problem="the key after # is cut off or altered")
    return root_key
