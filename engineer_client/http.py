"""The broker's HTTP API, as far as an engineer needs it.

A handful of small requests with the standard library's client: each opens a connection, asks, and closes. Calls
block; whoever runs an event loop puts them in a thread.
"""

import http.client
import json
import ssl
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from protocol.decoding import UNREADABLE
from protocol.errors import InputError, PeerError, RefusedError, UnavailableError

REQUEST_TIMEOUT_SECONDS = 20.0
"""Hashing a password on a busy broker takes a second; a network that needs longer than this is down."""

ANSWER_LIMIT_BYTES = 4 * 1024 * 1024
"""A list of some thousand sessions. More than that is not an answer to anything that we ask."""

Method = Literal["GET", "POST"]


class BrokerUnreachable(UnavailableError):
    """No connection, no TLS, or no answer in time."""

    sentence = "The broker at {origin} cannot be reached ({problem}). Check the address and the connection."


class BrokerNotTrusted(UnavailableError):
    """The broker's certificate is not the one that the organisation's profile names, nor one that the system trusts."""

    sentence = "The broker at {origin} shows a certificate that is not to be trusted ({problem}). Nothing was sent."


class LoginNeeded(InputError):
    """There is no login, or the broker does not accept it any more."""

    sentence = "You are not logged in, or your login has expired. Log in: consentry login"


class BrokerRefused(RefusedError):
    """The broker understood and said no. `code` is stable for programs, and names the sentence's translation."""

    sentence = "The broker refused: {reason}"


class BrokerApi:
    """One broker, and the token of one login if there is one. `trust` is None where the system's trust is meant."""

    def __init__(self, origin: str, trust: ssl.SSLContext | None, token: str = "") -> None:
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.hostname:
            raise InputError(problem=f"{origin} is not an https address")
        self.origin = origin
        self._host = parts.hostname
        self._port = parts.port or 443
        self._trust = trust or ssl.create_default_context()
        self._token = token

    def get(self, path: str) -> Any:
        """The decoded answer. Raises BrokerUnreachable, BrokerNotTrusted, LoginNeeded, BrokerRefused, PeerError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, object]) -> Any:
        """Like `get`, with a JSON body. None where the broker answers with nothing."""
        return self._ask("POST", path, body)

    def _ask(self, method: Method, path: str, body: dict[str, object] | None) -> Any:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=REQUEST_TIMEOUT_SECONDS, context=self._trust
        )
        try:
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            data = answer.read(ANSWER_LIMIT_BYTES + 1)
        except ssl.SSLCertVerificationError as error:
            raise BrokerNotTrusted(origin=self.origin, problem=error.verify_message) from error
        except (OSError, http.client.HTTPException) as error:
            problem = getattr(error, "strerror", None) or type(error).__name__
            raise BrokerUnreachable(origin=self.origin, problem=problem, what="broker") from error
        finally:
            connection.close()
        if len(data) > ANSWER_LIMIT_BYTES:
            raise PeerError(problem=f"the broker's answer is larger than {ANSWER_LIMIT_BYTES} bytes")
        return _decoded(answer.status, data, has_token=bool(self._token))


def _decoded(status: int, data: bytes, *, has_token: bool) -> Any:
    try:
        # Stricter than `json`: half a surrogate pair, which no terminal could print, is no text.
        answer = msgspec.json.decode(data) if data else None
    except UNREADABLE:
        raise PeerError(problem=f"an answer with HTTP status {status} that is not JSON") from None
    if 200 <= status < 300:
        return answer
    if status == http.client.UNAUTHORIZED and has_token:
        raise LoginNeeded
    # Problem details, RFC 9457: `detail` is for people; `type` is a URI whose last part is the code.
    problem = answer if isinstance(answer, dict) else {}
    raise BrokerRefused(
        reason=str(problem.get("detail") or problem.get("title") or f"HTTP status {status}"),
        code=str(problem.get("type") or "").replace(":", "/").rpartition("/")[2],
        status=status,
    )
