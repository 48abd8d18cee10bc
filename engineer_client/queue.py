"""Customers who ask for help and wait, as the broker keeps them: list, take, give back, say what became of it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from protocol.details import Detail
from protocol.errors import PeerError
from tunnel.json_api import JsonApi


class QueuedRequest(Struct, frozen=True):
    """Times are on the broker's clock. What the customer said of themselves is not proved."""

    request_id: Annotated[int, Meta(ge=1)]
    state: Literal["waiting", "taken"]
    customer: str
    words: str
    contact: str
    tier: str
    asked_at_ms: int
    due_at_ms: int
    session_id: str | None
    customer_connected: bool
    taken_by: str
    mine: bool


class Queue(Struct, frozen=True):
    """Whose turn it is, first."""

    requests: list[QueuedRequest]
    now_ms: int


def read_queue(api: JsonApi) -> Queue:
    """Raises what `JsonApi.get` does."""
    try:
        return msgspec.convert(api.get("/v1/requests"), Queue)
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("a queue that makes no sense ({error})", error=error)) from None


def take(api: JsonApi, request_id: int) -> None:
    api.post(f"/v1/requests/{request_id}/take", {})


def give_back(api: JsonApi, request_id: int) -> None:
    api.post(f"/v1/requests/{request_id}/give-back", {})


def end(api: JsonApi, request_id: int, *, served: bool, session_id: str | None = None) -> None:
    """`session_id`: in which session, whose tier is the request's from then on."""
    api.post(f"/v1/requests/{request_id}/end", {"served": served, "session_id": session_id})
