"""The engineer's receipt: what they were allowed, and the log's word that the session was there, and how it ended.

The manifest and the list of files are between the customer and the auditors, so this is a smaller document than the
customer's. Nobody signs it: what counts in it are the organisation's certificate, its signed profile and the log's
proofs, which prove themselves. The rest (reason, scopes, the machine's name) is what the engineer wrote down, and
`consentry verify` says so.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from protocol.grants import Scope
from protocol.messages.fields import Bytes16, Bytes32, UnixMs
from protocol.receipts import Receipt, ReceiptEvidence, decode_receipt, open_receipt


class EngineerReceipt(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`certificate` is the engineer's own (DER, X.509), `opened_at_ms` Unix milliseconds on the engineer's clock."""

    kind: Literal["engineer"] = "engineer"
    version: Literal[1] = 1
    organisation: str
    root_key: Bytes32
    broker_origin: str
    session_id: Bytes16
    agent_key: Bytes32
    certificate: Annotated[bytes, Meta(max_length=16 * 1024)]
    host_label: str
    reason: str
    ticket: str
    scopes: tuple[Scope, ...]
    opened_at_ms: UnixMs
    evidence: ReceiptEvidence


class _Kind(Struct, frozen=True):
    """A document of any kind; the customer's has no such field."""

    kind: str = ""


_decoder = msgspec.json.Decoder(EngineerReceipt)
_kind_decoder = msgspec.json.Decoder(_Kind)


def open_engineer_receipt(text: str | bytes) -> EngineerReceipt:
    """Reads it; what it proves is for receipt_verification.py. Raises ReceiptError."""
    return decode_receipt(text, _decoder)


def open_any_receipt(text: str | bytes) -> Receipt | EngineerReceipt:
    """Whosever it is. Raises ReceiptError."""
    is_engineers = decode_receipt(text, _kind_decoder).kind == "engineer"
    return open_engineer_receipt(text) if is_engineers else open_receipt(text)
