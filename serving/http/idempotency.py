"""`Idempotency-Key`: a POST that makes something may be sent again, and makes it once.

As the draft of the IETF's HTTPAPI group says (draft-ietf-httpapi-idempotency-key-header): the same key with the same
request is answered as before; with another one it is refused (422); while the first is under way, too (409). Only what
went well is kept, for a day, sealed, and only for whoever had the answer: the key counts together with their login.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.problems import problem

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,128}")
KEEP_MS = 24 * 3600 * 1000
ANSWER_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True)
class KeptAnswer:
    """`request` is the SHA-256 of the body that it answers."""

    request: bytes
    status: int
    media_type: str
    body: bytes


class AnswerStore(Protocol):
    """`name` is a SHA-256 of who asks for what under which key."""

    async def find(self, name: bytes, now_ms: int) -> KeptAnswer | None: ...

    async def keep(self, name: bytes, answer: KeptAnswer, expires_at_ms: int) -> None:
        """And forgets what has expired."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What is asked of the application while it runs. `is_somebody`: does whoever sends this have a login now?"""

    store: Callable[[Scope], AnswerStore]
    now_ms: Callable[[Scope], int]
    is_somebody: Callable[[Scope], Awaitable[bool]]


class IdempotentPosts:
    """Stands in front of an application. `paths` are those of POSTs that make something."""

    def __init__(self, app: ASGIApp, *, paths: re.Pattern[str], around: Surroundings) -> None:
        self._app = app
        self._paths = paths
        self._around = around
        self._under_way: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not self._paths.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = headers.get(HEADER)
        if key is None or not await self._around.is_somebody(scope):
            await self._app(scope, receive, send)
        elif not KEY.fullmatch(key):
            detail = f"The request cannot be used: {HEADER} has 1 to 128 visible characters."
            await problem(HTTPStatus.BAD_REQUEST, "request-malformed", detail)(scope, receive, send)
        else:
            who = headers.get("authorization") or headers.get("cookie") or ""
            name = hashlib.sha256("\0".join((who, scope["path"], key)).encode()).digest()
            await self._once(name, scope, receive, send)

    async def _once(self, name: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        if name in self._under_way:
            detail = "A request with this key is under way. Wait for its answer."
            await problem(HTTPStatus.CONFLICT, "idempotency-under-way", detail)(scope, receive, send)
            return
        self._under_way.add(name)
        try:
            await self._answer(name, scope, receive, send)
        finally:
            self._under_way.discard(name)

    async def _answer(self, name: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        request = hashlib.sha256(message.get("body", b"")).digest()
        kept = await self._around.store(scope).find(name, self._around.now_ms(scope))
        if kept is None:
            await self._ask(name, request, message, scope, receive, send)
        elif kept.request != request:
            detail = "This key was used for another request. Take a new one for each thing that is made."
            await problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", detail)(scope, receive, send)
        else:
            length = str(len(kept.body)).encode()
            named = [(b"content-type", kept.media_type.encode()), (b"content-length", length)]
            await send({"type": "http.response.start", "status": kept.status, "headers": named})
            await send({"type": "http.response.body", "body": kept.body})

    async def _ask(
        self, name: bytes, request: bytes, first: Message, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """For the first time; the answer is on the disk before it is given."""
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return first

        started: Message = {}
        body = b""

        async def hold(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            if 200 <= started["status"] < 300 and len(body) <= ANSWER_LIMIT_BYTES:
                media_type = Headers(raw=started["headers"]).get("content-type", "application/json")
                kept = KeptAnswer(request, started["status"], media_type, body)
                await self._around.store(scope).keep(name, kept, self._around.now_ms(scope) + KEEP_MS)
            await send(started)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive_again, hold)
