"""PUT /v1/sessions/{id}/rating: a customer changes their rating with the key in their receipt.

There is no login: the session's own signature says who speaks. Whoever guesses gets the same answer for a session that
does not exist and for a signature that is wrong.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field, StringConstraints

from broker.http_api.caller import TheServices
from broker.http_api.sessions import SESSION_ID, RatingAnswer
from protocol.messages.agent import RateSession, RatingDelegation
from protocol.ratings import RatingForged
from serving.http.encoding import INTEGRAL, PublicKey, Strict, bytes_from_json, bytes_schema
from serving.identity_api.devices import address_of

router = APIRouter()


Signature = Annotated[bytes, BeforeValidator(bytes_from_json(64)), bytes_schema(64)]


class DelegationBody(Strict):
    public_key: PublicKey
    signature: Signature


class RatingBody(Strict):
    """The fields of `RateSession`; bytes in base64url."""

    stars: Annotated[int, Field(ge=1, le=5), INTEGRAL]
    solved: bool | None
    comment: Annotated[str, StringConstraints(max_length=2000)]
    rated_at_ms: Annotated[int, Field(ge=0, le=2**53), INTEGRAL]
    signature: Signature
    delegation: DelegationBody


@router.put("/v1/sessions/{session_id}/rating")
async def change(session_id: str, body: RatingBody, request: Request, services: TheServices) -> RatingAnswer:
    """Keeps or changes the customer's rating. The session's own key says whose it is; see docs/protocol/receipt.md."""
    services.openings_of_addresses.take(f"ratings of {address_of(request)}", services.clock.monotonic_ms())
    message = RateSession(
        stars=body.stars,
        solved=body.solved,
        comment=body.comment,
        rated_at_ms=body.rated_at_ms,
        signature=body.signature,
        delegation=RatingDelegation(body.delegation.public_key, body.delegation.signature),
    )
    known = SESSION_ID.fullmatch(session_id) and await services.ratings.keep(bytes.fromhex(session_id), message)
    if not known:
        raise RatingForged
    return RatingAnswer(stars=body.stars, solved=body.solved, comment=body.comment, rated_at_ms=body.rated_at_ms)
