"""Hashes what the engineer's client showed, on its way to the screen, and signs the hash at the end.

Exact means: the bytes of the SSH channel, no more and no less, in order. That is why `openssh.py` takes the output of
`ssh` from a pipe, into which ssh writes nothing of its own.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.attestation import sign_attestation
from protocol.messages.control import AttestOutput


class OutputDigest:
    """Counts and hashes output as it passes. `is_whole` is false once some of it could not be shown."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.byte_count = 0
        self.is_whole = True

    def update(self, data: bytes | memoryview) -> None:
        self._hash.update(data)
        self.byte_count += len(data)

    def sha256(self) -> bytes:
        return self._hash.digest()


def attestation(
    engineer_key: Ed25519PrivateKey, session_id: bytes, stream_id: bytes, digest: OutputDigest
) -> AttestOutput:
    """The engineer's signed word about one shell channel."""
    return sign_attestation(engineer_key, session_id, stream_id, digest.byte_count, digest.sha256())
