"""What a log asks of a witness (c2sp.org/tlog-witness, `POST <prefix>/add-checkpoint`), as text.

old <size of the checkpoint that the witness signed last>
<base64 of the consistency proof's hashes, one a line>

<the new checkpoint with its signatures>
"""

import base64
from dataclasses import dataclass

from protocol.checkpoint import CheckpointError, parse_number
from protocol.errors import PeerError
from protocol.merkle import HASH_BYTES, PROOF_LIMIT
from protocol.signed_note import NoteError, NoteSignature, decode_base64, parse_signature

WITNESS_PREFIX = "/witness"
"""Where an audit service is a witness, below its address."""

ADD_CHECKPOINT_PATH = "/add-checkpoint"
REQUEST_LIMIT_BYTES = 64 * 1024
ANSWER_LIMIT_BYTES = 64 * 1024
SIZE_MEDIA_TYPE = "text/x.tlog.size"
"""Of the body of a 409: the size that the witness knows."""


class WitnessRequestMalformed(PeerError):
    """An add-checkpoint that is not written as the protocol says."""

    sentence = "This is no add-checkpoint request: {problem}."


@dataclass(frozen=True)
class AddCheckpoint:
    """`checkpoint_note` with the log's signature, which continues the witness's checkpoint of `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint_note: bytes

    def encode(self) -> bytes:
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.proof)
        return f"old {self.old_size}\n{hashes}\n".encode() + self.checkpoint_note


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Raises WitnessRequestMalformed."""
    if len(body) > REQUEST_LIMIT_BYTES:
        raise WitnessRequestMalformed(problem="it is too long")
    head, separator, note = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
        if not separator or not lines[0].startswith("old "):
            raise WitnessRequestMalformed(problem="it does not begin with the old size")
        old_size = parse_number(lines[0].removeprefix("old "))
        proof = tuple(decode_base64(line) for line in lines[1:])
    except (UnicodeDecodeError, CheckpointError, NoteError):
        raise WitnessRequestMalformed(problem="a line of it is malformed") from None
    if len(proof) > PROOF_LIMIT or any(len(one) != HASH_BYTES for one in proof):
        raise WitnessRequestMalformed(problem="its hashes are malformed")
    return AddCheckpoint(old_size, proof, note)


def parse_signature_lines(body: bytes) -> list[NoteSignature]:
    """The body of a 200. Raises NoteError."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NoteError(problem="it is not UTF-8 text") from None
    if len(body) > ANSWER_LIMIT_BYTES or not text.endswith("\n"):
        raise NoteError(problem="a signature line is malformed")
    return [parse_signature(line) for line in text[:-1].split("\n")]
