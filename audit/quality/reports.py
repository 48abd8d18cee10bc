"""Figures over a stated population, period and time zone, grouped; and the same as CSV.

A session belongs to the period in which it ended. Days begin at midnight of the stated time zone, so that a day of the
change to summer time has 23 hours and nothing is counted twice.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from audit.quality.figures import Figure, Population, all_figures
from audit.quality.reviews import Case
from audit.quality.sessions import SessionFacts
from protocol.errors import InputError

Grouping = Literal["all", "engineer", "month", "week"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


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
            problem=f"{zone} is no time zone that is known here; write it like Asia/Shanghai"
        ) from None
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(where).date()
    ends = _parse_day(last) if last else today
    begins = _parse_day(first) if first else ends - timedelta(days=29)
    if begins > ends:
        raise PeriodUnusable(problem=f"it begins on {begins} and ends before that, on {ends}")
    return Period(begins, ends, where)


def _parse_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodUnusable(problem=f"{text} is no date; write it like 2026-11-30") from None
    if not 1970 < day.year < 9999:
        raise PeriodUnusable(problem=f"{text} is too far away")
    return day


class Group(Struct, frozen=True):
    """`key` is stable (a staff number, a month), `label` for people."""

    key: str
    label: str
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)


class Report(Struct, frozen=True):
    """`sessions` is the size of the whole population; dates are days of `zone`, both included."""

    first_day: str
    last_day: str
    zone: str
    grouping: Grouping
    sessions: int
    service_target_ms: int
    groups: tuple[Group, ...]


def make_report(
    every: Sequence[SessionFacts],
    cases: Sequence[Case],
    period: Period,
    *,
    now_ms: int,
    grouping: Grouping = "all",
    service_target_ms: int = 60_000,
) -> Report:
    """Groups by engineer are ranked by the lower end of their CSAT interval: few answers do not make a winner."""
    sessions = [facts for facts in every if facts.is_over and period.holds(facts.ended_at_ms or 0)]
    groups = []
    for (key, label), members in _grouped(sessions, period, grouping).items():
        population = Population(members, every, cases, now_ms, service_target_ms)
        groups.append(Group(key, label, tuple(all_figures(population))))
    if grouping == "engineer":
        groups.sort(key=lambda group: (-(group.figure("csat").low or 0.0), group.key))
    return Report(
        period.first.isoformat(),
        period.last.isoformat(),
        period.zone.key,
        grouping,
        len(sessions),
        service_target_ms,
        tuple(groups),
    )


def _grouped(
    sessions: Sequence[SessionFacts], period: Period, grouping: Grouping
) -> dict[tuple[str, str], list[SessionFacts]]:
    def by_week(facts: SessionFacts) -> tuple[str, str]:
        year, week, _ = period.day_of(facts.ended_at_ms or 0).isocalendar()
        return (f"{year}-W{week:02}",) * 2

    key_of: dict[Grouping, Callable[[SessionFacts], tuple[str, str]]] = {
        "all": lambda _: ("all", "all"),
        "engineer": lambda facts: (facts.staff_number or "?", facts.engineer or "?"),
        "month": lambda facts: (period.day_of(facts.ended_at_ms or 0).strftime("%Y-%m"),) * 2,
        "week": by_week,
    }
    found: dict[tuple[str, str], list[SessionFacts]] = {("all", "all"): []} if grouping == "all" else {}
    labels: dict[str, str] = {}
    for facts in sessions:
        key, label = key_of[grouping](facts)
        # A staff number is a person, whatever names they had: the first one labels the group.
        found.setdefault((key, labels.setdefault(key, label)), []).append(facts)
    return dict(sorted(found.items()))


CSV_COLUMNS = (
    "first_day", "last_day", "zone", "group", "label", "figure", "unit", "value", "low", "high", "count", "too_few",
    "sessions", "hits",
)  # fmt: skip


def report_csv(report: Report) -> Iterator[str]:
    """Lines with their ends, RFC 4180; one figure a line, with the sessions behind it."""
    yield _csv_line(CSV_COLUMNS)
    for group in report.groups:
        for figure in group.figures:
            numbers = ("" if number is None else f"{number:.6g}" for number in (figure.value, figure.low, figure.high))
            yield _csv_line(
                (
                    report.first_day, report.last_day, report.zone, group.key, group.label, figure.name, figure.unit,
                    *numbers, str(figure.count), str(figure.too_few).lower(),
                    " ".join(figure.sessions), " ".join(figure.hits),
                )
            )  # fmt: skip


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: str) -> str:
    """Spreadsheets run cells that begin like formulas (OWASP, CSV injection); names are other people's."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
