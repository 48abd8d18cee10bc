"""The witness's HTTP interface: `POST /add-checkpoint`, and `GET /<origin hash>/checkpoint` for monitors."""

import hashlib
import time
from collections.abc import Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from audit.witness.store import WitnessStore
from audit.witness.witness import Witness, WitnessSigner
from protocol.witness_messages import ADD_CHECKPOINT_PATH, REQUEST_LIMIT_BYTES


def make_witness_router(
    store: WitnessStore, signer: WitnessSigner, *, now_s: Callable[[], int] = lambda: int(time.time())
) -> Router:
    """An ASGI application with exact paths, to be mounted below the witness's submission prefix."""
    witness = Witness(store, signer, now_s)

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > REQUEST_LIMIT_BYTES:
                return Response(b"", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        answer = await run_in_threadpool(witness.add_checkpoint, body)
        return Response(answer.body, answer.status, media_type=answer.media_type)

    async def checkpoint(request: Request) -> Response:
        wanted = request.path_params["origin_hash"]
        origin = next((one for one in store.origins if hashlib.sha256(one.encode()).hexdigest() == wanted), None)
        note = await run_in_threadpool(witness.newest, origin) if origin is not None else None
        if note is None:
            return Response(b"", HTTPStatus.NOT_FOUND)
        return Response(note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=1"})

    return Router(
        [
            Route(ADD_CHECKPOINT_PATH, add_checkpoint, methods=["POST"]),
            Route("/{origin_hash:str}/checkpoint", checkpoint, methods=["GET"]),
        ],
        redirect_slashes=False,
    )
