"""The last minute of a session: FINAL record, receipt on the customer's disk, rating."""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog
from msgspec import UNSET, structs

from agent_client.broker_link import BrokerLink
from agent_client.completing import replace_receipt
from agent_client.faces.face import Face
from agent_client.faces.notices import Failed, ReceiptWritten, SessionSummary
from agent_client.host import unix_ms
from agent_client.live import LiveSession, SessionIdentity
from agent_client.log_watch import LogWatch, Proved
from agent_client.participant import Participant
from agent_client.recorder.recorded_session import FinishedRecording
from protocol.details import system_reason
from protocol.errors import UnavailableError
from protocol.events import encode_manifest
from protocol.messages.agent import SessionEnded
from protocol.messages.fields import EndReason
from protocol.rating_links import make_rating_link
from protocol.ratings import sign_rating
from protocol.receipts import (
    Receipt,
    ReceiptEngineer,
    ReceiptEntry,
    ReceiptError,
    ReceiptEvidence,
    ReceiptFile,
    ReceiptTakeOver,
    sign_receipt,
    write_receipt,
)
from protocol.share_url import ShareUrl
from tunnel.tasks import TaskGroupOwner
from tunnel.whole_files import replace_file
from wording import Wording

log = structlog.get_logger(__name__)

RATING_CONFIRMED_WITHIN_SECONDS = 10.0
"""How long the goodbye waits for the broker to have the rating on disk."""

COMPLETED_WITHIN_SECONDS = 3600.0
"""Of somebody who looks at their receipt and rates; nothing waits for it."""

RATING_SEED_BYTES = 32


class ReceiptNotWritten(UnavailableError):
    """The customer's disk did not take it. The recording at the organisation is whole all the same."""

    sentence = "The receipt could not be written to {folder} ({problem}). Ask your support organisation for the record."


@dataclass(frozen=True)
class ClosedSession:
    """Why it ended, and where its receipt is; None where nothing was allowed, or it could not be written."""

    reason: EndReason
    receipt: Path | None
    """None where there was nothing to certify, or no disk to write it to."""


async def close_session(
    reason: EndReason,
    identity: SessionIdentity,
    live: LiveSession,
    participants: list[Participant],
    *,
    face: Face,
    wording: Wording,
    link: BrokerLink,
    rating_kept: asyncio.Event,
    receipts: Path,
    log_watch: LogWatch,
) -> ClosedSession:
    """Called when nothing runs any more. What the broker cannot take now stays in the spool for the next start."""
    finished = await live.recorder.finish(reason)
    link.send(SessionEnded(reason=reason, records=finished.record_count))
    ended_at_ms = unix_ms()
    closed = await log_watch.prove_close(record_count=finished.record_count, chain_hash=finished.chain_head)
    evidence = ReceiptEvidence(
        identity.authorities.note.decode(), _entry(live.opened), _entry(closed) if closed is not None else None
    )
    receipt = _receipt(reason, identity, live, participants, finished, ended_at_ms, evidence)
    receipt = sign_receipt(receipt, identity.signing_key)
    receipt = structs.replace(receipt, rating_link=_rating_link(identity, receipt))
    facts = live.recording.facts
    face.show(
        SessionSummary(
            engineers=tuple(participant.name for participant in participants),
            started_at_ms=live.manifest.started_at_ms,
            ended_at_ms=ended_at_ms,
            reason=reason,
            commands=facts.commands,
            files=tuple(facts.files),
            record_count=finished.record_count,
            delivered=finished.delivered,
        )
    )
    path: Path | None = None
    try:
        path = await asyncio.to_thread(_write, receipts, identity.opened.session_id, receipt)
        face.show(ReceiptWritten(path=str(path)))
    except OSError as error:
        log.warning("receipt_not_written", problem=type(error).__name__)
        failure = ReceiptNotWritten(folder=receipts, problem=system_reason(error))
        face.show(Failed(sentence=wording.say_error(failure)))
    meanwhile = TaskGroupOwner()
    if closed is None and path is not None:
        meanwhile.start(_complete(path, receipt, log_watch, finished), name="complete-receipt")
    await _rate(identity, face, link, rating_kept)
    await meanwhile.aclose()
    return ClosedSession(reason, path)


async def _complete(path: Path, receipt: Receipt, log_watch: LogWatch, finished: FinishedRecording) -> None:
    """The network may come back while the customer is still at the screen. Later, `consentry complete` does it."""
    closed = await log_watch.prove_close(
        record_count=finished.record_count, chain_hash=finished.chain_head, within_seconds=COMPLETED_WITHIN_SECONDS
    )
    if closed is None or receipt.evidence is None:
        return
    evidence = structs.replace(receipt.evidence, closed=_entry(closed))
    try:
        await asyncio.to_thread(replace_receipt, path, structs.replace(receipt, evidence=evidence))
    except ReceiptError as error:
        log.warning("receipt_not_completed", problem=str(error))


async def _rate(identity: SessionIdentity, face: Face, link: BrokerLink, rating_kept: asyncio.Event) -> None:
    rating = await face.rate()
    if rating is None:
        return
    link.send(
        sign_rating(
            identity.signing_key,
            identity.opened.session_id,
            stars=rating.stars,
            solved=rating.solved,
            comment=rating.comment,
            rated_at_ms=unix_ms(),
        )
    )
    try:
        async with asyncio.timeout(RATING_CONFIRMED_WITHIN_SECONDS):
            await rating_kept.wait()
    except TimeoutError:
        log.warning("rating_unconfirmed")


def _rating_link(identity: SessionIdentity, receipt: Receipt) -> str:
    """The session key is about to be forgotten: what it lets its customer do later is in this."""
    broker = ShareUrl(receipt.broker_origin, identity.root_key)
    session_id = identity.opened.session_id
    return str(make_rating_link(identity.signing_key, session_id, broker, secrets.token_bytes(RATING_SEED_BYTES)))


def _receipt(
    reason: EndReason,
    identity: SessionIdentity,
    live: LiveSession,
    participants: list[Participant],
    finished: FinishedRecording,
    ended_at_ms: int,
    evidence: ReceiptEvidence,
) -> Receipt:
    manifest = live.manifest
    files = finished.summary.files if finished.summary else ()
    people = {p.participant: ReceiptEngineer(p.name, p.certificate.staff_number) for p in participants}
    take_overs = tuple(
        ReceiptTakeOver(people[one.participant], people[one.leaver], manifest.started_at_ms + one.t_ms)
        for one in live.recording.facts.take_overs
    )
    return Receipt(
        organisation=manifest.organisation,
        root_key=identity.root_key,
        broker_origin=manifest.broker_origin,
        session_id=identity.opened.session_id,
        agent_key=identity.agent_key,
        engineers=tuple(people.values()),
        reason=manifest.reason,
        ticket=manifest.ticket,
        scopes=tuple(sorted(frozenset().union(*(p.granted_ever for p in participants)))),
        consent_text=manifest.consent_text,
        language=manifest.language,
        started_at_ms=manifest.started_at_ms,
        ended_at_ms=ended_at_ms,
        end_reason=reason,
        files=tuple(ReceiptFile(f.path, f.action, f.byte_count, f.sha256) for f in files),
        record_count=finished.record_count,
        chain_hash=finished.chain_head,
        take_overs=take_overs or UNSET,
        manifest_salt=live.salt,
        manifest=encode_manifest(manifest),
        evidence=evidence,
    )


def _entry(proved: Proved) -> ReceiptEntry:
    return ReceiptEntry(proved.leaf, proved.proof)


def _write(folder: Path, session_id: bytes, receipt: Receipt) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"receipt-{session_id.hex()[:12]}.json"
    replace_file(path, write_receipt(receipt).encode())
    return path
