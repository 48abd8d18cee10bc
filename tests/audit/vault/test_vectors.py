"""The frozen recording of version 1 (tests/vectors/records.json): it must verify and open for ever."""

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.vault.inspection import inspect_chain
from audit.vault.opening import KeyRing, RecordOpener, open_records
from protocol.events import TerminalOutput
from protocol.record_chain import ChainVerifier, chain_hash, genesis_hash
from protocol.records import HEADER_BYTES
from tests.vectors.make_record_vectors import fixed_keys

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "records.json").read_text())
RECORDS = [bytes.fromhex(entry["record"]) for entry in VECTORS["records"]]


def field(name: str) -> bytes:
    return bytes.fromhex(VECTORS[name])


def test_the_keys_are_what_they_say() -> None:
    """Public keys follow from private ones, the commitment from salt and manifest, the chain's begin from all."""
    agent = Ed25519PrivateKey.from_private_bytes(field("agent_private_key")).public_key().public_bytes_raw()
    assert agent == field("agent_public_key")
    assert sha256(field("manifest_salt") + field("manifest")).digest() == field("manifest_commitment")
    assert genesis_hash(field("session_id"), agent, field("manifest_commitment")) == field("genesis_hash")
    for key, entry in zip(fixed_keys(), VECTORS["recipients"], strict=True):
        assert key.recipient.public_key.hex() == entry["public_key"]
        assert key.recipient.key_id.hex() == entry["key_id"]


def test_ingest_accepts_it() -> None:
    """The verifier that acknowledges records, record by record."""
    verifier = ChainVerifier(field("session_id"), field("agent_public_key"), field("manifest_commitment"))
    for record, entry in zip(RECORDS, VECTORS["records"], strict=True):
        verifier.accept(record)
        assert verifier.chain_hash.hex() == entry["chain_hash_after"] == chain_hash(record[:HEADER_BYTES]).hex()
    assert verifier.finished


@pytest.mark.parametrize("recipient", [0, 1])
def test_the_vault_opens_it_with_either_key(recipient: int) -> None:
    """The same events and the same ratchet for every recipient."""
    source = io.BytesIO(b"".join(RECORDS))
    found = inspect_chain(source, field("session_id"), field("agent_public_key"), field("manifest_commitment"))
    assert (found.fault, found.finished, found.epochs) == (None, True, 2)
    opened = list(open_records(source, found.offsets, [fixed_keys()[recipient]]))
    for record, entry in zip(opened, VECTORS["records"], strict=True):
        assert [event.__struct_config__.tag for event in record.events] == entry["events"]
    outputs = [event.data for record in opened for event in record.events if isinstance(event, TerminalOutput)]
    assert outputs == ["$ echo 你好\r\n".encode() + b"\xff\x00"]
    opener = RecordOpener(KeyRing([fixed_keys()[recipient]]))
    for record, entry in zip(opened, VECTORS["records"], strict=True):
        opener.open(record.stored)
        if entry["chain_key_after"]:
            assert opener._chain_key.hex() == entry["chain_key_after"]
