"""OpenSSH public keys, as far as people write and read them: one line of text, the blob inside, its fingerprint.

ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI… comment        RFC 4253, section 6.6; RFC 8709, section 4
"""

import base64
import binascii
import hashlib

from protocol.errors import InputError

ED25519 = "ssh-ed25519"

LINE_LIMIT_CHARACTERS = 2048

_ED25519_START = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"
_ED25519_BYTES = 32


class SshKeyUnreadable(InputError):
    sentence = "This is no SSH public key that can be used: {problem}. Paste one line of a .pub file."


class SshKeyKindRefused(InputError):
    sentence = "Only Ed25519 keys may be used here. Make one with: ssh-keygen -t ed25519"


def is_ed25519(blob: bytes) -> bool:
    """Is this an OpenSSH public-key blob of an Ed25519 key, and nothing behind it?"""
    return blob.startswith(_ED25519_START) and len(blob) == len(_ED25519_START) + _ED25519_BYTES


def parse_public_line(line: str) -> bytes:
    """The blob of one line out of a `.pub` file; a comment is passed over.

    Raises SshKeyUnreadable, SshKeyKindRefused for another kind of key than Ed25519.
    """
    words = line.split()
    if len(line) > LINE_LIMIT_CHARACTERS or len(line.strip().splitlines()) != 1 or len(words) < 2:
        raise SshKeyUnreadable(problem="it is not one line with a kind and a key")
    if "PRIVATE" in line:
        raise SshKeyUnreadable(problem="it is a private key, which belongs to nobody else")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        raise SshKeyUnreadable(problem="its second word is not base64") from None
    if not is_ed25519(blob) or words[0] != ED25519:
        raise SshKeyKindRefused
    return blob


def public_line(blob: bytes) -> str:
    """Kind and key of an Ed25519 blob, as `known_hosts` and `.pub` files have them."""
    return f"{ED25519} {base64.b64encode(blob).decode()}"


def ssh_fingerprint(blob: bytes) -> str:
    """As `ssh-keygen -l` writes it: `SHA256:` and 43 characters."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
