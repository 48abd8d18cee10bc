"""GET /healthz: the process answers. GET /readyz: its database does."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from audit.service.http_api.caller import TheServices

router = APIRouter()


@router.get("/healthz")
def alive() -> Response:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def ready(services: TheServices) -> Response:
    await services.database.check()
    return PlainTextResponse("ok\n")
