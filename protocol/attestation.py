"""The engineer's word about what they saw: the signed hash of one shell channel's output.

The agent records, so a dishonest agent could record what never happened. The engineer's client hashes the bytes that it
showed and signs the hash with the certificate's key; where both hashes agree, both ends vouch for the same bytes.
"""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.errors import IntegrityError
from protocol.messages.control import AttestOutput

ATTESTATION_LABEL = b"consentry/attest/v1\0"

NOTHING_SHOWN = (0, hashlib.sha256().digest())
"""Number of bytes and their hash where a shell was refused: true without any channel."""


class AttestationForged(IntegrityError):
    """The attestation was not signed by the engineer's certificate's key."""

    sentence = "The engineer's statement about the output is not properly signed."


def attestation_bytes(session_id: bytes, stream_id: bytes, output_bytes: int, output_sha256: bytes) -> bytes:
    """label ‖ session id 16 ‖ stream id 16 ‖ number of output bytes u64 ‖ SHA-256 32; all of fixed length."""
    assert (len(session_id), len(stream_id), len(output_sha256)) == (16, 16, 32)
    return ATTESTATION_LABEL + session_id + stream_id + output_bytes.to_bytes(8, "big") + output_sha256


def sign_attestation(
    engineer_key: Ed25519PrivateKey, session_id: bytes, stream_id: bytes, output_bytes: int, output_sha256: bytes
) -> AttestOutput:
    """The finished message."""
    signature = engineer_key.sign(attestation_bytes(session_id, stream_id, output_bytes, output_sha256))
    return AttestOutput(
        stream_id=stream_id, output_bytes=output_bytes, output_sha256=output_sha256, signature=signature
    )


def verify_attestation(engineer_public_key: bytes, session_id: bytes, attestation: AttestOutput) -> None:
    """Raises AttestationForged. Whether the hash is the right one is for whoever has the output to say."""
    if attestation.output_bytes >= 2**64:
        raise AttestationForged
    signed = attestation_bytes(session_id, attestation.stream_id, attestation.output_bytes, attestation.output_sha256)
    try:
        Ed25519PublicKey.from_public_bytes(engineer_public_key).verify(attestation.signature, signed)
    except (InvalidSignature, ValueError):
        raise AttestationForged from None
