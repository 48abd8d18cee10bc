"""/healthz: the process answers. /readyz: it can take sessions. /metrics: figures, for those who may see them."""

import hmac
import ipaddress
from http import HTTPStatus

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import PlainTextResponse, Response

from audit.ingest import DiskFullError
from broker.http_api.caller import TheServices
from broker.http_api.problems import PROBLEMS
from serving.http.openapi import gives
from serving.http.problems import problem

router = APIRouter()


@router.get("/healthz", **gives("text/plain"))
def healthz() -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", **gives("text/plain"))
async def readyz(services: TheServices) -> Response:
    """It can take sessions: there is room on the disk, and the database answers."""
    try:
        services.records.check_disk()
        await services.database.check()
    except DiskFullError as error:
        return PROBLEMS.of(error)
    except SQLAlchemyError:
        detail = "The database does not answer. Look at the broker's log."
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "database-unusable", detail)
    return PlainTextResponse("ready\n")


@router.get("/metrics", **gives("text/plain"))
def metrics(request: Request, services: TheServices) -> Response:
    """With the token of the settings; without one set, only on the loopback address and not through a proxy."""
    token = services.settings.metrics_token
    if token:
        given = request.headers.get("authorization", "")
        allowed = hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    else:
        allowed = _is_loopback(request) and not {"forwarded", "x-forwarded-for"} & set(request.headers.keys())
    if not allowed:
        detail = "Figures are shown on this machine only, or to those who have the metrics token."
        return problem(HTTPStatus.FORBIDDEN, "metrics-refused", detail)
    return Response(services.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _is_loopback(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
