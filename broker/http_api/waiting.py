"""Questions that stay open until there is news: for pages that show how things stand, without asking every second."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from broker.http_api.caller import caller_of
from broker.organisation.engineers import Engineer
from broker.services import Services
from serving.bells import Listener
from serving.identity.login import Caller

T = TypeVar("T")

LONGEST_WAIT_SECONDS = 15.0
"""Less than clients wait for an answer."""

WaitSeconds = Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS)]

KnownChange = Annotated[str, Query(max_length=64)]
"""What `change` was in the answer that whoever asks has; empty for none."""

_CHANGE_DIGITS = 32


def change_of(parts: Iterable[BaseModel]) -> str:
    """Of what they say, so that a broker which was started again does not call everything news."""
    digest = hashlib.sha256(b"".join(one.model_dump_json().encode() for one in parts))
    return digest.hexdigest()[:_CHANGE_DIGITS]


async def answer_when(
    look: Callable[[Caller[Engineer]], Awaitable[T]],
    is_news: Callable[[T], bool],
    listener: Listener,
    seconds: float,
    connection: HTTPConnection,
    caller: Caller[Engineer],
    services: Services,
) -> T:
    """What `look` finds, as soon as that is news, and after so many seconds in any case.

    `look` is asked again as whoever asks is by then. Closes the listener. Raises NotLoggedIn of somebody who was signed
    out meanwhile, and whatever `look` does.
    """
    try:
        found = await look(caller)
        if seconds and not is_news(found):
            with services.live_logins.connected(caller.token_hash, listener.wake):
                await listener.wait(seconds)
            found = await look(await caller_of(connection))
    finally:
        listener.close()
    return found
