"""Who may come in at the loopback port: every rule of it, without a socket.

The port can be reached by every program of the machine: by other users, by what the engineer runs as this very user,
and by the pages of any site in the customer's browser. So

    the Host is the address itself      a name that was rebound to 127.0.0.1 gets nothing (DNS rebinding)
    Origin and Sec-Fetch-Site are ours  another site's page gets nothing; a websocket has to name its origin
    the peer is this user               where the system tells (peers.py), and never a connection of our own process
    the websocket needs a ticket        the link that was opened has the first one, a cookie each later one; each opens
                                        one connection, once, and only one connection is open at a time
    nothing was begun too early         while nobody looks, a connection counts only if it was accepted after everything
                                        that an engineer runs had been stopped (`shut`)

Files are no secret: whoever knows the random path may have them. All that is said and done goes over the websocket.
"""

import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from websockets.datastructures import Headers

from agent_client.page.peers import Peer

HOST = "127.0.0.1"

SUBPROTOCOL = "consentry.page.v1"
TICKET_PREFIX = "ticket."
"""A browser's websocket can bring no header of its own, but subprotocols: the link's ticket comes as one."""

COOKIE = "consentry-page"
SOCKET_NAME = "live"

PATH_BYTES = 16
TICKET_BYTES = 32

Reason = Literal["peer", "host", "method", "origin", "path", "ticket", "spent-link", "taken", "too-early"]

STATUS: dict[Reason, HTTPStatus] = {
    "peer": HTTPStatus.FORBIDDEN,
    "host": HTTPStatus.MISDIRECTED_REQUEST,
    "method": HTTPStatus.METHOD_NOT_ALLOWED,
    "origin": HTTPStatus.FORBIDDEN,
    "path": HTTPStatus.NOT_FOUND,
    "ticket": HTTPStatus.FORBIDDEN,
    "spent-link": HTTPStatus.FORBIDDEN,
    "taken": HTTPStatus.CONFLICT,
    "too-early": HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Knock:
    """One request, as it came. `accepted_at` is when its connection was, on the door's clock."""

    method: str
    target: str
    headers: Headers
    peer: Peer
    accepted_at: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a request that does not come in."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class File:
    """`name` is one of the names that the door was given."""

    name: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """The websocket may be opened. Nothing is spent before `Door.enter`."""


class Door:
    """One per page. Times are seconds on the caller's steady clock."""

    def __init__(self, *, port: int, user_id: int, files: Collection[str], now: Callable[[], float]) -> None:
        self.address = f"{HOST}:{port}"
        self.path = f"/{secrets.token_urlsafe(PATH_BYTES)}/"
        self._user_id = user_id
        self._files = frozenset(files)
        self._now = now
        self._cookie_ticket: str | None = None
        self._link_ticket: str | None = None
        self._spent_links: list[str] = []
        self._counts_from: float | None = 0.0
        self.is_taken = False

    @property
    def origin(self) -> str:
        return f"http://{self.address}"

    def new_link(self) -> str:
        """The address to open in the customer's browser; its ticket stands behind `#`, so it is in no request."""
        self._link_ticket = secrets.token_urlsafe(TICKET_BYTES)
        return f"{self.origin}{self.path}#{self._link_ticket}"

    # ── while nobody looks ──────────────────────────────────────────────────────────────────────────────────────

    def shut(self) -> None:
        """No connection counts, until `count_from` says from when on."""
        self._counts_from = None

    def count_from(self, moment: float) -> None:
        """Connections accepted after this moment may enter; what was begun before stays outside for good."""
        self._counts_from = moment

    @property
    def is_shut(self) -> bool:
        return self._counts_from is None or self._now() < self._counts_from

    # ── whoever knocks ──────────────────────────────────────────────────────────────────────────────────────────

    def is_foreign(self, peer: Peer) -> bool:
        """Another user, or a connection of our own process; known as soon as it is accepted."""
        return peer.is_ourselves or peer.user_id not in (None, self._user_id)

    def judge(self, knock: Knock) -> File | Admitted | Refused:
        refused = self._foreign(knock)
        if refused is not None:
            return Refused(refused)
        if not knock.target.startswith(self.path):
            return Refused("path")
        name = knock.target.removeprefix(self.path)
        if name in self._files:
            return File(name)
        if name != SOCKET_NAME:
            return Refused("path")
        return self._judge_socket(knock)

    def _foreign(self, knock: Knock) -> Reason | None:
        if self.is_foreign(knock.peer):
            return "peer"
        headers = knock.headers
        if headers.get_all("Host") != [self.address]:
            return "host"
        if knock.method != "GET":
            return "method"
        # `none`: the person typed the address, or another program opened it.
        if not {*headers.get_all("Sec-Fetch-Site")} <= {"same-origin", "none"}:
            return "origin"
        if not {*headers.get_all("Origin")} <= {self.origin}:
            return "origin"
        return None

    def _judge_socket(self, knock: Knock) -> Admitted | Refused:
        if knock.headers.get_all("Origin") != [self.origin]:
            return Refused("origin")
        ticket = _ticket_of(knock.headers)
        if any(_same(ticket, spent) for spent in self._spent_links):
            return Refused("spent-link")
        if not any(_same(ticket, valid) for valid in (self._link_ticket, self._cookie_ticket)):
            return Refused("ticket")
        if self.is_taken:
            return Refused("taken")
        if self._counts_from is None or knock.accepted_at < self._counts_from:
            return Refused("too-early")
        return Admitted()

    def enter(self) -> str:
        """The one who was admitted is in: no ticket of before opens anything any more. Returns the cookie to set."""
        if self._link_ticket is not None:
            self._spent_links.append(self._link_ticket)
        self._link_ticket = None
        self._cookie_ticket = secrets.token_urlsafe(TICKET_BYTES)
        self.is_taken = True
        return f"{COOKIE}={self._cookie_ticket}; Path={self.path}; HttpOnly; SameSite=Strict"

    def leave(self) -> None:
        self.is_taken = False


def _ticket_of(headers: Headers) -> str:
    """The link's ticket if one is brought, otherwise the cookie's; "" for none."""
    offered = [one.strip() for line in headers.get_all("Sec-WebSocket-Protocol") for one in line.split(",")]
    brought = [one.removeprefix(TICKET_PREFIX) for one in offered if one.startswith(TICKET_PREFIX)]
    if brought:
        return brought[0] if len(brought) == 1 else ""
    try:
        cookies = SimpleCookie("; ".join(headers.get_all("Cookie")))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


def _same(given: str, wanted: str | None) -> bool:
    return wanted is not None and hmac.compare_digest(given.encode(), wanted.encode())
