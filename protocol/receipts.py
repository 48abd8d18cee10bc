"""The customer's receipt: who was here, why, what they did and until when, signed by the session's key.

One JSON file that a person can read and a program can verify. The signature is over the receipt without its
`signature`, `evidence` and `rating_link`, in canonical JSON (RFC 8785: keys sorted, no white space, UTF-8; the receipt
has no fractions), behind a label. Bytes are standard base64. The signature proves that nothing was changed since the
session's own key signed it.

`evidence` says that the organisation recorded the same session: its signed profile, and the log's proofs of the
session's two entries. Each of them proves itself, so they stand outside of the signature, and could be added later.
receipt_verification.py judges all of it.
"""

import hashlib
from typing import Annotated, Literal, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from protocol.decoding import UNREADABLE
from protocol.details import Detail
from protocol.errors import IntegrityError
from protocol.events import decode_manifest
from protocol.grants import Scope
from protocol.messages.fields import Bytes16, Bytes32, EndReason, UnixMs

T = TypeVar("T")

RECEIPT_LABEL = b"consentry/receipt/v1\0"
RECEIPT_LIMIT_BYTES = 16 * 1024 * 1024
"""Far above a session with 8 hours of file copies; a larger file was not written by an agent."""

SIGNATURE_BYTES = 64


class ReceiptError(IntegrityError):
    """A receipt that was changed, or is none."""

    sentence = "This receipt cannot be relied on: {problem}."


class ReceiptEngineer(Struct, frozen=True, forbid_unknown_fields=True):
    """Name and staff number, as certified."""

    name: str
    staff_number: str


class ReceiptTakeOver(Struct, frozen=True, forbid_unknown_fields=True):
    """`by` took over from `leaver` with the customer's yes, at this Unix time in milliseconds."""

    by: ReceiptEngineer
    leaver: ReceiptEngineer
    at_ms: UnixMs


class ReceiptFile(Struct, frozen=True, forbid_unknown_fields=True):
    """One file operation's total. `sha256` is empty where no bytes were moved."""

    path: str
    action: str
    byte_count: Annotated[int, Meta(ge=0, le=2**53)]
    sha256: Annotated[bytes, Meta(max_length=32)]


class ReceiptEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the log (log_leaves.py), and its proof as text (log_proof.py)."""

    leaf: Annotated[bytes, Meta(max_length=256)]
    proof: Annotated[str, Meta(max_length=64 * 1024)]


class ReceiptEvidence(Struct, frozen=True, forbid_unknown_fields=True):
    """`profile` is the note that the organisation's root signed: which log, whose certificates. `closed` is None where
    the log could not be asked any more when the receipt was written."""

    profile: Annotated[str, Meta(max_length=256 * 1024)]
    opened: ReceiptEntry
    closed: ReceiptEntry | None


class Receipt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Times are Unix milliseconds on the customer's clock. `chain_hash` is the hash of the recording's last record.

    `manifest_salt` and `manifest` open the commitment that the recording, and later the log, begin with.
    `scopes` is everything that was ever granted in the session. `evidence` None: from before there was a log.
    """

    version: Literal[1] = 1
    organisation: str
    root_key: Bytes32
    broker_origin: str
    session_id: Bytes16
    agent_key: Bytes32
    engineers: tuple[ReceiptEngineer, ...]
    reason: str
    ticket: str
    scopes: tuple[Scope, ...]
    consent_text: str
    language: str
    started_at_ms: UnixMs
    ended_at_ms: UnixMs
    end_reason: EndReason
    files: tuple[ReceiptFile, ...]
    record_count: Annotated[int, Meta(ge=0, le=2**53)]
    chain_hash: Bytes32
    take_overs: tuple[ReceiptTakeOver, ...] | UnsetType = UNSET
    """In their order; not in the file where there were none, so that readers from before know it."""
    manifest_salt: Bytes32
    manifest: bytes
    signature: Annotated[bytes, Meta(max_length=SIGNATURE_BYTES)] = b""
    evidence: ReceiptEvidence | None = None
    rating_link: Annotated[str, Meta(max_length=1000)] = ""
    """Lets its holder change the rating for 72 hours (`rating_links.py`); not signed, so that it may be cut out."""

    @property
    def manifest_commitment(self) -> bytes:
        """SHA-256(salt ‖ manifest), as the recording's genesis and the broker know it."""
        return hashlib.sha256(self.manifest_salt + self.manifest).digest()


_decoder = msgspec.json.Decoder(Receipt)


def receipt_bytes(receipt: Receipt) -> bytes:
    """What the signature covers."""
    fields = {name: value for name, value in structs.asdict(receipt).items() if value is not UNSET}
    del fields["signature"], fields["evidence"], fields["rating_link"]
    return RECEIPT_LABEL + msgspec.json.encode(fields, order="sorted")


def sign_receipt(receipt: Receipt, agent_key: Ed25519PrivateKey) -> Receipt:
    """The receipt with its signature. Raises ReceiptError if `agent_key` is not the key that the receipt names."""
    if agent_key.public_key().public_bytes_raw() != receipt.agent_key:
        raise ReceiptError(problem="it names another session key than the one that signs it")
    return structs.replace(receipt, signature=agent_key.sign(receipt_bytes(receipt)))


def write_receipt(receipt: Struct) -> str:
    """The text of the file, whosever it is, indented for people."""
    return msgspec.json.format(msgspec.json.encode(receipt), indent=2).decode() + "\n"


def decode_receipt(text: str | bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Reads a file of limited size, and judges nothing. Raises ReceiptError."""
    if len(text) > RECEIPT_LIMIT_BYTES:
        raise ReceiptError(problem="it is too long")
    try:
        return decoder.decode(text)
    except UNREADABLE as error:
        raise ReceiptError(problem=Detail("it cannot be read ({error})", error=error)) from None


def open_receipt(text: str | bytes) -> Receipt:
    """Verifies and reads a receipt. Raises ReceiptError."""
    receipt = decode_receipt(text, _decoder)
    try:
        Ed25519PublicKey.from_public_bytes(receipt.agent_key).verify(receipt.signature, receipt_bytes(receipt))
    except (InvalidSignature, ValueError):
        raise ReceiptError(problem="it was changed after it was signed") from None
    try:
        manifest = decode_manifest(receipt.manifest)
    except IntegrityError as error:
        raise ReceiptError(**error.fields) from None
    if (manifest.session_id, manifest.agent_key) != (receipt.session_id, receipt.agent_key):
        raise ReceiptError(problem="its manifest is of another session")
    return receipt
