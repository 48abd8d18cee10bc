"""GET /v1/sessions/{id}/receipt-proof: the log's word for whoever has a receipt, so that it can be completed later.

There is no login. Nothing is told that is not in the log, which is there for everybody, and who asks has to know the
session's number: its parties do. What a proof costs, the cosigning of a checkpoint, is bounded by address.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from broker.http_api.caller import TheServices
from broker.http_api.sessions import SESSION_ID, ProofAnswer, proof_of
from broker.transparency.logbook import EntryMissing
from protocol.messages.agent import LogEntry
from serving.http.numbers import LARGEST
from serving.identity_api.devices import address_of

router = APIRouter()


@router.get("/v1/sessions/{session_id}/receipt-proof")
async def receipt_proof(
    session_id: str,
    request: Request,
    services: TheServices,
    entry: Annotated[LogEntry, Query()] = "close",
    known_size: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
) -> ProofAnswer:
    """The log's proof of a session's beginning or end; 404 where it has none, or not yet."""
    services.openings_of_addresses.take(f"proofs of {address_of(request)}", services.clock.monotonic_ms())
    if not SESSION_ID.fullmatch(session_id):
        raise EntryMissing
    return await proof_of(services, bytes.fromhex(session_id), entry, known_size)
