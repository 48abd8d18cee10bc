"""Logging a command in through its user's browser, where they sign in however they do (the idea of RFC 8628).

The server's side is serving/identity/device_logins.py, the same at every server.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from protocol.details import Detail
from protocol.errors import PeerError, RefusedError
from tunnel.json_api import JsonApi, ServerRefused

_STILL_WAITING = "authorization-pending"
_SLOW_DOWN = "slow-down"


class SignInElsewhere(RefusedError):
    """A server has one address whose pages know who is signed in. Nobody is sent to another without a word."""

    sentence = (
        "The server asked at {origin} signs people in at {elsewhere}. If that is yours, log in with that address."
    )


class _Begun(msgspec.Struct, frozen=True):
    """What begins it (RFC 8628, section 3.2)."""

    device_code: str
    user_code: Annotated[str, Meta(pattern="^[A-Z-]{1,20}$")]
    verification_uri_complete: Annotated[str, Meta(pattern="^https://[!-~]{1,400}$")]
    interval: Annotated[int, Meta(ge=1, le=60)]


async def ask_through_browser(
    api: JsonApi, show: Callable[[str, str], None], *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Any:
    """The server's answer to a login, which still is to be checked; `show` is given the link and the code.

    Waits until somebody answers in their browser, or the code runs out.
    Raises ServerRefused, SignInElsewhere, PeerError and what reaching a server can raise.
    """
    begun = _begun_of(await asyncio.to_thread(api.post, "/v1/device-login", {}))
    if not begun.verification_uri_complete.startswith(f"{api.origin}/"):
        raise SignInElsewhere(origin=api.origin, elsewhere=_origin_of(begun.verification_uri_complete))
    show(begun.verification_uri_complete, begun.user_code)
    interval_seconds = float(begun.interval)
    while True:
        await pause(interval_seconds)
        try:
            return await asyncio.to_thread(api.post, "/v1/device-login/token", {"device_code": begun.device_code})
        except ServerRefused as refusal:
            if refusal.fields["code"] == _SLOW_DOWN:
                interval_seconds += begun.interval
            elif refusal.fields["code"] != _STILL_WAITING:
                raise


def _begun_of(answer: object) -> _Begun:
    try:
        return msgspec.convert(answer, _Begun)
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("the answer to a login makes no sense ({error})", error=error)) from None


def _origin_of(link: str) -> str:
    return f"https://{urlsplit(link).netloc}"
