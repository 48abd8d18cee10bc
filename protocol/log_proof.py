"""That an entry is in a log, offline and for ever: the log's checkpoint, its witnesses, and the way from leaf to root.

The text is c2sp.org/tlog-proof@v1:

    c2sp.org/tlog-proof@v1
    index <n>
    <base64 of the inclusion proof's hashes, one a line>

    <the checkpoint with its signatures>

Whose word counts is a `LogPolicy`: the log's key, its witnesses' keys, and how many of them must have vouched.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.checkpoint import Checkpoint, CheckpointError, open_checkpoint, parse_number
from protocol.cosignature import Cosigned, WitnessKey, verify_cosignatures
from protocol.details import Detail
from protocol.errors import IntegrityError
from protocol.merkle import HASH_BYTES, PROOF_LIMIT, MerkleError, leaf_hash, verify_consistency, verify_inclusion
from protocol.signed_note import NOTE_LIMIT_BYTES, NoteError, NoteKey, decode_base64, split_note

HEADER = "c2sp.org/tlog-proof@v1"


class LogProofError(IntegrityError):
    """A proof that cannot be read, or that the policy does not accept."""

    sentence = "The log's proof cannot be accepted: {problem}."


class WitnessMissing(LogProofError):
    """The log itself signed; nobody independent did."""

    sentence = "The log's proof carries the word of {found} of the {needed} witnesses that it needs."


class LogRolledBack(LogProofError):
    """The log is smaller than it was: entries were taken out."""

    sentence = (
        "The organisation's log has {size} entries, and had {known_size} when it was last seen here: somebody has "
        "taken entries out of it. Nothing was allowed. Do not go on; tell your support organisation and their auditors."
    )


class LogForked(LogProofError):
    """The log does not continue what it was: there are two of them."""

    sentence = (
        "The organisation's log does not continue what was seen of it here before: somebody has altered it, or shows "
        "different logs to different people. Nothing was allowed. Do not go on; tell your support organisation and "
        "their auditors."
    )


@dataclass(frozen=True)
class LogPolicy:
    """Whose signatures make a checkpoint acceptable. `witnesses_needed` 0: the log's own is enough.

    `former_keys` are of logs that were lost: what they proved while they lived goes on being proved, for whoever judges
    what was kept of that time. They make nothing new acceptable.
    """

    log_key: NoteKey
    witness_keys: tuple[WitnessKey, ...] = ()
    witnesses_needed: int = 0
    former_keys: tuple[NoteKey, ...] = ()


@dataclass(frozen=True)
class AcceptedCheckpoint:
    """A checkpoint that the policy accepts, and who else vouched for it."""

    checkpoint: Checkpoint
    cosigned: tuple[Cosigned, ...]


@dataclass(frozen=True)
class LogProof:
    """`checkpoint_note` is the signed note, as it came. `extra` is the format's own, and means nothing to us."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: bytes
    extra: bytes | None = None

    def encode(self) -> str:
        """The text of a `.tlog-proof` file."""
        head = [HEADER, *([f"extra {_encode(self.extra)}"] if self.extra is not None else []), f"index {self.index}"]
        return "\n".join([*head, *(_encode(one) for one in self.hashes), "", self.checkpoint_note.decode()])


def parse_log_proof(text: str) -> LogProof:
    """Reads, and verifies nothing. Raises LogProofError."""
    if len(text) > NOTE_LIMIT_BYTES:
        raise LogProofError(problem="it is too long")
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines.pop(0) != HEADER:
        raise LogProofError(problem=Detail("it does not begin with {header}", header=HEADER))
    extra = None
    try:
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise LogProofError(problem="it does not say which entry it is about")
        index = parse_number(lines.pop(0).removeprefix("index "))
        hashes = tuple(decode_base64(line) for line in lines)
        encoded_note = note.encode()
    except (NoteError, CheckpointError, UnicodeEncodeError):
        raise LogProofError(problem="a line of it is malformed") from None
    if len(hashes) > PROOF_LIMIT or any(len(one) != HASH_BYTES for one in hashes):
        raise LogProofError(problem="its hashes are malformed")
    return LogProof(index, hashes, encoded_note, extra)


def accept_checkpoint(note: bytes, policy: LogPolicy) -> AcceptedCheckpoint:
    """Raises CheckpointError, WitnessMissing."""
    checkpoint = open_checkpoint(note, policy.log_key)
    text, signatures = split_note(note)
    try:
        cosigned = verify_cosignatures(text, signatures, policy.witness_keys)
    except NoteError as error:
        raise CheckpointError(**error.fields) from None
    if len(cosigned) < policy.witnesses_needed:
        raise WitnessMissing(found=len(cosigned), needed=policy.witnesses_needed)
    return AcceptedCheckpoint(checkpoint, tuple(cosigned))


def verify_log_proof(proof: LogProof, entry: bytes, policy: LogPolicy) -> AcceptedCheckpoint:
    """That `entry` is in the log of this policy. Raises CheckpointError, WitnessMissing, MerkleError."""
    accepted = accept_checkpoint(proof.checkpoint_note, policy)
    checkpoint = accepted.checkpoint
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return accepted


def demand_consistency(known: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """That the log goes on from what was seen of it before. Raises LogRolledBack, LogForked."""
    if known is None or known.size == 0:
        return
    if new.size < known.size:
        raise LogRolledBack(size=new.size, known_size=known.size)
    try:
        verify_consistency(known.size, known.root, new.size, new.root, proof)
    except MerkleError:
        raise LogForked(problem="it does not continue what it was") from None


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
