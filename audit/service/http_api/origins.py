"""Whose page asks the audit service: its own are those of the address that the browser asked.

The service knows no address of its own: people reach it by whatever name their network gives it. The host that was
asked for says enough. A browser sends this cookie to that host alone, so a page that came by another name has none.
"""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from serving.http import own_pages

COOKIE = "__Host-consentry-audit"
"""Not the broker's: cookies do not tell ports apart, and both may run on one host (see docs/decisions/0027)."""


def own_origin(connection: HTTPConnection) -> str:
    """Always https: browsers keep no such cookie for anything else, also where a proxy ends TLS."""
    return f"https://{connection.headers.get('host', '')}"


def check_own_page(connection: HTTPConnection) -> None:
    """Raises OriginForeign unless a page of ours asks."""
    own_pages.check_own_page(connection, own_origin(connection))


def token_of(connection: HTTPConnection) -> str:
    """Raises NotLoggedIn, OriginForeign."""
    return own_pages.token_of(connection, COOKIE, own_origin(connection))


def give_cookie(response: Response, token: str, life_seconds: int) -> None:
    own_pages.give_cookie(response, COOKIE, token, life_seconds)


def take_cookie(response: Response) -> None:
    own_pages.take_cookie(response, COOKIE)
