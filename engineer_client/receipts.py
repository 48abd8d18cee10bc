"""The engineer's receipts: one file per session, begun when access is granted, completed when the log has its end.

They outlive the session's own files, hold no key, and are kept in `<state>/receipts/`. A broker that is away when a
session ends costs nothing: the next `consentry receipts` asks again.
"""

import contextlib
import http
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from engineer_client.log_check import demand_close_proof
from engineer_client.session_files import SessionFacts
from engineer_client.state import State, write_private
from protocol.engineer_receipts import EngineerReceipt, open_engineer_receipt
from protocol.errors import IntegrityError, UnavailableError
from protocol.messages.agent import ProofReady
from protocol.profile import Profile
from protocol.receipt_verification import Verdict, judge_engineer_receipt
from protocol.receipts import ReceiptEntry, ReceiptEvidence, write_receipt
from tunnel.json_api import JsonApi, ServerRefused


@dataclass(frozen=True)
class KeptReceipt:
    """A receipt and the file that it is in."""

    path: Path
    receipt: EngineerReceipt

    @property
    def is_closed(self) -> bool:
        return self.receipt.evidence.closed is not None

    @property
    def verdict(self) -> Verdict:
        return judge_engineer_receipt(self.receipt).verdict


def begin_receipt(
    state: State,
    facts: SessionFacts,
    *,
    profile: Profile,
    profile_note: bytes,
    root_key: bytes,
    agent_key: bytes,
    certificate: bytes,
    opened: ProofReady,
) -> Path:
    """Writes what there is at the beginning. Raises OSError."""
    receipt = EngineerReceipt(
        organisation=profile.organisation,
        root_key=root_key,
        broker_origin=profile.broker_origin,
        session_id=bytes.fromhex(facts.session_id),
        agent_key=agent_key,
        certificate=certificate,
        host_label=facts.host_label,
        reason=facts.reason,
        ticket=facts.ticket,
        scopes=facts.scopes,
        opened_at_ms=facts.started_at_ms,
        evidence=ReceiptEvidence(profile_note.decode(), ReceiptEntry(opened.leaf, opened.proof), None),
    )
    path = _folder(state) / f"receipt-{facts.session_id[:12]}.json"
    write_private(path, write_receipt(receipt).encode())
    return path


def kept_receipts(state: State) -> list[KeptReceipt]:
    """Newest first. A file that is none of ours is passed over."""
    return sorted(_readable(state), key=lambda kept: kept.receipt.opened_at_ms, reverse=True)


def complete_receipts(state: State, profile: Profile, api: JsonApi) -> None:
    """Adds the log's proof of the end wherever it is missing and to be had: from this broker, now.

    A broker that is away is not asked a second time. Raises as `demand_close_proof` otherwise: IntegrityError where
    the log contradicts what this machine has seen of it.
    """
    for kept in kept_receipts(state):
        receipt = kept.receipt
        if kept.is_closed or receipt.broker_origin != profile.broker_origin:
            continue
        try:
            closed = demand_close_proof(state, profile, api, receipt.session_id)
        except ServerRefused as refusal:
            if refusal.fields["status"] == http.HTTPStatus.SERVICE_UNAVAILABLE:
                return  # the log, or its witness, does not answer: it would be waited for again and again
            continue  # it goes on, or has no end that the log knows
        except UnavailableError:
            return
        evidence = structs.replace(receipt.evidence, closed=ReceiptEntry(closed.leaf, closed.proof))
        completed = structs.replace(receipt, evidence=evidence)
        write_private(kept.path, write_receipt(completed).encode())


def _folder(state: State) -> Path:
    return state.folder / "receipts"


def _readable(state: State) -> Iterator[KeptReceipt]:
    for path in _folder(state).glob("receipt-*.json"):
        with contextlib.suppress(OSError, IntegrityError):
            yield KeptReceipt(path, open_engineer_receipt(path.read_bytes()))
