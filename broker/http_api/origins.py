"""Whose page asks: browsers say so themselves, in headers that no page can set (Fetch, sections 3.1 and 2.1)."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from broker.services import services_of
from protocol.errors import RefusedError

COOKIE = "__Host-consentry"
"""The prefix makes browsers insist on Secure, Path=/ and no Domain: no other host can set or read it."""

SAFE_METHODS = frozenset({"GET", "HEAD"})


class OriginForeign(RefusedError):
    """A page of another site runs in somebody's browser: it must not speak in their name."""

    sentence = "Web pages of other origins cannot connect here."


def check_origin(connection: HTTPConnection) -> None:
    """Raises OriginForeign if a page of another origin asks. Programs that are no browsers name no origin."""
    origin = connection.headers.get("origin")
    if origin is not None and origin != services_of(connection).organisation.profile.broker_origin:
        raise OriginForeign


def check_own_page(connection: HTTPConnection) -> None:
    """Raises OriginForeign unless a page of ours asks: for whatever goes by a cookie.

    A browser names the origin of every websocket and of every request that may change something; where it also says
    which site asks, that must be this one.
    """
    check_origin(connection)
    may_change = connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE_METHODS
    if may_change and "origin" not in connection.headers:
        raise OriginForeign
    if connection.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise OriginForeign


def give_cookie(response: Response, token: str, life_seconds: int) -> None:
    response.set_cookie(COOKIE, token, max_age=life_seconds, path="/", secure=True, httponly=True, samesite="strict")


def take_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
