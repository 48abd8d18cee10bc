"""Asks the broker for changes and records. Everything that it answers is another machine's word: sizes and shapes are
checked here, signatures where it is stored.

The standard library's client in threads: a few connections that stay open, one question on each at a time.
"""

import asyncio
import base64
import http.client
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Meta, Struct

from protocol.decoding import UNREADABLE
from protocol.details import Detail, system_reason
from protocol.errors import PeerError, RefusedError, UnavailableError
from protocol.messages.agent import LogEntry, ProofReady
from protocol.profile import Profile
from protocol.share_url import ShareUrl
from serving.waiting import EndedRequests
from tunnel.log_asking import read_proof
from tunnel.trust import FetchedProfile, fetch_signed_profile, ssl_context

ANSWER_LIMIT_BYTES = 64 * 1024 * 1024
"""A page of 200 sessions, each with notes of 4,000 characters."""

RECORDS_LIMIT_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 60.0
WAIT_SECONDS = 20.0

T = TypeVar("T")

HexId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class BrokerUnavailableError(UnavailableError):
    """The broker does not answer."""

    sentence = "The broker at {origin} does not answer ({problem}). The audit service asks again by itself."


class TokenRefusedError(RefusedError):
    """The service token is not accepted."""

    sentence = "The broker at {origin} does not accept this audit service. Give it a new token: consentry audit connect"


class ChangedSession(Struct, frozen=True):
    """What the service itself uses of a session; the whole JSON is kept beside."""

    session_id: HexId
    opened_at_ms: int
    ended_at_ms: int | None = None


class Changes(Struct, frozen=True):
    """A page of the feed; `sessions` are JSON objects as they came, `newest` is the last number that was given to any
    change, which a broker of an earlier version does not say."""

    cursor: int
    sessions: Annotated[list[msgspec.Raw], Meta(max_length=1000)]
    position: str
    grown: Annotated[list[HexId], Meta(max_length=10_000)]
    resync: bool
    newest: int | None = None


class RemoteRecording(Struct, frozen=True):
    """`files` by name, base64url without padding."""

    files: dict[str, Annotated[str, Meta(max_length=100_000)]]
    size_bytes: Annotated[int, Meta(ge=0)]
    forks: Annotated[list[int], Meta(max_length=10_000)] = []


class RemoteDecision(Struct, frozen=True):
    """What the broker decided about people and their logins."""

    event_id: Annotated[int, Meta(ge=1, le=2**53)]
    at_ms: Annotated[int, Meta(ge=0, le=2**53)]
    kind: Annotated[str, Meta(max_length=40)]
    actor: Annotated[str, Meta(max_length=100)]
    user: Annotated[str, Meta(max_length=100)]
    address: Annotated[str, Meta(max_length=64)]
    facts: dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=4000)] | int | bool]


class RemoteDecisions(Struct, frozen=True):
    """`newest` is the last number that was given to any."""

    events: Annotated[list[RemoteDecision], Meta(max_length=1000)]
    newest: Annotated[int, Meta(ge=0, le=2**53)]


class RemotePlace(Struct, frozen=True):
    """Where an entry stands in the log."""

    place: Annotated[int, Meta(ge=0, le=2**53)]


class BrokerFeed:
    """One broker. `connect` first; then any number of questions at a time, each with a connection of its own.

    `on_profile` hears at each connection what the organisation has signed.
    """

    def __init__(
        self, address: ShareUrl, token: str, on_profile: Callable[[FetchedProfile], None] | None = None
    ) -> None:
        self._address = address
        self._on_profile = on_profile
        self._token = token
        self._tls: ssl.SSLContext | None = None
        self._idle: list[http.client.HTTPSConnection] = []
        self._busy: set[http.client.HTTPSConnection] = set()
        self._is_closed = False
        self._profile_version = 0
        self.profile: Profile | None = None

    @property
    def origin(self) -> str:
        return self._address.origin

    async def connect(self) -> None:
        """Learns whom to trust. Raises ProfileUnavailable, BrokerUnproven, ProfileError."""
        fetched = await fetch_signed_profile(self._address, at_least_version=self._profile_version)
        self._profile_version = fetched.profile.version
        self._tls = ssl_context(fetched.profile)
        self.profile = fetched.profile
        if self._on_profile is not None:
            self._on_profile(fetched)

    async def changes(self, after: int, position: str, *, wait: bool = True) -> Changes:
        """Raises BrokerUnavailableError, TokenRefusedError, PeerError."""
        seconds = WAIT_SECONDS if wait else 0
        data = await self._get(f"/v1/audit/changes?after={after}&position={quote(position, safe='')}&wait={seconds}")
        assert data is not None
        return _decode(data, Changes)

    async def decisions(self, after: int) -> RemoteDecisions | None:
        """A page of decisions since that number; None if this broker tells none. Raises as `changes`."""
        data = await self._get(f"/v1/audit/events?after={after}")
        return None if data is None else _decode(data, RemoteDecisions)

    async def ended_requests(self, after: int) -> EndedRequests | None:
        """A page of requests for help that ended since that number; None if this broker tells none. Raises as
        `changes`."""
        data = await self._get(f"/v1/audit/requests?after={after}")
        return None if data is None else _decode(data, EndedRequests)

    async def recording(self, session_id: bytes) -> RemoteRecording | None:
        """None if nothing was recorded. Raises as `changes`."""
        data = await self._get(f"/v1/audit/recordings/{session_id.hex()}")
        return None if data is None else _decode(data, RemoteRecording)

    async def records(self, session_id: bytes, offset: int) -> bytes:
        """Sealed records from there on, at most 1 MiB. Raises as `changes`."""
        data = await self._get(f"/v1/audit/recordings/{session_id.hex()}/records?offset={offset}")
        if data is not None and len(data) > RECORDS_LIMIT_BYTES:
            raise PeerError(problem="the broker sent more records than were asked for")
        return data or b""

    async def fork(self, session_id: bytes, seq: int) -> bytes:
        """A contradicting record. Raises as `changes`."""
        return await self._get(f"/v1/audit/recordings/{session_id.hex()}/forks/{seq}") or b""

    async def proof(self, session_id: bytes, entry: LogEntry, known_size: int) -> ProofReady | None:
        """The log's proof of a session's entry; None if it says that it has none. Raises as `changes`."""
        data = await self._get(f"/v1/audit/recordings/{session_id.hex()}/proof?entry={entry}&known_size={known_size}")
        if data is None:
            return None
        return read_proof(_decode(data, dict), entry)

    async def log_file(self, path: str) -> bytes | None:
        """A file of the log, as everybody gets it; None if there is none of this name. Raises as `changes`."""
        return await self._get(f"/log/{path}")

    async def enter(self, kind: str, session_id: bytes, commitment: bytes) -> int:
        """Enters a commitment in the log; its index there, also when it was entered before. Raises as `changes`."""
        body = {"kind": kind, "session_id": session_id.hex(), "commitment": commitment.hex()}
        data = await self._ask("POST", "/v1/audit/log", msgspec.json.encode(body))
        if data is None:
            raise BrokerUnavailableError(origin=self._address.origin, problem="it takes no entries")
        return _decode(data, RemotePlace).place

    async def erase(self, session_id: bytes) -> None:
        """Done when this returns; where the broker never had a recording, too. Raises as `changes`."""
        await self._ask("POST", f"/v1/audit/recordings/{session_id.hex()}/erase")

    def close(self) -> None:
        """Ends every question, also one that waits for news in a thread: whoever asked gets BrokerUnavailableError."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()
        for connection in [*self._busy]:
            if connection.sock is not None:
                with suppress(OSError):
                    # The socket's own: TLS's would change what the other thread reads from at this moment.
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    async def _get(self, path: str) -> bytes | None:
        return await self._ask("GET", path)

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes | None:
        return await asyncio.to_thread(self._ask_now, method, path, body)

    def _ask_now(self, method: str, path: str, body: bytes | None) -> bytes | None:
        origin = self._address.origin
        if self._tls is None:
            raise BrokerUnavailableError(origin=origin, problem="not asked yet")
        # Another thread may take the last one between a look and a pop.
        connection = None
        with suppress(IndexError):
            connection = self._idle.pop()
        try:
            if connection is not None:
                with suppress(ConnectionError, http.client.BadStatusLine, ssl.SSLEOFError):
                    return self._exchange(connection, method, path, body)
                # The broker may hang up on an idle connection at any time. Every question may be asked twice.
            if self._is_closed:
                raise BrokerUnavailableError(origin=origin, problem="the audit service stops")
            netloc = urlsplit(origin).netloc
            connection = http.client.HTTPSConnection(netloc, context=self._tls, timeout=TIMEOUT_SECONDS)
            return self._exchange(connection, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            problem = system_reason(error, "its answer is not HTTP")
            raise BrokerUnavailableError(origin=origin, problem=problem) from None

    def _exchange(
        self, connection: http.client.HTTPSConnection, method: str, path: str, body: bytes | None
    ) -> bytes | None:
        """One question and its answer. Raises as `changes`, OSError and HTTPException."""
        self._busy.add(connection)
        try:
            headers = {"Authorization": f"Bearer {self._token}"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read(ANSWER_LIMIT_BYTES + 1)
        except BaseException:
            connection.close()
            raise
        finally:
            self._busy.discard(connection)
        if len(data) > ANSWER_LIMIT_BYTES:
            connection.close()
            raise PeerError(problem="the broker's answer is too large")
        self._idle.append(connection)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise TokenRefusedError(origin=self._address.origin)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if not 200 <= answer.status < 300:
            raise BrokerUnavailableError(
                origin=self._address.origin, problem=Detail("HTTP status {status}", status=answer.status)
            )
        return data


def decode_base64url(text: str) -> bytes:
    """Without padding. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _decode(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except UNREADABLE as error:
        raise PeerError(problem=Detail("an answer of the broker that cannot be read ({error})", error=error)) from None
