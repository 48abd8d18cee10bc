"""Whose page asks, and the cookie that our own pages sign in with.

Browsers say whose page it is themselves, in headers that no page can set (Fetch, sections 3.1 and 2.1). The cookie
holds the same opaque token that programs send as a bearer (RFC 6750). Browsers send it by themselves, also when a page
of somebody else made them ask: so it counts only for what our own pages ask.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from protocol.errors import RefusedError
from serving.identity.login import NotLoggedIn

SAFE_METHODS = frozenset({"GET", "HEAD"})


class OriginForeign(RefusedError):
    """A page of another site runs in somebody's browser: it must not speak in their name.

    Or one of ours, which somebody opened by another of the server's names: they read under which one it works.
    """

    sentence = "The pages of this server work at its own address only. Open {origin}."


def may_change(connection: HTTPConnection) -> bool:
    """Whether it is more than a question."""
    return connection.scope["type"] == "websocket" or connection.scope["method"] not in SAFE_METHODS


def asks_with_cookie(connection: HTTPConnection) -> bool:
    """A page of ours asks, and no program. Who names a token in the header means that one."""
    return "authorization" not in connection.headers


def check_origin(connection: HTTPConnection, own: str) -> None:
    """Raises OriginForeign if a page of another origin asks. Programs that are no browsers name no origin."""
    origin = connection.headers.get("origin")
    if origin is not None and origin != own:
        raise OriginForeign(origin=own)


def check_own_page(connection: HTTPConnection, own: str) -> None:
    """Raises OriginForeign unless a page of ours asks: for whatever goes by a cookie.

    A browser names the origin of every websocket and of every request that may change something; where it also says
    which site asks, that must be this one.
    """
    check_origin(connection, own)
    if may_change(connection) and "origin" not in connection.headers:
        raise OriginForeign(origin=own)
    if connection.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise OriginForeign(origin=own)


def token_of(connection: HTTPConnection, cookie: str, own: str) -> str:
    """A bearer token in the header, or a browser's cookie; never in a URL, for those are logged.

    Raises NotLoggedIn, OriginForeign.
    """
    if asks_with_cookie(connection) and (kept := connection.cookies.get(cookie)):
        check_own_page(connection, own)
        return kept
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotLoggedIn
    return token.strip()


def give_cookie(response: Response, cookie: str, token: str, life_seconds: int) -> None:
    response.set_cookie(cookie, token, max_age=life_seconds, path="/", secure=True, httponly=True, samesite="strict")


def take_cookie(response: Response, cookie: str) -> None:
    response.delete_cookie(cookie, path="/", secure=True, httponly=True, samesite="strict")


@dataclass(frozen=True)
class OwnPages:
    """A server's own pages: the cookie that they sign in with, the path that they lie under, and their origin."""

    cookie: str
    path: str
    origin_of: Callable[[HTTPConnection], str]

    def check_origin(self, connection: HTTPConnection) -> None:
        """Raises OriginForeign if a page of another origin asks. Programs that are no browsers name no origin."""
        check_origin(connection, self.origin_of(connection))

    def check_own_page(self, connection: HTTPConnection) -> None:
        """Raises OriginForeign unless a page of ours asks: for whatever goes by a cookie."""
        check_own_page(connection, self.origin_of(connection))

    def token_of(self, connection: HTTPConnection) -> str:
        """Raises NotLoggedIn, OriginForeign."""
        return token_of(connection, self.cookie, self.origin_of(connection))

    def give_cookie(self, response: Response, token: str, life_seconds: int) -> None:
        give_cookie(response, self.cookie, token, life_seconds)

    def take_cookie(self, response: Response) -> None:
        take_cookie(response, self.cookie)


def pages_of(connection: HTTPConnection) -> OwnPages:
    """Those that the server's application was made with."""
    pages = connection.app.state.pages
    assert isinstance(pages, OwnPages)
    return pages
