"""What the transparency log proves of a recording, judged again from what was kept of its answers.

verified        its opening and its end are in the log, and the log's chain head is the FINAL record's
opened          its opening is; it goes on, or its end has not been asked for yet
closed-early    the session was closed in the log before its last records came, as after a broken connection
not-asked       nobody has had the log's answer yet
no-log          the organisation keeps none
open-missing, close-missing     the log says that it has no such entry
open-differs    its entry is about another manifest, another agent or another session
head-differs    its end is about other records than those that are here
not-proved      a proof does not hold: its path, the log's signature, or the word of a witness
log-contradicts the log is not the one that was seen here before: it was rolled back or forked
"""

from contextlib import suppress
from typing import Literal

from audit.session_files import SessionLogEvidence, SessionOpening
from audit.vault.verify import Outcome
from protocol.errors import ConsentryError
from protocol.log_leaves import CloseLeaf, Leaf, LeafError, OpenLeaf, decode_leaf
from protocol.log_proof import AcceptedCheckpoint, LogPolicy, parse_log_proof, verify_log_proof
from protocol.receipts import ReceiptEntry

LogBadge = Literal[
    "verified", "opened", "closed-early", "not-asked", "no-log",
    "open-missing", "close-missing", "open-differs", "head-differs", "not-proved", "log-contradicts",
]  # fmt: skip
SOUND: frozenset[LogBadge] = frozenset({"verified"})
UNDECIDED: frozenset[LogBadge] = frozenset({"opened", "closed-early", "not-asked", "no-log"})
"""Nothing speaks against it, and not everything is proved. All others are failures."""


def outcome_of_log(badge: LogBadge) -> Outcome:
    """As a check beside those of the recording."""
    return Outcome.OK if badge in SOUND else Outcome.UNCHECKED if badge in UNDECIDED else Outcome.FAILED


def judge_log(
    evidence: SessionLogEvidence | None,
    policy: LogPolicy | None,
    opening: SessionOpening,
    *,
    next_seq: int,
    chain_hash: bytes,
    finished: bool,
) -> LogBadge:
    """`next_seq` and `chain_hash` are how far the recording that is here was proved."""
    if policy is None:
        return "no-log"
    if evidence is None:
        return "not-asked"
    if evidence.refusal:
        return evidence.refusal
    if evidence.opened is None:
        return "open-missing" if "open" in evidence.missing else "not-asked"
    opened = _proved(evidence.opened, policy)
    closed = _proved(evidence.closed, policy) if evidence.closed is not None else None
    if opened is None or (closed is None and evidence.closed is not None):
        return "not-proved"
    ours = OpenLeaf(opened.time_ms, opening.session_id, opening.manifest_commitment, opening.agent_key)
    if opened != ours:
        return "open-differs"
    if closed is None:
        return "close-missing" if finished and "close" in evidence.missing else "opened"
    return _judge_end(closed, opening, next_seq, chain_hash, finished)


def _judge_end(closed: Leaf, opening: SessionOpening, next_seq: int, chain_hash: bytes, finished: bool) -> LogBadge:
    if not isinstance(closed, CloseLeaf) or closed.session_id != opening.session_id or closed.next_seq > next_seq:
        # More in the log than here: records are missing, or on their way.
        is_on_its_way = isinstance(closed, CloseLeaf) and closed.session_id == opening.session_id and not finished
        return "opened" if is_on_its_way else "head-differs"
    if closed.next_seq < next_seq:
        return "closed-early"
    if closed.chain_hash != chain_hash:
        return "head-differs"
    return "verified" if finished else "closed-early"


def accepted_checkpoint(entry: ReceiptEntry, policy: LogPolicy) -> AcceptedCheckpoint | None:
    """The checkpoint that proves an entry, if one of the organisation's logs signed it and the proof holds.

    Who had to vouch was decided when it was asked for; so was which log that was, where one was lost since.
    """
    for key in (policy.log_key, *policy.former_keys):
        with suppress(ConsentryError):
            return verify_log_proof(parse_log_proof(entry.proof), entry.leaf, LogPolicy(key, policy.witness_keys))
    return None


def _proved(entry: ReceiptEntry, policy: LogPolicy) -> Leaf | None:
    if accepted_checkpoint(entry, policy) is None:
        return None
    try:
        return decode_leaf(entry.leaf)
    except LeafError:
        return None
