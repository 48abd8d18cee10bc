"""Whose page asks the broker: its own are those of the profile's origin (serving/http/own_pages.py)."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from broker.services import services_of
from serving.http import own_pages
from serving.http.own_pages import OriginForeign as OriginForeign

COOKIE = "__Host-consentry"
"""The prefix makes browsers insist on Secure, Path=/ and no Domain: no other host can set or read it."""


def check_origin(connection: HTTPConnection) -> None:
    """Raises OriginForeign if a page of another origin asks. Programs that are no browsers name no origin."""
    own_pages.check_origin(connection, own_origin(connection))


def check_own_page(connection: HTTPConnection) -> None:
    """Raises OriginForeign unless a page of ours asks: for whatever goes by a cookie."""
    own_pages.check_own_page(connection, own_origin(connection))


def token_of(connection: HTTPConnection) -> str:
    """Raises NotLoggedIn, OriginForeign."""
    return own_pages.token_of(connection, COOKIE, own_origin(connection))


def own_origin(connection: HTTPConnection) -> str:
    return services_of(connection).organisation.profile.broker_origin


def give_cookie(response: Response, token: str, life_seconds: int) -> None:
    own_pages.give_cookie(response, COOKIE, token, life_seconds)


def take_cookie(response: Response) -> None:
    own_pages.take_cookie(response, COOKIE)
