"""The customer's receipt: readable, and verifiable with nothing but itself."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, structs

from protocol.events import Manifest, Participant, encode_manifest
from protocol.grants import Scope
from protocol.receipts import (
    Receipt,
    ReceiptEngineer,
    ReceiptError,
    ReceiptFile,
    ReceiptTakeOver,
    open_receipt,
    receipt_bytes,
    sign_receipt,
    write_receipt,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()

MANIFEST = Manifest(
    version=1,
    organisation="Example Help",
    broker_origin="https://help.example.org",
    session_id=b"s" * 16,
    agent_key=PUBLIC,
    ssh_host_keys=(b"one", b"two"),
    engineer=Participant("Engineer One", "E-17", b"certificate", "ssh"),
    reason="The printer is silent",
    ticket="T-1",
    scopes=(Scope.SHELL,),
    expires_at_ms=2,
    folders=("/srv",),
    consent_text="Allow?",
    language="en",
    output_policy="bounded",
    host_label="desk",
    user_name="li",
    started_at_ms=1,
    clock_offset_ms=0,
)
UNSIGNED = Receipt(
    organisation="Example Help",
    root_key=b"r" * 32,
    broker_origin="https://help.example.org",
    session_id=b"s" * 16,
    agent_key=PUBLIC,
    engineers=(ReceiptEngineer("Engineer One", "E-17"),),
    reason='The "printer" is silent\n',
    ticket="T-1",
    scopes=(Scope.SHELL, Scope.VIEW),
    consent_text="允许？",
    language="zh-CN",
    started_at_ms=1,
    ended_at_ms=2,
    end_reason="engineer-ended",
    files=(ReceiptFile("/srv/\u001b[2J", "read", 5, hashlib.sha256(b"hello").digest()),),
    record_count=3,
    chain_hash=b"c" * 32,
    take_overs=(ReceiptTakeOver(ReceiptEngineer("Engineer Two", "E-18"), ReceiptEngineer("Engineer One", "E-17"), 2),),
    manifest_salt=b"m" * 32,
    manifest=encode_manifest(MANIFEST),
)
RECEIPT = sign_receipt(UNSIGNED, KEY)


def test_a_written_receipt_opens() -> None:
    """Every field comes back, from text or bytes."""
    text = write_receipt(RECEIPT)
    assert open_receipt(text) == open_receipt(text.encode()) == RECEIPT


def test_a_session_without_a_take_over_says_nothing_of_it() -> None:
    """Its receipt is, byte for byte, one of before there were any: older programs read it, and older ones verify."""
    receipt = sign_receipt(structs.replace(UNSIGNED, take_overs=UNSET), KEY)
    text = write_receipt(receipt)
    assert "take_overs" not in text
    assert b"take_overs" not in receipt_bytes(receipt)
    assert open_receipt(text) == receipt


def test_another_program_can_verify_it() -> None:
    """Canonical JSON by Python's own `json`, the signature by the key in the file: as the documentation says."""
    read = json.loads(write_receipt(RECEIPT))
    signature = base64.b64decode(read.pop("signature"))
    del read["evidence"]  # it proves itself
    del read["rating_link"]
    canonical = json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    KEY.public_key().verify(signature, b"consentry/receipt/v1\0" + canonical)
    assert receipt_bytes(RECEIPT) == b"consentry/receipt/v1\0" + canonical


def test_layout_of_the_file_does_not_matter() -> None:
    """Somebody who opens it in an editor and saves it with other spaces has not broken it."""
    assert open_receipt(json.dumps(json.loads(write_receipt(RECEIPT)), indent=8)) == RECEIPT


UNSIGNED_FIELDS = {"version", "rating_link"}
"""Another version is none that we read; the link may be cut out before the receipt is handed on."""


@pytest.mark.parametrize(
    "field", [field.name for field in structs.fields(Receipt) if field.name not in UNSIGNED_FIELDS]
)
def test_every_field_is_signed(field: str) -> None:
    """Whatever is changed, the receipt says that it was."""
    old = getattr(RECEIPT, field)
    new: object
    match old:
        case bytes():
            new = bytes([old[0] ^ 1]) + old[1:]
        case int():
            new = old + 1
        case tuple():
            new = ()
        case _:
            new = {"language": "en", "end_reason": "lost"}.get(field, f"{old}!")
    with pytest.raises(ReceiptError):
        open_receipt(write_receipt(structs.replace(RECEIPT, **{field: new})))


def test_the_commitment_is_the_recording_s() -> None:
    """SHA-256(salt ‖ manifest)."""
    assert RECEIPT.manifest_commitment == hashlib.sha256(b"m" * 32 + encode_manifest(MANIFEST)).digest()


def test_a_manifest_of_another_session_is_refused() -> None:
    """A receipt cannot show somebody else's manifest under its own signature."""
    foreign = encode_manifest(structs.replace(MANIFEST, session_id=b"x" * 16))
    with pytest.raises(ReceiptError, match="another session"):
        open_receipt(write_receipt(sign_receipt(structs.replace(UNSIGNED, manifest=foreign), KEY)))
    with pytest.raises(ReceiptError, match="manifest"):
        open_receipt(write_receipt(sign_receipt(structs.replace(UNSIGNED, manifest=b"\xc1"), KEY)))


def test_signing_needs_the_session_s_key() -> None:
    """Nobody signs for another session by accident."""
    with pytest.raises(ReceiptError):
        sign_receipt(UNSIGNED, Ed25519PrivateKey.generate())


def test_an_unsigned_receipt_is_none() -> None:
    """No signature, or one of another length."""
    with pytest.raises(ReceiptError):
        open_receipt(write_receipt(UNSIGNED))


@given(st.one_of(st.binary(max_size=60), st.just(b"{}"), st.just(b"[" * 2000)))
def test_any_bytes_are_a_receipt_error(data: bytes) -> None:
    """Nothing makes the reader fail in another way."""
    with pytest.raises(ReceiptError):
        open_receipt(data)


def test_unknown_fields_and_versions_are_refused() -> None:
    """A later receipt is for a later program, not to be half read."""
    for change in ({"version": 2}, {"extra": 1}):
        with pytest.raises(ReceiptError):
            open_receipt(json.dumps(json.loads(write_receipt(RECEIPT)) | change))
