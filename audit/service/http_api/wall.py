"""GET /v1/live: several running sessions in one answer, for a wall of them. JSON Lines.

    {"session_id", "line": {…}}     a line of that session's, as GET /v1/sessions/{id}/live has it (viewing.py)
    {"session_id", "over": true}    nothing more will come of it: it has ended, or is not theirs to see any more

One answer, because browsers open six connections to a server and not more. Each look is noted, as everywhere. Whoever
cannot keep up with a flood is sent a picture instead, session by session (live_tail.py).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from audit.replay_index.live_tail import ALIVE_SECONDS, STILL_ALIVE
from audit.service.http_api.caller import ERASES_LEARNED, TheCaller, TheServices
from audit.service.http_api.moments import MEDIA_TYPE, NothingLive, is_over, may_look_on
from audit.service.http_api.sessions import MAY_VIEW, RUNNING_LIMIT, Purpose, SessionIdQuery
from audit.service.services import AuditServices
from serving.http.openapi import gives

router = APIRouter(dependencies=[ERASES_LEARNED])

WAITING_LIMIT = 16
"""Pieces that wait for a slow reader. Then each session waits, and in its own queue becomes a picture."""

Piece = tuple[bytes, bytes | None]
"""A session and whole lines of it; None at its end."""


@router.get("/v1/live", dependencies=[MAY_VIEW], **gives("application/x-ndjson"))
async def wall(
    caller: TheCaller,
    services: TheServices,
    request: Request,
    id_: Annotated[list[SessionIdQuery], Query(alias="id", min_length=1, max_length=RUNNING_LIMIT)],
    purpose: Purpose = "",
) -> Response:
    """Those of the sessions that run and are theirs to see. Raises NothingLive where there is none."""
    known = await services.sessions.these([bytes.fromhex(one) for one in id_])
    shown = [
        one.session_id for one in known if not is_over(one) and await services.may_see(caller.user, one.session_id)
    ]
    if not shown:
        raise NothingLive
    for session_id in shown:
        await services.views.note(caller.user, session_id, "view", purpose)
    return StreamingResponse(_lines(services, shown, request), media_type=MEDIA_TYPE)


async def _lines(services: AuditServices, session_ids: Sequence[bytes], request: Request) -> AsyncIterator[bytes]:
    waiting: asyncio.Queue[Piece] = asyncio.Queue(WAITING_LIMIT)
    tasks = {one: asyncio.create_task(_follow(services, one, waiting), name="wall") for one in session_ids}
    checked = monotonic()
    try:
        while tasks:
            session_id, lines = await waiting.get()
            if lines is None:
                tasks.pop(session_id, None)
                yield _line(session_id, b'"over":true')
            elif lines == STILL_ALIVE:
                yield STILL_ALIVE
            else:
                yield b"".join(_line(session_id, b'"line":' + line) for line in lines.splitlines() if line)
            if monotonic() - checked >= ALIVE_SECONDS / 2:
                checked = monotonic()
                for one in [one for one in tasks if not await may_look_on(services, one, request)]:
                    tasks.pop(one).cancel()
                    yield _line(one, b'"over":true')
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _follow(services: AuditServices, session_id: bytes, waiting: asyncio.Queue[Piece]) -> None:
    async with aclosing(services.indexing.onlookers.follow(session_id)) as pieces:
        async for lines in pieces:
            await waiting.put((session_id, lines))
    await waiting.put((session_id, None))


def _line(session_id: bytes, rest: bytes) -> bytes:
    return b'{"session_id":"' + session_id.hex().encode() + b'",' + rest + b"}\n"
