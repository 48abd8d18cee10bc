"""At the next start: hands the broker what a dead agent, or one without a connection, had sealed and not delivered.

No key is needed for it, and none is there: the records are sealed and signed already. A recording that was cut short
stays cut short (QA sees it as abandoned); this only makes sure that nothing that was sealed is lost.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from agent_client.recorder.errors import AcksDisagree
from agent_client.recorder.limits import RecorderLimits
from agent_client.recorder.spool import FoundSpool, found_spools
from agent_client.recorder.upload import Connect, RecordUpload, connect_to
from agent_client.recorder.window import SealedRecord, UnackedWindow
from protocol.errors import PeerError, RefusedError
from protocol.messages.recorder import UploadRecords
from protocol.profile import Profile
from protocol.record_chain import chain_hash
from tunnel.backoff import Backoff

log = structlog.get_logger(__name__)

GIVE_UP_AFTER_SECONDS = 30.0
"""For one spool. What is not delivered by then is tried again at the next start."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it went with one spool.

    delivered     the broker holds everything; the file is removed
    unreachable   not in time; the file stays and is tried again
    refused       the broker will never take it; the file is put aside as `<session>.refused` for a person to look at
    """

    session_id: bytes
    outcome: Literal["delivered", "unreachable", "refused"]
    records: int


async def deliver_spools(
    state: Path,
    *,
    connect_for: Callable[[Profile], Connect] = connect_to,
    backoff: Backoff | None = None,
    give_up_after_seconds: float = GIVE_UP_AFTER_SECONDS,
) -> list[Delivery]:
    """Delivers every spool below `state` that no living agent holds, one after the other. Raises nothing."""
    deliveries = []
    for spool in found_spools(state):
        with spool:
            delivery = await _deliver(spool, connect_for(spool.head.profile), backoff, give_up_after_seconds)
        log.info("spool_delivery", session_id=delivery.session_id.hex(), outcome=delivery.outcome)
        deliveries.append(delivery)
    return deliveries


async def _deliver(
    spool: FoundSpool, connect: Connect, backoff: Backoff | None, give_up_after_seconds: float
) -> Delivery:
    head = spool.head
    window = _window_of(spool)
    sent = window.next_seq - window.acked_seq
    if not sent:
        spool.remove()
        return Delivery(head.session_id, "delivered", 0)
    complete = asyncio.Event()

    def note_ack() -> None:
        if window.acked_seq == window.next_seq:
            complete.set()

    opening = UploadRecords(1, head.session_id, head.session_token, head.manifest_commitment)
    upload = RecordUpload(opening, window, connect=connect, backoff=backoff, on_acked=note_ack)
    uploading = asyncio.create_task(upload.run(), name=f"deliver spool {head.session_id.hex()}")
    completing = asyncio.create_task(complete.wait(), name="await delivery")
    try:
        await asyncio.wait({uploading, completing}, timeout=give_up_after_seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        completing.cancel()
        uploading.cancel()
        refused = False
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await uploading
            except (AcksDisagree, RefusedError):
                refused = True
            except PeerError as error:
                log.warning("spool_delivery_misunderstood", error=type(error).__name__)
    if complete.is_set():
        spool.remove()
        return Delivery(head.session_id, "delivered", sent)
    if refused:
        spool.put_aside()
        return Delivery(head.session_id, "refused", sent)
    return Delivery(head.session_id, "unreachable", sent)


def _window_of(spool: FoundSpool) -> UnackedWindow:
    """All whole records of a spool as one window that waits for acknowledgement."""
    window: UnackedWindow | None = None
    for header, data in spool.records():
        if window is None:
            window = UnackedWindow(RecorderLimits(), first_seq=header.seq)
        if header.seq != window.next_seq:
            break
        window.sealed(SealedRecord(header.seq, data, chain_hash(header), 0), 0, now_ms=0)
    return window or UnackedWindow(RecorderLimits())
