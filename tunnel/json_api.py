"""A server's HTTP API, as people's commands use it: the broker's by engineers, the audit service's by its staff.

A handful of small requests with the standard library's client: each opens a connection, asks, and closes. Calls
block; whoever runs an event loop puts them in a thread.
"""

import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal
from urllib.parse import urlsplit

import msgspec

from protocol.decoding import UNREADABLE
from protocol.details import Detail, system_reason
from protocol.errors import InputError, PeerError, RefusedError, UnavailableError
from wording import detect_language

REQUEST_TIMEOUT_SECONDS = 20.0
"""Hashing a password on a busy broker takes a second; a network that needs longer than this is down."""

ANSWER_LIMIT_BYTES = 4 * 1024 * 1024
"""A list of some thousand sessions. More than that is not an answer to anything that we ask."""

PIECE_BYTES = 256 * 1024

Method = Literal["GET", "POST", "PUT", "DELETE"]


class ServerUnreachable(UnavailableError):
    """No connection, no TLS, or no answer in time."""

    sentence = "The server at {origin} cannot be reached ({problem}). Check the address and the connection."


class ServerNotTrusted(UnavailableError):
    """Its certificate is neither the one that it is known by nor one that the system trusts."""

    sentence = "The server at {origin} shows a certificate that is not to be trusted ({problem}). Nothing was sent."


class LoginNeeded(InputError):
    """There is no login, or the server does not accept it any more. `command` is what to run."""

    sentence = "You are not logged in, or your login has expired. Log in: {command}"


class ServerRefused(RefusedError):
    """The server understood and said no. `code` is stable for programs, and names the sentence's translation."""

    sentence = "The server refused: {reason}"

    def __init__(self, headers: Mapping[str, str] | None = None, **fields: object) -> None:
        """`headers` of the answer, by name in small letters."""
        super().__init__(**fields)
        self.headers = headers or {}


class AnswerNotKept(UnavailableError):
    """What came could not be written where it was to go."""

    sentence = "The answer could not be kept ({problem}). Make room there, or name another file."


def own_name() -> str:
    """How this machine appears in the list of its user's logins."""
    host = "".join(c for c in socket.gethostname() if c.isascii() and (c.isalnum() or c in ".-_"))
    return f"consentry ({host[:64]})" if host else "consentry"


class JsonApi:
    """One server, and the token of one login if there is one. `trust` is None where the system's trust is meant.

    `login_command` is what somebody runs whose token is not accepted; `former_login` is the token of before, for
    whoever logs in anew: the new login takes its place.
    """

    def __init__(
        self,
        origin: str,
        trust: ssl.SSLContext | None,
        token: str = "",
        *,
        login_command: str = "consentry login",
        former_login: str = "",
    ) -> None:
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.hostname:
            raise InputError(problem=Detail("{origin} is not an https address", origin=origin))
        self.origin = origin
        self._host = parts.hostname
        self._port = parts.port or 443
        self._trust = trust or ssl.create_default_context()
        self._token = token
        self._login_command = login_command
        self._former_login = former_login

    def get(self, path: str) -> Any:
        """The decoded answer. Raises ServerUnreachable, ServerNotTrusted, LoginNeeded, ServerRefused, PeerError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, object]) -> Any:
        """Like `get`, with a JSON body. None where the server answers with nothing."""
        return self._ask("POST", path, body)

    def put(self, path: str, body: dict[str, object]) -> Any:
        """Like `post`."""
        return self._ask("PUT", path, body)

    def delete(self, path: str) -> Any:
        """Like `get`. None where the server answers with nothing."""
        return self._ask("DELETE", path, None)

    def save(self, path: str, into: BinaryIO) -> int:
        """Writes an answer of any size, as it comes; returns its bytes. Raises AnswerNotKept, and as `get` does."""
        with self._answer("GET", path, None) as answer:
            if answer.status != http.client.OK:
                self._decoded(answer, answer.read(ANSWER_LIMIT_BYTES))
            written_bytes = 0
            while piece := answer.read(PIECE_BYTES):
                try:
                    into.write(piece)
                except OSError as error:
                    raise AnswerNotKept(problem=system_reason(error), what="disk") from error
                written_bytes += len(piece)
        if answer.length:
            raise PeerError(problem=Detail("an answer that ended {length} bytes early", length=answer.length))
        return written_bytes

    def _ask(self, method: Method, path: str, body: dict[str, object] | None) -> Any:
        with self._answer(method, path, body) as answer:
            data = answer.read(ANSWER_LIMIT_BYTES + 1)
        if len(data) > ANSWER_LIMIT_BYTES:
            raise PeerError(
                problem=Detail("the server's answer is larger than {limit_bytes} bytes", limit_bytes=ANSWER_LIMIT_BYTES)
            )
        return self._decoded(answer, data)

    @contextmanager
    def _answer(self, method: Method, path: str, body: dict[str, object] | None) -> Iterator[http.client.HTTPResponse]:
        headers = {
            "Accept": "application/json",
            # What cannot be translated here, such as a refusal with facts in it, the server says in that language.
            "Accept-Language": detect_language(os.environ),
            "User-Agent": own_name(),
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._former_login:
            headers["Consentry-Former-Login"] = self._former_login
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=REQUEST_TIMEOUT_SECONDS, context=self._trust
        )
        try:
            connection.request(method, path, content, headers)
            yield connection.getresponse()
        except ssl.SSLCertVerificationError as error:
            raise ServerNotTrusted(origin=self.origin, problem=system_reason(error)) from error
        except (OSError, http.client.HTTPException) as error:
            problem = system_reason(error, "its answer is not HTTP")
            raise ServerUnreachable(origin=self.origin, problem=problem, what="server") from error
        finally:
            connection.close()

    def _decoded(self, response: http.client.HTTPResponse, data: bytes) -> Any:
        status = response.status
        try:
            # Stricter than `json`: half a surrogate pair, which no terminal could print, is no text.
            answer = msgspec.json.decode(data) if data else None
        except UNREADABLE:
            raise PeerError(
                problem=Detail("an answer with HTTP status {status} that is not JSON", status=status)
            ) from None
        if 200 <= status < 300:
            return answer
        if status == http.client.UNAUTHORIZED and self._token:
            raise LoginNeeded(command=self._login_command)
        # Problem details, RFC 9457: `detail` is for people; `type` is a URI whose last part is the code.
        problem = answer if isinstance(answer, dict) else {}
        raise ServerRefused(
            {name.lower(): value for name, value in response.getheaders()},
            reason=str(problem.get("detail") or problem.get("title") or f"HTTP status {status}"),
            code=str(problem.get("type") or "").replace(":", "/").rpartition("/")[2],
            status=status,
        )
