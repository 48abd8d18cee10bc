"""What the other end says of itself, short enough for a list. It is shown to people and believed by nobody."""

import re
import unicodedata

from starlette.requests import HTTPConnection

from serving.http.own_pages import pages_of
from serving.identity.tokens import DEVICE_LIMIT_CHARACTERS, Visit, hash_of_token

FORMER_LOGIN_HEADER = "Consentry-Former-Login"
"""With which a program that logs in names the token that it has, for the new login to take its place."""

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
_COMMAND = re.compile(r"consentry \(([\w.-]{1,64})\)")


def address_of(connection: HTTPConnection) -> str:
    """The network address of the other end, or of a proxy that is not in `trusted_proxies`."""
    return connection.client.host if connection.client else "unknown"


def visit_of(connection: HTTPConnection) -> Visit:
    """A page's cookie says which login it has already, a program's header."""
    former = connection.headers.get(FORMER_LOGIN_HEADER) or connection.cookies.get(pages_of(connection).cookie)
    device = describe(connection.headers.get("user-agent", ""))
    return Visit(address_of(connection), device, hash_of_token(former or ""))


def describe(user_agent: str) -> str:
    """`Chrome, Linux` of a browser, `consentry, ada-laptop` of ours, the beginning of anything else."""
    command = _COMMAND.fullmatch(user_agent)
    if command:
        return shown(f"consentry, {command[1]}")
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if user_agent.startswith("Mozilla/") and browser:
        return f"{browser}, {system}" if system else browser
    return shown(user_agent)


def shown(text: str) -> str:
    """Without what could not be seen, or could make it look like something else."""
    visible = "".join(
        c for c in text if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in {"Zl", "Zp"}
    )
    return visible.strip()[:DEVICE_LIMIT_CHARACTERS]
