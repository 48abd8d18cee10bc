"""Figures over a stated population, period and time zone, grouped; and the same as CSV.

A session belongs to the period in which it ended, and so does a request for help. Days begin at midnight of the stated
time zone, so that a day of the change to summer time has 23 hours and nothing is counted twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from audit.csv_lines import csv_line
from audit.quality.brokers_word import EVERYTHING, NONE, Narrowing, OfTeamAndTier
from audit.quality.figures import Figure, Known, Population, all_figures
from audit.quality.reviews import Case
from audit.quality.sessions import SessionFacts
from protocol.details import Detail
from protocol.errors import InputError
from serving.waiting import EndedRequest

Grouping = Literal["all", "engineer", "team", "tier", "month", "week"]

ALL = "all"
"""The one group of everything."""
UNKNOWN = "?"
"""The engineer of what nobody took, and of a recording that names nobody."""


class PeriodUnusable(InputError):
    sentence = "This period cannot be used: {problem}."


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a time zone, `first` and `last` included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start_ms(self) -> int:
        return self._midnight_ms(self.first)

    @property
    def end_ms(self) -> int:
        """The first moment after it."""
        return self._midnight_ms(self.last + timedelta(days=1))

    @property
    def span_ms(self) -> tuple[int, int]:
        """From its first moment until before the first one after it."""
        return self.start_ms, self.end_ms

    def holds(self, unix_ms: int) -> bool:
        return self.start_ms <= unix_ms < self.end_ms

    def day_of(self, unix_ms: int) -> date:
        return datetime.fromtimestamp(unix_ms / 1000, self.zone).date()

    def _midnight_ms(self, day: date) -> int:
        return round(datetime.combine(day, time(), self.zone).timestamp() * 1000)


def parse_period(first: str | None, last: str | None, zone: str, now_ms: int) -> Period:
    """Dates as 2026-11-30; left out, the 30 days up to now. Raises PeriodUnusable."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PeriodUnusable(
            problem=Detail("{zone} is no time zone that is known here; write it like Asia/Shanghai", zone=zone)
        ) from None
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(where).date()
    ends = _parse_day(last) if last else today
    begins = _parse_day(first) if first else ends - timedelta(days=29)
    if begins > ends:
        raise PeriodUnusable(
            problem=Detail("it begins on {begins} and ends before that, on {ends}", begins=begins, ends=ends)
        )
    return Period(begins, ends, where)


def _parse_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodUnusable(problem=Detail("{text} is no date; write it like 2026-11-30", text=text)) from None
    if not 1970 < day.year < 9999:
        raise PeriodUnusable(problem=Detail("{text} is too far away", text=text))
    return day


class Group(Struct, frozen=True):
    """`key` is stable (a staff number, a month; `-` for no team or tier), `label` for people."""

    key: str
    label: str
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)


class Report(Struct, frozen=True):
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
    groups: tuple[Group, ...]
    requests: int
    team: str | None = None
    tier: str | None = None
    teams: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()


def make_report(
    every: Sequence[SessionFacts],
    cases: Sequence[Case],
    period: Period,
    *,
    now_ms: int,
    grouping: Grouping = "all",
    service_target_ms: int = 60_000,
    requests: Sequence[EndedRequest] = (),
    of: Narrowing = EVERYTHING,
) -> Report:
    """`every` are all sessions that are known, `requests` at least those that ended in the period.

    Groups by engineer or team are ranked by the lower end of their CSAT interval: few answers do not make a winner.
    What is left out by `of` still counts as another session of its ticket.
    """
    ended = [facts for facts in every if facts.is_over and period.holds(facts.ended_at_ms or 0)]
    team_of = {facts.session_id: facts.team for facts in every}
    asked = [_Asked(one, team_of.get(one.session_id or "", "")) for one in requests if period.holds(one.ended_at_ms)]
    sessions = [facts for facts in ended if of.holds(facts)]
    waited = [one for one in asked if of.holds(one)]
    there: list[OfTeamAndTier] = [*ended, *asked]
    known, groups = Known(every), []
    cases_of: dict[str, list[Case]] = {}
    for case in cases:
        cases_of.setdefault(case.assignment.session_id, []).append(case)
    for (key, label), members in _grouped(sessions, waited, period, grouping).items():
        theirs = [case for facts in members.sessions for case in cases_of.get(facts.session_id, ())]
        population = Population(members.sessions, known, theirs, now_ms, service_target_ms, members.requests)
        groups.append(Group(key, label, tuple(all_figures(population))))
    if grouping in ("engineer", "team"):
        groups.sort(key=lambda group: (-(group.figure("csat").low or 0.0), group.key))
    return Report(
        period.first.isoformat(),
        period.last.isoformat(),
        period.zone.key,
        grouping,
        len(sessions),
        service_target_ms,
        tuple(groups),
        len(waited),
        of.team,
        of.tier,
        tuple(sorted({one.team or NONE for one in there})),
        tuple(sorted({one.tier or NONE for one in there})),
    )


@dataclass(frozen=True)
class _Asked:
    """A request, with the team of the session that it led to; empty where it led to none."""

    request: EndedRequest
    team: str

    @property
    def tier(self) -> str:
        return self.request.tier


@dataclass(frozen=True)
class _Members:
    sessions: list[SessionFacts]
    requests: list[EndedRequest]


def _grouped(
    sessions: Sequence[SessionFacts], asked: Sequence[_Asked], period: Period, grouping: Grouping
) -> dict[tuple[str, str], _Members]:
    """By key and label."""
    days = {period.day_of(facts.ended_at_ms or 0) for facts in sessions}
    days |= {period.day_of(one.request.ended_at_ms) for one in asked}
    parts = _parts_between(min(days), max(days), grouping) if days else [ALL] * (grouping == "all")
    parts = parts if grouping in ("all", "month", "week") else []
    found = {key: _Members([], []) for key in parts}
    # A staff number is a person, whatever names they had: the first one labels the group.
    labels = {key: key for key in parts}

    def group_of(ended_at_ms: int, staff_number: str, name: str, of: OfTeamAndTier) -> _Members:
        match grouping:
            case "engineer":
                key, label = staff_number or UNKNOWN, name or UNKNOWN
            case "team":
                key = label = of.team or NONE
            case "tier":
                key = label = of.tier or NONE
            case _:
                key = label = _part_of(period.day_of(ended_at_ms), grouping)
        labels.setdefault(key, label)
        return found.setdefault(key, _Members([], []))

    for facts in sessions:
        group_of(facts.ended_at_ms or 0, facts.staff_number, facts.engineer, facts).sessions.append(facts)
    for one in asked:
        request = one.request
        group_of(request.ended_at_ms, request.taken_by_number, request.taken_by_name, one).requests.append(request)
    return {(key, labels[key]): found[key] for key in sorted(found)}


def _part_of(day: date, grouping: Grouping) -> str:
    year, week, _ = day.isocalendar()
    return {"month": f"{day:%Y-%m}", "week": f"{year}-W{week:02}"}.get(grouping, ALL)


def _parts_between(first: date, last: date, grouping: Grouping) -> list[str]:
    """A week in which nothing ended is a row as well: in a plot, the line from before to after would hide it."""
    days = (last - first).days + 1
    return [*dict.fromkeys(_part_of(first + timedelta(days=day), grouping) for day in range(days))]


CSV_COLUMNS = (
    "first_day", "last_day", "zone", "team", "tier", "group", "label", "figure", "unit", "value", "low", "high",
    "count", "too_few", "sessions", "hits",
)  # fmt: skip
"""`team` and `tier` are of the sessions that the line is about: empty for all, `-` for none."""


def report_csv(report: Report) -> Iterator[str]:
    """Lines with their ends, RFC 4180; one figure a line, with the sessions behind it."""
    yield csv_line(CSV_COLUMNS)
    for group in report.groups:
        team = group.key if report.grouping == "team" else report.team
        tier = group.key if report.grouping == "tier" else report.tier
        for figure in group.figures:
            numbers = ("" if number is None else f"{number:.6g}" for number in (figure.value, figure.low, figure.high))
            yield csv_line(
                (
                    report.first_day, report.last_day, report.zone, team or "", tier or "",
                    group.key, group.label, figure.name, figure.unit, *numbers,
                    str(figure.count), str(figure.too_few).lower(),
                    " ".join(figure.sessions), " ".join(figure.hits),
                )
            )  # fmt: skip
