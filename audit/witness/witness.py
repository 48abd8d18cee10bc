"""Judges one request of a log: vouch, or say why not, in the words of c2sp.org/tlog-witness.

400   not written as the protocol says, or the old size is larger than the new
404   a log that this witness does not know
403   not signed by the log, or signed wrongly
409   another size was vouched for last: the body says which
422   the log does not continue what was vouched for: it was forked
200   the cosignature, after the checkpoint is on the disk
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.witness.store import Seen, WitnessStore
from protocol.checkpoint import Checkpoint, CheckpointError, claimed_checkpoint, open_checkpoint
from protocol.cosignature import WitnessKey, cosign
from protocol.merkle import MerkleError, verify_consistency
from protocol.witness_messages import SIZE_MEDIA_TYPE, AddCheckpoint, WitnessRequestMalformed, parse_add_checkpoint

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class WitnessSigner:
    """A witness's name and private key."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    @property
    def key(self) -> WitnessKey:
        """The public half: what an organisation's profile names."""
        return WitnessKey(self.name, self.private_key.public_key().public_bytes_raw())


@dataclass(frozen=True)
class WitnessAnswer:
    """Status, body and media type of an HTTP answer."""

    status: HTTPStatus
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"


class Witness:
    """`now_s` gives Unix seconds."""

    def __init__(self, store: WitnessStore, signer: WitnessSigner, now_s: Callable[[], int]) -> None:
        self._store = store
        self._signer = signer
        self._now_s = now_s

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        """Blocks while the disk is written to."""
        try:
            request = parse_add_checkpoint(body)
            claimed = claimed_checkpoint(request.checkpoint_note)
        except (WitnessRequestMalformed, CheckpointError) as error:
            return _no(HTTPStatus.BAD_REQUEST, str(error))
        log_key = self._store.log_key(claimed.origin)
        if log_key is None:
            return _no(HTTPStatus.NOT_FOUND, "This witness does not know that log.")
        try:
            checkpoint = open_checkpoint(request.checkpoint_note, log_key)
        except CheckpointError as error:
            return _no(HTTPStatus.FORBIDDEN, str(error))
        if request.old_size > checkpoint.size:
            return _no(HTTPStatus.BAD_REQUEST, "The old size is larger than the new.")
        with self._store.checking(log_key) as check:
            seen = check.seen()
            refusal = _refusal(request, checkpoint, seen)
            if seen is not None and _is_caught(refusal, checkpoint, seen):
                # Both are signed by the log.
                check.keep_caught(_log_signed_only(request.checkpoint_note, log_key.name))
            if refusal is not None:
                return refusal
            line = cosign(checkpoint.text, self._signer.name, self._signer.private_key, time_s=self._now_s()).line
            check.set(_log_signed_only(request.checkpoint_note, log_key.name) + line)
        return WitnessAnswer(HTTPStatus.OK, line)

    def newest(self, origin: str) -> bytes | None:
        """The newest cosigned checkpoint of a log, for those who compare what different people are shown."""
        log_key = self._store.log_key(origin)
        seen = self._store.newest(log_key) if log_key is not None else None
        return None if seen is None else seen.note


def _refusal(request: AddCheckpoint, checkpoint: Checkpoint, seen: Seen | None) -> WitnessAnswer | None:
    known_size = 0 if seen is None else seen.checkpoint.size
    if request.old_size != known_size:
        return WitnessAnswer(HTTPStatus.CONFLICT, f"{known_size}\n".encode(), SIZE_MEDIA_TYPE)
    if seen is None or known_size == 0:
        return _no(HTTPStatus.UNPROCESSABLE_ENTITY, "There is nothing to prove yet.") if request.proof else None
    try:
        verify_consistency(known_size, seen.checkpoint.root, checkpoint.size, checkpoint.root, request.proof)
    except MerkleError as error:
        return _no(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    return None


def _is_caught(refusal: WitnessAnswer | None, checkpoint: Checkpoint, seen: Seen) -> bool:
    """Whether this log is not the one that was seen before; says so."""
    facts = {"origin": checkpoint.origin, "size": checkpoint.size, "known_size": seen.checkpoint.size}
    if checkpoint.size < seen.checkpoint.size:
        log.critical("log_set_back", alert=True, **facts)
        return True
    if seen.checkpoint.size and refusal is not None and refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        log.critical("log_forked", alert=True, **facts)
        return True
    return False


def _log_signed_only(note: bytes, log_name: str) -> bytes:
    """Without the lines of whoever else signed: what is kept is what was checked."""
    head, _, tail = note.partition(b"\n\n")
    own = f"\u2014 {log_name} ".encode()
    return head + b"\n\n" + b"".join(line for line in tail.splitlines(keepends=True) if line.startswith(own))


def _no(status: HTTPStatus, reason: str) -> WitnessAnswer:
    return WitnessAnswer(status, f"{reason}\n".encode())
