"""What a receipt proves: golden files that hold for ever, and every way in which one could lie."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from protocol.log_leaves import CloseLeaf, encode_leaf
from protocol.profile import ProfileLog, sign_profile
from protocol.receipt_verification import judge_receipt, root_fingerprint
from protocol.receipts import (
    Receipt,
    ReceiptEntry,
    ReceiptError,
    ReceiptEvidence,
    open_receipt,
    sign_receipt,
    write_receipt,
)
from protocol.signed_note import NoteKey
from tests.helpers.logs import proof_of
from tests.vectors.make_receipt_vectors import AGENT, CHAIN, FOLDER, ROOT, START_MS, make, profile

GOLDEN = {
    "0.2.0-proved": "proved",
    "0.2.0-proved-zh-CN": "proved",
    "0.2.0-without-witness": "proved",
    "0.2.0-not-closed": "not-closed",
    "0.2.0-closed-early": "not-closed",
    "0.2.0-taken-over": "proved",
    "0.1.0-before-the-log": "unlogged",
}
RECEIPT = make()


def evidence_of(receipt: Receipt) -> ReceiptEvidence:
    assert receipt.evidence is not None
    return receipt.evidence


@pytest.mark.parametrize(("name", "verdict"), GOLDEN.items())
def test_golden_receipts_verify_for_ever(name: str, verdict: str) -> None:
    """What some version wrote, every later one reads, and says the same of it."""
    receipt = open_receipt((FOLDER / f"{name}.json").read_bytes())
    judgement = judge_receipt(receipt)
    assert judgement.verdict == verdict
    assert not [check for check in judgement.checks if check.outcome == "failed"]


def test_all_golden_receipts_are_judged() -> None:
    """None is forgotten."""
    assert {path.stem for path in Path(FOLDER).glob("*.json")} == set(GOLDEN)


def test_a_witness_is_named() -> None:
    """And where there was none, that is said."""
    checks = {check.name: check for check in judge_receipt(RECEIPT).checks}
    assert checks["witness"].fields == {"witnesses": "witness.example.org"}
    lonely = {check.name: check.outcome for check in judge_receipt(make(witnessed=False)).checks}
    assert (lonely["opened"], lonely["witness"]) == ("ok", "open")


def resigned(**changes: object) -> Receipt:
    return sign_receipt(structs.replace(RECEIPT, **changes), AGENT)


def with_evidence(**changes: object) -> Receipt:
    return structs.replace(RECEIPT, evidence=structs.replace(evidence_of(RECEIPT), **changes))


def of_another_organisation() -> Receipt:
    stranger = Ed25519PrivateKey.generate()
    return with_evidence(profile=sign_profile(profile(witnessed=True), stranger).decode())


def of_another_log() -> Receipt:
    other = ProfileLog(NoteKey("help.example.org/log", b"k" * 32).vkey)
    return with_evidence(profile=sign_profile(structs.replace(profile(witnessed=True), log=other), ROOT).decode())


def without_its_witness() -> Receipt:
    return with_evidence(opened=evidence_of(make(witnessed=False)).opened)


def with_a_close_of(next_seq: int, chain: bytes = CHAIN) -> Receipt:
    leaf = encode_leaf(CloseLeaf(1, RECEIPT.session_id, next_seq, chain, "lost"))
    return with_evidence(closed=ReceiptEntry(leaf, proof_of(0, [leaf]).encode()))


LIES: list[tuple[Callable[[], Receipt], str]] = [
    (lambda: resigned(reason="something else"), "consent"),
    (lambda: resigned(consent_text="everything"), "consent"),
    (lambda: resigned(scopes=()), "consent"),
    (lambda: resigned(engineers=()), "consent"),
    (lambda: resigned(started_at_ms=START_MS - 1), "consent"),
    (lambda: resigned(organisation="Other Help"), "consent"),
    (of_another_organisation, "profile"),
    (lambda: resigned(root_key=b"r" * 32), "profile"),
    (lambda: with_evidence(profile="nothing"), "profile"),
    (of_another_log, "opened"),
    (without_its_witness, "opened"),
    (lambda: with_evidence(opened=evidence_of(RECEIPT).closed), "opened"),
    (lambda: resigned(manifest_salt=b"x" * 32), "opened"),
    (lambda: with_evidence(closed=evidence_of(RECEIPT).opened), "closed"),
    (lambda: with_a_close_of(6), "closed"),
    (lambda: with_a_close_of(5, b"x" * 32), "closed"),
    (lambda: resigned(record_count=3), "closed"),
    (lambda: resigned(chain_hash=b"x" * 32), "closed"),
]


@pytest.mark.parametrize(("lie", "name"), LIES, ids=[str(number) for number in range(len(LIES))])
def test_each_lie_is_found_where_it_is(lie: Callable[[], Receipt], name: str) -> None:
    """Also one that the session's own key signed: an agent cannot make the log say what it does not."""
    judgement = judge_receipt(open_receipt(json.dumps(_as_json(lie()))))
    assert judgement.verdict == "false"
    assert name in {check.name for check in judgement.checks if check.outcome == "failed"}


def test_a_certificate_of_another_authority_is_found() -> None:
    """The root says which authority vouches for engineers."""
    other = structs.replace(profile(witnessed=True), engineer_ca_key=b"k" * 32)
    judgement = judge_receipt(with_evidence(profile=sign_profile(other, ROOT).decode()))
    assert {check.name for check in judgement.checks if check.outcome == "failed"} == {"engineer"}


def test_the_signature_does_not_depend_on_the_evidence() -> None:
    """It could be added later; taking it away leaves a signed receipt that proves less, and says so."""
    bare = structs.replace(RECEIPT, evidence=None)
    assert judge_receipt(open_receipt(json.dumps(_as_json(bare)))).verdict == "unlogged"


@settings(max_examples=60)
@given(st.data())
def test_no_byte_can_be_flipped_and_still_be_proved(data: st.DataObject) -> None:
    """Anywhere in the file: it does not open, or does not hold, or means the same."""
    text = bytearray(json.dumps(_as_json(RECEIPT)).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 127))
    try:
        receipt = open_receipt(bytes(text))
    except ReceiptError:
        return
    assert receipt == RECEIPT or judge_receipt(receipt).verdict == "false"


def test_a_fingerprint_can_be_read_aloud() -> None:
    """Eight groups of four digits."""
    assert root_fingerprint(bytes(32)) == "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20"


def _as_json(receipt: Receipt) -> object:
    return json.loads(write_receipt(receipt))
