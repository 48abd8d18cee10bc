"""What an engineer keeps of a session, and every way in which it could lie."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from protocol.engineer_receipts import (
    EngineerReceipt,
    open_any_receipt,
    open_engineer_receipt,
)
from protocol.errors import ConsentryError
from protocol.log_leaves import CloseLeaf, encode_leaf
from protocol.receipt_verification import judge_engineer_receipt
from protocol.receipts import RECEIPT_LIMIT_BYTES, Receipt, ReceiptEntry, ReceiptError, ReceiptEvidence, write_receipt
from tests.helpers.logs import proof_of
from tests.vectors.make_receipt_vectors import START_MS, make, manifest

CUSTOMERS = make()


def evidence_of(receipt: Receipt) -> ReceiptEvidence:
    assert receipt.evidence is not None
    return receipt.evidence


RECEIPT = EngineerReceipt(
    organisation=CUSTOMERS.organisation,
    root_key=CUSTOMERS.root_key,
    broker_origin=CUSTOMERS.broker_origin,
    session_id=CUSTOMERS.session_id,
    agent_key=CUSTOMERS.agent_key,
    certificate=manifest("en").engineer.certificate,
    host_label="till-3",
    reason="The printer is silent",
    ticket="T-1",
    scopes=CUSTOMERS.scopes,
    opened_at_ms=START_MS,
    evidence=evidence_of(CUSTOMERS),
)


def test_it_proves_who_was_there_from_beginning_to_end() -> None:
    """Written, read and judged: by certificate, profile, log and witness, without anybody's signature on the file."""
    receipt = open_any_receipt(write_receipt(RECEIPT))
    assert receipt == RECEIPT
    judgement = judge_engineer_receipt(RECEIPT)
    assert judgement.verdict == "proved"
    assert [(check.name, check.outcome) for check in judgement.checks] == [
        ("profile", "ok"), ("engineer", "ok"), ("opened", "ok"), ("witness", "ok"), ("closed", "ok")
    ]  # fmt: skip
    certified = judgement.checks[1].fields
    assert (certified["name"], certified["staff_number"], certified["ca_kind"]) == ("Wei Example", "E-17", "present")


def test_the_customers_is_still_the_customers() -> None:
    """Both kinds of file are told apart by what they say."""
    assert open_any_receipt(write_receipt(CUSTOMERS)) == CUSTOMERS


def test_before_the_end_is_proved_it_says_so() -> None:
    """As it is begun: the log's word on the beginning alone."""
    begun = with_evidence(closed=None)
    assert judge_engineer_receipt(begun).verdict == "not-closed"


def with_evidence(**changes: object) -> EngineerReceipt:
    return structs.replace(RECEIPT, evidence=structs.replace(RECEIPT.evidence, **changes))


def closed_of_another() -> EngineerReceipt:
    leaf = encode_leaf(CloseLeaf(1, b"x" * 16, 5, bytes(32), "lost"))
    return with_evidence(closed=ReceiptEntry(leaf, proof_of(0, [leaf]).encode()))


LIES: list[tuple[Callable[[], EngineerReceipt], str]] = [
    (lambda: structs.replace(RECEIPT, organisation="Other Help"), "profile"),
    (lambda: structs.replace(RECEIPT, root_key=b"r" * 32), "profile"),
    (lambda: structs.replace(RECEIPT, certificate=b"none"), "engineer"),
    (lambda: structs.replace(RECEIPT, opened_at_ms=START_MS + 24 * 3600_000), "engineer"),
    (lambda: structs.replace(RECEIPT, session_id=b"x" * 16), "opened"),
    (lambda: structs.replace(RECEIPT, agent_key=b"x" * 32), "opened"),
    (lambda: with_evidence(opened=RECEIPT.evidence.closed), "opened"),
    (lambda: with_evidence(closed=RECEIPT.evidence.opened), "closed"),
    (closed_of_another, "closed"),
]


@pytest.mark.parametrize(("lie", "name"), LIES, ids=[str(number) for number in range(len(LIES))])
def test_each_lie_is_found_where_it_is(lie: Callable[[], EngineerReceipt], name: str) -> None:
    """An engineer cannot make the log, or the organisation, say what they do not."""
    judgement = judge_engineer_receipt(open_engineer_receipt(write_receipt(lie())))
    assert judgement.verdict == "false"
    assert name in {check.name for check in judgement.checks if check.outcome == "failed"}


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_only_one_error_comes_of_other_files(text: bytes) -> None:
    """Whatever somebody calls a receipt."""
    with pytest.raises(ReceiptError):
        open_any_receipt(text)


@pytest.mark.parametrize("text", ['{"kind": "engineer"}', '{"kind": 7}', "[]", " " * (RECEIPT_LIMIT_BYTES + 1)])
def test_what_is_no_receipt_is_refused(text: str) -> None:
    """Also what claims to be one, and what is too long to be one."""
    with pytest.raises(ConsentryError, match="cannot be relied on"):
        open_any_receipt(text)
