"""HTTPS to an OpenID provider, with the standard library's client in a thread: a few requests for each sign-in."""

import http.client
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

from protocol.details import system_reason
from protocol.errors import InputError, PeerError, UnavailableError
from serving.http.outgoing import Opened, connect, in_time

HTTPS_PORT = 443
TIMEOUT_SECONDS = 10.0
"""For each step."""

EXCHANGE_SECONDS = 20.0
"""For all of them together; then the connection is cut."""

THREADS = 4
ANSWER_LIMIT_BYTES = 512 * 1024
"""Key sets of large providers have some ten kilobytes."""


class ProviderUnreachable(UnavailableError):
    sentence = "Your organisation's sign-in at {host} cannot be reached. Try again, or tell your administrator."


class ProviderBroken(PeerError):
    """It answers, and not with what OpenID Connect asks of it."""

    sentence = "Your organisation's sign-in gave an answer that cannot be used: {problem}. Tell your administrator."


class ProviderCertificatesUnusable(InputError):
    sentence = "The certificates of the OpenID provider in {path} cannot be used: {problem}."


class Door(Protocol):
    """Sends one request and answers the JSON object that came back, with the status. No redirect is followed."""

    async def get(self, url: str, *, bearer: str = "") -> "Answer": ...

    async def post(self, url: str, form: Mapping[str, str], *, basic: str = "") -> "Answer": ...


@dataclass(frozen=True)
class Answer:
    status: int
    content: dict[str, Any]
    """Empty for what was no JSON object."""


class HttpsDoor:
    def __init__(self, certificates: Path | None = None) -> None:
        """`certificates`: a PEM file of authorities beside the system's. Raises ProviderCertificatesUnusable."""
        # Of its own: a provider that hangs must not keep passwords from being checked.
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="openid")
        self._tls = ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificates is not None:
            try:
                self._tls.load_verify_locations(cafile=certificates)
            except (OSError, ssl.SSLError) as error:
                raise ProviderCertificatesUnusable(path=certificates, problem=system_reason(error)) from None

    async def get(self, url: str, *, bearer: str = "") -> Answer:
        """Raises ProviderUnreachable, ProviderBroken."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self._in_thread("GET", url, None, headers)

    async def post(self, url: str, form: Mapping[str, str], *, basic: str = "") -> Answer:
        """Raises ProviderUnreachable, ProviderBroken."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if basic:
            headers["Authorization"] = f"Basic {basic}"
        return await self._in_thread("POST", url, urlencode(form).encode(), headers)

    async def _in_thread(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            return await in_time(self._threads, EXCHANGE_SECONDS, partial(self._exchange, method, url, body, headers))
        except TimeoutError:
            raise ProviderUnreachable(host=urlsplit(url).hostname) from None

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], opened: Opened
    ) -> Answer:
        address = urlsplit(url)
        target = address.path or "/"
        if address.query:
            target += f"?{address.query}"
        host, port = address.hostname or "", address.port or HTTPS_PORT
        connection = http.client.HTTPConnection(address.netloc)
        connection.default_port = HTTPS_PORT  # for the Host header
        try:
            connection.sock = connect((host, port), host, self._tls, TIMEOUT_SECONDS, opened)
            connection.request(method, target, body, {"Accept": "application/json", **headers})
            answer = connection.getresponse()
            return Answer(answer.status, _object_of(_read(answer)))
        except (OSError, http.client.HTTPException):
            raise ProviderUnreachable(host=address.hostname) from None
        finally:
            connection.close()


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Whole, within the limit of size. Raises ProviderBroken, TimeoutError, IncompleteRead."""
    content = b""
    while piece := answer.read1(64 * 1024):
        content += piece
        if len(content) > ANSWER_LIMIT_BYTES:
            raise ProviderBroken(problem="it is too large")
    if answer.length:  # less came than was announced
        raise http.client.IncompleteRead(content, answer.length)
    return content


def _object_of(content: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
