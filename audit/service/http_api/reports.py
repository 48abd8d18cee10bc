"""Figures over a period.

GET /v1/report             the figures, each with the number of sessions that it rests on
GET /v1/report/sessions    the sessions behind one of them, in pages
GET /v1/report.csv         the same as a table, with every session's number
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query
from msgspec import Struct
from pydantic import BaseModel
from starlette.responses import Response

from audit.quality.brokers_word import Narrowing
from audit.quality.figures import Figure, Unit
from audit.quality.reports import Grouping, Report, parse_period, report_csv
from audit.service.http_api.caller import ERASES_LEARNED, TheServices, TheWording, needs
from audit.service.http_api.reviews import TheDesk, TheReviewer
from audit.service.http_api.session_answers import SessionAnswer, answers_of
from audit.service.http_api.sessions import LIST_LIMIT, SessionIdQuery
from audit.service.http_api.struct_bodies import answer
from audit.service.people import Permission
from protocol.errors import InputError
from serving.http.openapi import gives, gives_struct

router = APIRouter(prefix="/v1", dependencies=[needs(Permission.REPORTS), ERASES_LEARNED])

Which = Literal["all", "hits", "rest"]


class FigureNotThere(InputError):
    """A figure, or a group, that this report does not have."""

    sentence = "This report has no figure {figure} of {group}. GET /v1/report has its groups and their figures."


class FigureAnswer(Struct, frozen=True, kw_only=True):
    """`value` is a share in [0, 1], milliseconds or points of a hundred; null where there is nothing to count.

    `sessions` is how many sessions it rests on, `hits` how many of those a share counts. `count` may differ: several
    reviews can be of one session, several sessions of one ticket, and a request needs to have none.
    """

    name: str
    unit: Unit
    value: float | None
    count: int
    low: float | None
    high: float | None
    too_few: bool
    sessions: int
    hits: int


class GroupAnswer(Struct, frozen=True):
    """`key` is stable (a staff number, a month; `-` for no team or tier), `label` for people."""

    key: str
    label: str
    figures: tuple[FigureAnswer, ...]


class ReportAnswer(Struct, frozen=True, kw_only=True):
    """`sessions` and `requests` are the size of the whole population; dates are days of `zone`, both included.

    `team` and `tier` are what it was narrowed to, null for all; `teams` and `tiers` what there is in the period. `-` is
    none.
    """

    first_day: str
    last_day: str
    zone: str
    grouping: Grouping
    sessions: int
    service_target_ms: int
    groups: tuple[GroupAnswer, ...]
    requests: int
    team: str | None
    tier: str | None
    teams: tuple[str, ...]
    tiers: tuple[str, ...]


class BehindAnswer(BaseModel):
    """The newest first; `next` is `after` of the next page, null for the last one. `count` is of all pages."""

    sessions: list[SessionAnswer]
    count: int
    next: str | None


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


TheReport = Annotated[Report, Depends(the_report)]


@router.get("/report", **gives_struct(ReportAnswer))
async def report(made: TheReport) -> Response:
    """The figures of a period; of one team or tier if named, `-` for sessions of none."""
    return answer(_answer_of(made))


@router.get("/report/sessions", dependencies=[needs(Permission.LIST)])
async def behind(
    made: TheReport,
    services: TheServices,
    wording: TheWording,
    figure: Annotated[str, Query(max_length=100)],
    group: Annotated[str, Query(max_length=200)] = "all",
    which: Which = "all",
    after: SessionIdQuery | None = None,
    limit: Annotated[int, Query(ge=1, le=LIST_LIMIT)] = 50,
) -> BehindAnswer:
    """The sessions that a figure of the same report rests on: all, those that a share counts (`hits`), or the `rest`.
    `group` is a group's `key`."""
    ids = _behind(made, group, figure, which)
    first = ids.index(after) + 1 if after in ids else 0
    page = ids[first : first + limit]
    known = {one.session_id.hex(): one for one in await services.sessions.these([bytes.fromhex(one) for one in page])}
    return BehindAnswer(
        sessions=await answers_of([known[one] for one in page if one in known], services, wording),
        count=len(ids),
        next=page[-1] if first + limit < len(ids) else None,
    )


@router.get("/report.csv", **gives("text/csv"))
async def report_as_csv(made: TheReport) -> Response:
    """The figures of a period with the numbers of their sessions, as CSV (RFC 4180)."""
    return Response("".join(report_csv(made)), media_type="text/csv; charset=utf-8; header=present")


def _behind(made: Report, group: str, figure: str, which: Which) -> list[str]:
    """Each session once. Raises FigureNotThere."""
    figures = [one for each in made.groups if each.key == group for one in each.figures if one.name == figure]
    if not figures:
        raise FigureNotThere(figure=figure, group=group)
    hits = set(figures[0].hits)
    # A report counts by the end of sessions, the oldest first.
    newest_first = dict.fromkeys(reversed(figures[0].sessions))
    return [one for one in newest_first if which == "all" or (one in hits) == (which == "hits")]


def _answer_of(made: Report) -> ReportAnswer:
    groups = tuple(GroupAnswer(group.key, group.label, _figures(group.figures)) for group in made.groups)
    rest = {name: getattr(made, name) for name in made.__struct_fields__ if name != "groups"}
    return ReportAnswer(groups=groups, **rest)


def _figures(figures: Sequence[Figure]) -> tuple[FigureAnswer, ...]:
    counts = [{"sessions": len(set(one.sessions)), "hits": len(set(one.hits))} for one in figures]
    counted = [msgspec.structs.asdict(one) | count for one, count in zip(figures, counts, strict=True)]
    return msgspec.convert(counted, tuple[FigureAnswer, ...])
