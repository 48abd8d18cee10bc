"""What a receipt proves, and to whom: judged with nothing but the file.

    signature   the session's own key signed it                          `open_receipt`, before anything else
    profile     the organisation's root signed which log it keeps         whoever knows the root's fingerprint compares
    engineer    the organisation's certificate names the engineer
    consent     the manifest, which was committed to beforehand, says the same as the receipt
    opened      the log has the session's `open` entry, about this manifest and this session key
    witness     a witness that the profile names vouched for that log
    closed      the log has its `close` entry, about the records of this receipt

An engineer's receipt (engineer_receipts.py) has no signature and no manifest: the rest of the list is judged alike.

A check is `ok`, `failed`, or `open`: nothing speaks against it, and nothing proves it.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from protocol.calendar_time import time_text
from protocol.certificates import FOR_EVER_MS, EngineerCa, EngineerCertificate, read_certificate_of
from protocol.engineer_receipts import EngineerReceipt
from protocol.errors import ConsentryError, IntegrityError
from protocol.events import Manifest, decode_manifest
from protocol.log_leaves import CloseLeaf, LeafError, OpenLeaf, decode_leaf
from protocol.log_proof import AcceptedCheckpoint, LogPolicy, LogProofError, parse_log_proof, verify_log_proof
from protocol.profile import Profile, ProfileError, open_profile
from protocol.receipts import Receipt, ReceiptEntry, ReceiptError, ReceiptEvidence

CheckName = Literal["signature", "profile", "engineer", "consent", "opened", "witness", "closed"]
Outcome = Literal["ok", "failed", "open"]

Verdict = Literal["proved", "not-closed", "unlogged", "false"]
"""Everything holds; all but the end is proved; it is signed, and no log says so; something is not true."""

FINGERPRINT_BYTES = 16


@dataclass(frozen=True)
class ReceiptCheck:
    """`fields` fill the sentence that is said about it; `problem` is why it failed."""

    name: CheckName
    outcome: Outcome
    fields: dict[str, object] = field(default_factory=dict)
    problem: ConsentryError | None = None


@dataclass(frozen=True)
class ReceiptJudgement:
    """What each check came to."""

    checks: tuple[ReceiptCheck, ...]

    @property
    def verdict(self) -> Verdict:
        outcomes = {check.name: check.outcome for check in self.checks}
        if "failed" in outcomes.values():
            return "false"
        if outcomes.get("opened") != "ok":
            return "unlogged"
        return "proved" if outcomes.get("closed") == "ok" else "not-closed"


def root_fingerprint(root_key: bytes) -> str:
    """Of an organisation's root key, to be compared by eye: 32 hexadecimal digits of its SHA-256, in fours."""
    digits = hashlib.sha256(root_key).digest()[:FINGERPRINT_BYTES].hex()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def ca_facts(ca: EngineerCa) -> dict[str, str]:
    """Which engineer CA it was: its fingerprint, whether one of before, and until when that one counts."""
    fingerprint = root_fingerprint(ca.public_key)
    if ca.until_ms == FOR_EVER_MS:
        return {"ca": fingerprint, "ca_kind": "present", "ca_until": ""}
    return {"ca": fingerprint, "ca_kind": "former", "ca_until": time_text(ca.until_ms)}


def judge_receipt(receipt: Receipt) -> ReceiptJudgement:
    """Of a receipt that `open_receipt` took. Raises nothing: what does not hold is in the checks."""
    return ReceiptJudgement(tuple(_checks(receipt)))


def judge_engineer_receipt(receipt: EngineerReceipt) -> ReceiptJudgement:
    """Of one that `open_engineer_receipt` took. Raises nothing: what does not hold is in the checks."""
    return ReceiptJudgement(tuple(_engineer_checks(receipt)))


def _engineer_checks(receipt: EngineerReceipt) -> Iterator[ReceiptCheck]:
    evidence = receipt.evidence
    check, named = _profile(receipt, evidence)
    yield check
    if named is None:
        return
    profile, policy = named
    try:
        certificate, ca = read_certificate_of(receipt.certificate, profile.engineer_cas, receipt.opened_at_ms)
        yield _engineer_named(certificate, ca)
    except ConsentryError as error:
        yield ReceiptCheck("engineer", "failed", problem=error)
    ours = (receipt.session_id, receipt.agent_key)
    yield from _opened(evidence.opened, policy, lambda leaf: (leaf.session_id, leaf.agent_key) == ours)
    yield _closed_somehow(receipt, evidence.closed, policy)


def _closed_somehow(receipt: EngineerReceipt, entry: ReceiptEntry | None, policy: LogPolicy) -> ReceiptCheck:
    """The engineer does not know the recording: how many records it had is the log's word."""
    if entry is None:
        return ReceiptCheck("closed", "open", {"logged": 0, "records": 0})
    try:
        leaf = _close_leaf(entry, receipt.session_id)
        _, place = _verify(entry, policy)
    except ConsentryError as error:
        return ReceiptCheck("closed", "failed", problem=error)
    return ReceiptCheck("closed", "ok", {"place": place, "time_ms": leaf.time_ms, "records": leaf.next_seq})


def _checks(receipt: Receipt) -> Iterator[ReceiptCheck]:
    yield ReceiptCheck("signature", "ok")
    manifest = decode_manifest(receipt.manifest)
    yield _consent(receipt, manifest)
    evidence = receipt.evidence
    if evidence is None:
        yield ReceiptCheck("opened", "open")
        return
    check, named = _profile(receipt, evidence)
    yield check
    if named is None:
        return
    profile, policy = named
    yield _engineer(manifest, profile)
    ours = (receipt.session_id, receipt.manifest_commitment, receipt.agent_key)
    yield from _opened(
        evidence.opened, policy, lambda leaf: (leaf.session_id, leaf.manifest_commitment, leaf.agent_key) == ours
    )
    yield _closed(receipt, evidence.closed, policy)


def _consent(receipt: Receipt, manifest: Manifest) -> ReceiptCheck:
    same = (
        (receipt.organisation, manifest.organisation),
        (receipt.broker_origin, manifest.broker_origin),
        (receipt.reason, manifest.reason),
        (receipt.ticket, manifest.ticket),
        (receipt.consent_text, manifest.consent_text),
        (receipt.language, manifest.language),
        (receipt.started_at_ms, manifest.started_at_ms),
        (receipt.engineers[0].name if receipt.engineers else "", manifest.engineer.name),
    )
    if any(one != other for one, other in same) or not set(manifest.scopes) <= set(receipt.scopes):
        return ReceiptCheck("consent", "failed", problem=ReceiptError(problem="it is not what was agreed to"))
    return ReceiptCheck("consent", "ok")


def _profile(
    receipt: Receipt | EngineerReceipt, evidence: ReceiptEvidence
) -> tuple[ReceiptCheck, tuple[Profile, LogPolicy] | None]:
    """Everything that follows leans on it: without, there is nothing more to check."""
    try:
        profile = open_profile(evidence.profile.encode("utf-8", "surrogatepass"), receipt.root_key)
        if profile.log is None:
            raise ProfileError(problem="it names no log")
        if profile.organisation != receipt.organisation:
            raise ProfileError(problem="it is another organisation's")
    except IntegrityError as error:
        return ReceiptCheck("profile", "failed", problem=error), None
    policy = profile.log.policy
    facts = {"organisation": profile.organisation, "log": policy.log_key.name, "version": profile.version}
    return ReceiptCheck("profile", "ok", facts), (profile, policy)


def _engineer(manifest: Manifest, profile: Profile) -> ReceiptCheck:
    who = manifest.engineer
    try:
        certificate, ca = read_certificate_of(who.certificate, profile.engineer_cas, manifest.started_at_ms)
    except ConsentryError as error:
        return ReceiptCheck("engineer", "failed", problem=error)
    if (certificate.name, certificate.staff_number) != (who.name, who.staff_number):
        return ReceiptCheck("engineer", "failed", problem=ReceiptError(problem="the certificate names somebody else"))
    return _engineer_named(certificate, ca)


def _engineer_named(certificate: EngineerCertificate, ca: EngineerCa) -> ReceiptCheck:
    facts = {"name": certificate.name, "staff_number": certificate.staff_number}
    return ReceiptCheck("engineer", "ok", {**facts, **ca_facts(ca)})


def _opened(entry: ReceiptEntry, policy: LogPolicy, is_ours: Callable[[OpenLeaf], bool]) -> Iterator[ReceiptCheck]:
    try:
        leaf = decode_leaf(entry.leaf)
        if not isinstance(leaf, OpenLeaf) or not is_ours(leaf):
            raise LeafError(problem="it is about another session")
        accepted, place = _verify(entry, policy)
    except ConsentryError as error:
        yield ReceiptCheck("opened", "failed", problem=error)
        return
    yield ReceiptCheck("opened", "ok", {"place": place, "time_ms": leaf.time_ms})
    names = ", ".join(one.witness for one in accepted.cosigned)
    yield ReceiptCheck("witness", "ok" if names else "open", {"witnesses": names} if names else {})


def _closed(receipt: Receipt, entry: ReceiptEntry | None, policy: LogPolicy) -> ReceiptCheck:
    if entry is None:
        return ReceiptCheck("closed", "open", {"logged": 0, "records": receipt.record_count})
    try:
        leaf = _close_leaf(entry, receipt.session_id)
        is_complete = leaf.next_seq == receipt.record_count
        if leaf.next_seq > receipt.record_count or (is_complete and leaf.chain_hash != receipt.chain_hash):
            raise LogProofError(problem="the log closed the session with other records than these")
        _, place = _verify(entry, policy)
    except ConsentryError as error:
        return ReceiptCheck("closed", "failed", problem=error)
    if not is_complete:
        return ReceiptCheck("closed", "open", {"logged": leaf.next_seq, "records": receipt.record_count})
    return ReceiptCheck("closed", "ok", {"place": place, "time_ms": leaf.time_ms, "records": receipt.record_count})


def _close_leaf(entry: ReceiptEntry, session_id: bytes) -> CloseLeaf:
    leaf = decode_leaf(entry.leaf)
    if not isinstance(leaf, CloseLeaf) or leaf.session_id != session_id:
        raise LeafError(problem="it is about another session")
    return leaf


def _verify(entry: ReceiptEntry, policy: LogPolicy) -> tuple[AcceptedCheckpoint, int]:
    proof = parse_log_proof(entry.proof)
    return verify_log_proof(proof, entry.leaf, policy), proof.index
