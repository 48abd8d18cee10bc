"""The engineer's signed word about the output that they saw."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from protocol.attestation import AttestationForged, attestation_bytes, sign_attestation, verify_attestation

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
SESSION, STREAM, DIGEST = b"s" * 16, b"t" * 16, b"d" * 32
ATTESTATION = sign_attestation(KEY, SESSION, STREAM, 12345, DIGEST)


def test_layout() -> None:
    """label ‖ session ‖ stream ‖ u64 ‖ SHA-256."""
    expected = b"consentry/attest/v1\0" + SESSION + STREAM + (12345).to_bytes(8, "big") + DIGEST
    assert attestation_bytes(SESSION, STREAM, 12345, DIGEST) == expected


def test_a_proper_attestation() -> None:
    """Verifies under the certificate's key."""
    verify_attestation(PUBLIC, SESSION, ATTESTATION)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stream_id", b"u" * 16),
        ("output_bytes", 12346),
        ("output_bytes", 2**64),
        ("output_sha256", b"e" * 32),
        ("signature", bytes(64)),
    ],
)
def test_every_field_is_signed(field: str, value: object) -> None:
    """Nothing in it can be changed."""
    with pytest.raises(AttestationForged):
        verify_attestation(PUBLIC, SESSION, structs.replace(ATTESTATION, **{field: value}))


def test_another_session_or_another_key() -> None:
    """It counts for this session, and from this engineer."""
    with pytest.raises(AttestationForged):
        verify_attestation(PUBLIC, b"x" * 16, ATTESTATION)
    with pytest.raises(AttestationForged):
        verify_attestation(bytes(32), SESSION, ATTESTATION)
