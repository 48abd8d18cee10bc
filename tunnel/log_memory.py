"""What was seen of each organisation's log on this machine, so that nobody can show it another one later.

    <state>/logs/<SHA-256 of the log's vkey, 32 digits>.checkpoint      the newest checkpoint, as it was signed
    <state>/logs/<…>.conflict-<size>                                    one that does not continue it: evidence

One machine that remembers is a witness of its own: whoever rolls back or forks a log must hope that nobody comes again.
"""

import contextlib
import hashlib
from pathlib import Path

from protocol.checkpoint import Checkpoint, open_checkpoint
from protocol.log_proof import (
    AcceptedCheckpoint,
    LogForked,
    LogPolicy,
    LogProof,
    LogRolledBack,
    demand_consistency,
    parse_log_proof,
    verify_log_proof,
)
from protocol.messages.agent import ProofReady
from protocol.signed_note import NoteKey
from tunnel.whole_files import replace_file


class LogMemory:
    """One log's, in a state folder. Small files, read and written at once."""

    def __init__(self, state: Path, policy: LogPolicy) -> None:
        self._policy = policy
        self._folder = state / "logs"
        name = hashlib.sha256(policy.log_key.vkey.encode()).hexdigest()[:32]
        self._file = self._folder / f"{name}.checkpoint"

    @property
    def log_key(self) -> NoteKey:
        return self._policy.log_key

    def known(self) -> Checkpoint | None:
        """The newest checkpoint that was seen here. A file that cannot be read is an error, not a reason to forget.

        Raises CheckpointError.
        """
        note = self.known_note()
        return None if note is None else open_checkpoint(note, self._policy.log_key)

    def known_note(self) -> bytes | None:
        """As it was signed and cosigned."""
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            return None

    def is_first_of_another(self) -> bool:
        """Nothing was seen here of this log yet, and something of others."""
        return self.known_note() is None and any(self._folder.glob("*.checkpoint"))

    def conflicts(self) -> int:
        """How often this log was caught: each time its checkpoint was kept."""
        return len(list(self._folder.glob(f"{self._file.stem}.conflict-*")))

    def accept(self, answer: ProofReady, known: Checkpoint | None) -> AcceptedCheckpoint:
        """That the entry is in the log, that the policy's witnesses say so, and that the log continues `known`, which
        is what was asked with; then remembers it.

        Raises LogProofError, CheckpointError, MerkleError, WitnessMissing, LogRolledBack, LogForked.
        """
        proof = parse_log_proof(answer.proof)
        accepted = verify_log_proof(proof, answer.leaf, self._policy)
        try:
            demand_consistency(known, accepted.checkpoint, answer.consistency)
        except (LogRolledBack, LogForked):
            self._keep_evidence(proof, accepted.checkpoint)
            raise
        self._remember(proof, accepted.checkpoint)
        return accepted

    def _remember(self, proof: LogProof, checkpoint: Checkpoint) -> None:
        newest = self.known()
        # Another program of this machine may have seen more by now.
        if newest is None or newest.size <= checkpoint.size:
            self._write(self._file, proof.checkpoint_note)

    def _keep_evidence(self, proof: LogProof, checkpoint: Checkpoint) -> None:
        with contextlib.suppress(OSError):  # the refusal must not depend on it
            self._write(self._file.with_suffix(f".conflict-{checkpoint.size}"), proof.checkpoint_note)

    def _write(self, file: Path, note: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(file, note)
