"""Every derived key and its one purpose.

    ISK (CPace) ── HKDF-SHA256, salt = sid, info = label ‖ SHA-256(transcript)
        ├── consentry/pairing-id/v1      16 bytes, public: names the pairing in a stream's OPENING frame
        ├── consentry/stream/v1          32 bytes: authenticates the opening and resuming of streams (stream.py)
        └── consentry/control/v1         32 bytes, never used itself
                └── HKDF-SHA256, salt = stream id
                      ├── consentry/control/engineer-to-agent/v1     AES-256-GCM, one direction of one stream
                      └── consentry/control/agent-to-engineer/v1     AES-256-GCM, the other

The transcript's hash goes into every label's info, so that two ends which saw different messages share no key even if a
flaw in CPace let them share an ISK.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
PAIRING_ID_BYTES = 16
STREAM_ID_BYTES = 16

PAIRING_ID_LABEL = b"consentry/pairing-id/v1"
STREAM_LABEL = b"consentry/stream/v1"
CONTROL_LABEL = b"consentry/control/v1"
ENGINEER_TO_AGENT_LABEL = b"consentry/control/engineer-to-agent/v1"
AGENT_TO_ENGINEER_LABEL = b"consentry/control/agent-to-engineer/v1"


@dataclass(frozen=True)
class PairingKeys:
    """What a confirmed pairing leaves behind. `pairing_id` and `transcript_hash` are public, the keys are not shown."""

    pairing_id: bytes
    stream_key: bytes = field(repr=False)
    control_key: bytes = field(repr=False)
    transcript_hash: bytes


def derive_pairing_keys(isk: bytes, sid: bytes, transcript: bytes) -> PairingKeys:
    """All keys of one pairing from CPace's ISK. `transcript` is everything that both ends must have seen alike."""
    transcript_hash = hashlib.sha256(transcript).digest()
    return PairingKeys(
        pairing_id=_derive(isk, sid, PAIRING_ID_LABEL + transcript_hash, PAIRING_ID_BYTES),
        stream_key=_derive(isk, sid, STREAM_LABEL + transcript_hash),
        control_key=_derive(isk, sid, CONTROL_LABEL + transcript_hash),
        transcript_hash=transcript_hash,
    )


def control_stream_keys(control_key: bytes, stream_id: bytes) -> tuple[bytes, bytes]:
    """(engineer to agent, agent to engineer) for one control stream.

    Keys are as fresh as `stream_id` is: whoever opens a stream draws it at random, whoever accepts one never accepts
    the same id as a new stream twice.
    """
    return (
        _derive(control_key, stream_id, ENGINEER_TO_AGENT_LABEL),
        _derive(control_key, stream_id, AGENT_TO_ENGINEER_LABEL),
    )


def _derive(material: bytes, salt: bytes, info: bytes, length_bytes: int = KEY_BYTES) -> bytes:
    return HKDF(algorithm=SHA256(), length=length_bytes, salt=salt, info=info).derive(material)
