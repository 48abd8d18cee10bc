"""Bodies and answers whose shape is a msgspec struct: the rules of `audit/quality/` are written in those, once."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from starlette.responses import Response

from protocol.decoding import UNREADABLE
from protocol.errors import InputError

S = TypeVar("S")


class BodyUnusable(InputError):
    sentence = "The request cannot be used: {problem}."


def body_of(kind: type[S]) -> Callable[[Request], Awaitable[S]]:
    """A dependency that reads the body as strict JSON. Raises BodyUnusable; nothing of what was sent is repeated."""

    async def read(request: Request) -> S:
        try:
            return msgspec.json.decode(await request.body(), type=kind)
        except UNREADABLE as error:
            raise BodyUnusable(problem=error) from None

    read.body_kind = kind  # type: ignore[attr-defined]  # for the description of the API, serving/http/openapi.py
    return read


def answer(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(value), status.value, media_type="application/json")
