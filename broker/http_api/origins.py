"""Whose page asks the broker: its own are those of the profile's origin (serving/http/own_pages.py)."""

from starlette.requests import HTTPConnection

from broker.services import services_of
from serving.http.own_pages import OriginForeign as OriginForeign
from serving.http.own_pages import OwnPages

COOKIE = "__Host-consentry"
"""The prefix makes browsers insist on Secure, Path=/ and no Domain: no other host can set or read it."""


def own_origin(connection: HTTPConnection) -> str:
    return services_of(connection).organisation.profile.broker_origin


PAGES = OwnPages(COOKIE, "/console/", own_origin)


def check_origin(connection: HTTPConnection) -> None:
    """Raises OriginForeign if a page of another origin asks. Programs that are no browsers name no origin."""
    PAGES.check_origin(connection)
