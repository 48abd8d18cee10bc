"""Whose page asks the audit service: its own are those of its public address, or of the address that was asked.

Where the settings name no address, people reach the service by whatever name their network gives it, and the host that
was asked for says enough. A browser sends this cookie to that host alone, so a page that came by another name has none.
"""

from starlette.requests import HTTPConnection

from audit.service.services import services_of
from serving.http.own_pages import OwnPages

COOKIE = "__Host-consentry-audit"
"""Not the broker's: cookies do not tell ports apart, and both may run on one host (see docs/decisions/0027)."""


def own_origin(connection: HTTPConnection) -> str:
    """Always https: browsers keep no such cookie for anything else, also where a proxy ends TLS."""
    return services_of(connection).settings.public_address or f"https://{connection.headers.get('host', '')}"


PAGES = OwnPages(COOKIE, "/desk/", own_origin)
