"""What stands before every handler: bodies that are small and whole, answers that browsers must not misuse."""

import asyncio
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.problems import problem

BODY_LIMIT_BYTES = 64 * 1024
"""The largest honest body is a note of 4,000 characters."""

DRAIN_LIMIT_BYTES = 1024 * 1024
BODY_SECONDS = 20.0
"""A body of this size needs one packet; who takes longer wants to hold the connection."""


class SmallBodies:
    """Reads each body whole, within its limits of size and time: behind this nobody has to count."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(receive)
        except TimeoutError:
            detail = f"The request did not arrive within {BODY_SECONDS:.0f} seconds."
            await problem(HTTPStatus.REQUEST_TIMEOUT, "request-timeout", detail)(scope, receive, send)
            return
        if body is None:
            return
        if len(body) > BODY_LIMIT_BYTES:
            await _too_large(scope, receive, send)
            return
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send)


async def _read(receive: Receive) -> bytes | None:
    """The body; more than is allowed of one that is too large; None if the client has gone.

    A body that is somewhat too large is read to its end and dropped: a client that is still writing when it is answered
    would see a broken connection instead of the sentence.
    """
    body = b""
    read_bytes = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        read_bytes += len(piece)
        if len(body) <= BODY_LIMIT_BYTES:
            body += piece
        if not message.get("more_body", False) or read_bytes > DRAIN_LIMIT_BYTES:
            return body


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"The request is too large: {BODY_LIMIT_BYTES} bytes are allowed."
    await problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request-too-large", detail)(scope, receive, send)


class SafeHeaders:
    """Answers are for programs: no browser may sniff, frame, cache or pass them on. Pages say otherwise themselves."""

    HEADERS = (
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"referrer-policy", b"no-referrer"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in self.HEADERS if one[0] not in own)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
