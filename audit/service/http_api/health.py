"""GET /healthz: the process answers. GET /readyz: its database does."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from audit.service.http_api.caller import TheServices
from serving.http.openapi import gives

router = APIRouter()


@router.get("/healthz", **gives("text/plain"))
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", **gives("text/plain"))
async def ready(services: TheServices) -> Response:
    """It can answer reviewers."""
    await services.database.check()
    return PlainTextResponse("ok\n")
