"""Makes tests/vectors/records.json: one small recording with every key that made it, so that another language can prove
that it reads the same.

    .venv/bin/python -m tests.vectors.make_record_vectors

The file is frozen: recordings of version 1 must verify for ever. It is made anew only with a new version of the format.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from audit.vault.keys import AuditKey, key_id_of
from protocol.events import Event, SessionClosing, TerminalOutput, encode_manifest
from protocol.profile import AuditRecipient
from protocol.record_chain import chain_hash, genesis_hash
from protocol.records import HEADER_BYTES
from tests.helpers.recordings import START_MS, make_session, opening_events, summarise

PATH = Path(__file__).with_name("records.json")
MLKEM_SEED = bytes(range(64))
X25519_PRIVATE = bytes(range(64, 96))
PRIVATE_KEYS = {"x-wing": MLKEM_SEED + X25519_PRIVATE, "x25519": X25519_PRIVATE}
AGENT_SEED = bytes(range(100, 132))


def fixed_keys() -> list[AuditKey]:
    """Two recipients: X-Wing and X25519, from fixed seeds."""
    mlkem = MLKEM768PrivateKey.from_seed_bytes(MLKEM_SEED)
    x25519 = X25519PrivateKey.from_private_bytes(X25519_PRIVATE)
    classical = x25519.public_key().public_bytes_raw()
    hybrid = mlkem.public_key().public_bytes_raw() + classical
    end_ms = START_MS + 24 * 3600 * 1000
    return [
        AuditKey(
            AuditRecipient(key_id_of("x-wing", hybrid), "x-wing", hybrid, START_MS, end_ms),
            MLKEM768X25519PrivateKey(mlkem, x25519),
        ),
        AuditKey(AuditRecipient(key_id_of("x25519", classical), "x25519", classical, START_MS, end_ms), x25519),
    ]


def make() -> dict[str, Any]:
    """Two epochs, two DATA records, FINAL; all keys in the open."""
    session = make_session(keys=fixed_keys(), session_id=bytes(range(200, 216)))
    session.signing_key = Ed25519PrivateKey.from_private_bytes(AGENT_SEED)
    session.manifest = msgspec.structs.replace(session.manifest, agent_key=session.agent_key)
    sealer = session.sealer()
    groups: list[list[Event]] = [
        opening_events(session),
        [TerminalOutput(5000, 0, "$ echo 你好\r\n".encode() + b"\xff\x00"), SessionClosing(5100, "engineer-ended")],
    ]
    steps: list[tuple[bytes, bytes, list[Event]]] = []
    for epoch, group in enumerate(groups):
        record = sealer.seal_epoch(START_MS + epoch)
        steps.append((record, sealer._chain_key, []))
        steps.append((sealer.seal_events(group, group[0].t_ms, group[-1].t_ms), sealer._chain_key, group))
    steps.append((sealer.seal_final(summarise([e for group in groups for e in group], sealer)), b"", []))
    return {
        "about": "A recording of format CSR1 and all that made it. Bytes are hex. See docs/protocol/record.md.",
        "session_id": session.session_id.hex(),
        "agent_private_key": AGENT_SEED.hex(),
        "agent_public_key": session.agent_key.hex(),
        "manifest": encode_manifest(session.manifest).hex(),
        "manifest_salt": session.salt.hex(),
        "manifest_commitment": session.commitment.hex(),
        "genesis_hash": genesis_hash(session.session_id, session.agent_key, session.commitment).hex(),
        "recipients": [
            {
                "key_id": key.recipient.key_id.hex(),
                "suite": key.recipient.suite,
                "public_key": key.recipient.public_key.hex(),
                "private_key": (
                    MLKEM_SEED + X25519_PRIVATE if key.recipient.suite == "x-wing" else X25519_PRIVATE
                ).hex(),
            }
            for key in session.keys
        ],
        "records": [
            {
                "record": record.hex(),
                "chain_hash_after": chain_hash(record[:HEADER_BYTES]).hex(),
                "chain_key_after": chain_key.hex(),
                "events": [struct_kind(event) for event in events],
            }
            for record, chain_key, events in steps
        ],
    }


def struct_kind(event: Event) -> str:
    """The tag of an event."""
    return str(event.__struct_config__.tag)


if __name__ == "__main__":
    PATH.write_text(json.dumps(make(), indent=1) + "\n")
