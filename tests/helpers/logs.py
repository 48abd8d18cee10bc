"""A small log with a witness, and proofs about it, made in memory."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.cosignature import WitnessKey, cosign
from protocol.log_proof import LogPolicy, LogProof
from protocol.merkle import inclusion_proof, leaf_hash, root_hash, subtrees_of
from protocol.signed_note import NoteKey

ORIGIN = "help.example.org/log"
LOG = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
LOG_KEY = NoteKey(ORIGIN, LOG.public_key().public_bytes_raw())
WITNESS_KEY = WitnessKey("witness.example.org", WITNESS.public_key().public_bytes_raw())
WITNESSED = LogPolicy(LOG_KEY, (WITNESS_KEY,), witnesses_needed=1)
ALONE = LogPolicy(LOG_KEY)
TIME_S = 1_795_000_000


def checkpoint_of(entries: Sequence[bytes]) -> Checkpoint:
    hashes = [leaf_hash(entry) for entry in entries]
    return Checkpoint(ORIGIN, len(entries), root_hash(len(entries), subtrees_of(hashes)))


def signed(checkpoint: Checkpoint, *, witnessed: bool = True) -> bytes:
    note = sign_checkpoint(checkpoint, LOG)
    return note + cosign(checkpoint.text, WITNESS_KEY.name, WITNESS, time_s=TIME_S).line if witnessed else note


def proof_of(index: int, entries: Sequence[bytes], *, witnessed: bool = True) -> LogProof:
    hashes = [leaf_hash(entry) for entry in entries]
    proof = inclusion_proof(index, len(entries), subtrees_of(hashes))
    return LogProof(index, proof, signed(checkpoint_of(entries), witnessed=witnessed))
