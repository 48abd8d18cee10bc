"""GET /v1/report: figures over a period, each with the sessions behind it; /v1/report.csv: the same as a table."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from audit.quality.brokers_word import Narrowing
from audit.quality.reports import Grouping, Report, parse_period, report_csv
from audit.service.http_api.caller import ERASES_LEARNED, TheServices, needs
from audit.service.http_api.reviews import TheDesk, TheReviewer
from audit.service.http_api.struct_bodies import answer
from audit.service.people import Permission
from serving.http.openapi import gives, gives_struct

router = APIRouter(prefix="/v1", dependencies=[needs(Permission.REPORTS), ERASES_LEARNED])


async def the_report(
    desk: TheDesk,
    who: TheReviewer,
    services: TheServices,
    first: Annotated[str | None, Query(max_length=10)] = None,
    last: Annotated[str | None, Query(max_length=10)] = None,
    zone: Annotated[str, Query(max_length=64)] = "UTC",
    by: Grouping = "all",
    within_seconds: Annotated[int, Query(ge=1, le=86_400)] = 60,
    team: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    tier: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
) -> Report:
    period = parse_period(first, last, zone, services.clock.unix_ms())
    return await desk.report(who, period, by, within_seconds * 1000, Narrowing(team, tier))


@router.get("/report", **gives_struct(Report))
async def report(made: Annotated[Report, Depends(the_report)]) -> Response:
    """The figures of a period; of one team or tier if named, `-` for sessions of none."""
    return answer(made)


@router.get("/report.csv", **gives("text/csv"))
async def report_as_csv(made: Annotated[Report, Depends(the_report)]) -> Response:
    """The figures of a period, as CSV (RFC 4180)."""
    return Response("".join(report_csv(made)), media_type="text/csv; charset=utf-8; header=present")
