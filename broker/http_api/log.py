"""GET /log/…: the transparency log as static files (c2sp.org/tlog-tiles), for anybody who wants to audit it.

Nothing in it is secret or about a person. Tiles never change, so everybody may keep them; the checkpoint does.
"""

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from broker.http_api.caller import TheServices
from protocol.tiles import CHECKPOINT_PATH, parse_tile_path
from serving.http.openapi import gives
from serving.http.problems import problem

router = APIRouter(prefix="/log")

CHECKPOINT_CACHE = "public, max-age=1"
TILE_CACHE = "public, max-age=31536000, immutable"


@router.get(f"/{CHECKPOINT_PATH}", **gives("text/plain"))
def checkpoint(services: TheServices) -> Response:
    """The newest one, with its cosignatures."""
    headers = {"Cache-Control": CHECKPOINT_CACHE}
    return Response(services.log.checkpoint_note, headers=headers, media_type="text/plain; charset=utf-8")


@router.get("/tile/{name:path}", **gives("application/octet-stream"))
async def tile(name: str, services: TheServices) -> Response:
    """Hashes or entries; 404 for whatever is not the exact name of a tile that is there."""
    found = parse_tile_path(f"tile/{name}")
    data = await services.log.read_file(found.path) if found is not None else None
    if data is None:
        return problem(HTTPStatus.NOT_FOUND, "not-found", "There is nothing at this address.")
    return Response(data, headers={"Cache-Control": TILE_CACHE}, media_type="application/octet-stream")
