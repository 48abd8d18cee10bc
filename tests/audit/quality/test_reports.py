"""Periods in their time zone, groups, and CSV."""

import csv
import io
from datetime import UTC, datetime

import pytest

from audit.quality.brokers_word import NONE, Narrowing
from audit.quality.reports import CSV_COLUMNS, PeriodUnusable, make_report, parse_period, report_csv
from tests.audit.quality.builders import DAY_MS, NOW_MS, ended_request, session

HOUR_MS = 3_600_000


def at(*fields: int) -> int:
    return int(datetime(*fields, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type,misc]  # year, month, day, hour


def test_a_day_of_summer_time_has_23_or_25_hours() -> None:
    """And the next day begins where it ends: nothing is counted twice, nothing is lost."""
    for day, following, hours in (("2026-03-29", "2026-03-30", 23), ("2026-10-25", "2026-10-26", 25)):
        period = parse_period(day, day, "Europe/Berlin", NOW_MS)
        assert period.end_ms - period.start_ms == hours * HOUR_MS
        assert parse_period(following, following, "Europe/Berlin", NOW_MS).start_ms == period.end_ms


def test_a_period_is_of_its_time_zone() -> None:
    """Midnight in Shanghai is the afternoon before in UTC; both ends belong to the period as whole days."""
    period = parse_period("2026-11-01", "2026-11-30", "Asia/Shanghai", NOW_MS)
    assert (period.start_ms, period.end_ms) == (at(2026, 10, 31, 16), at(2026, 11, 30, 16))
    assert period.holds(period.start_ms)
    assert not period.holds(period.end_ms)


def test_left_out_it_is_the_last_thirty_days() -> None:
    """Up to today, in the time zone that was asked for."""
    period = parse_period(None, None, "UTC", at(2026, 11, 30, 23))
    assert (period.first.isoformat(), period.last.isoformat()) == ("2026-11-01", "2026-11-30")


@pytest.mark.parametrize(
    ("first", "last", "zone", "complaint"),
    [
        ("2026-13-01", None, "UTC", "is no date"),
        ("2026-11-02", "2026-11-01", "UTC", "ends before that"),
        (None, "9999-12-31", "UTC", "too far away"),
        (None, None, "Mars/Olympus", "no time zone"),
        (None, None, "../../etc/passwd", "no time zone"),
        (None, None, "a\x00b", "no time zone"),
    ],
)
def test_a_wrong_period_gets_a_sentence(first: str | None, last: str | None, zone: str, complaint: str) -> None:
    """What it is that cannot be used."""
    with pytest.raises(PeriodUnusable, match=complaint):
        parse_period(first, last, zone, NOW_MS)


def test_engineers_are_ranked_by_what_is_sure() -> None:
    """Two fives do not beat forty-five of fifty."""
    many = [session(n, stars=5 if n <= 45 else 1, staff_number="E-1", engineer="Ana") for n in range(1, 51)]
    few = [session(n, stars=5, staff_number="E-2", engineer="Ben") for n in (51, 52)]
    report = make_report([*few, *many], (), parse_period(None, None, "UTC", NOW_MS), now_ms=NOW_MS, grouping="engineer")
    assert [(group.key, group.label, group.figure("csat").too_few) for group in report.groups] == [
        ("E-1", "Ana", False),
        ("E-2", "Ben", True),
    ]


def test_a_week_without_sessions_is_a_row() -> None:
    """So that no line of a plot goes from the week before to the week after as if nothing had been missing."""
    ended = [at(2026, 11, 3, 12), at(2026, 11, 24, 12)]
    sessions = [session(number, ended_at_ms=when, stars=5) for number, when in enumerate(ended, 1)]
    period = parse_period("2020-01-01", "2026-12-31", "UTC", NOW_MS)
    report = make_report(sessions, (), period, now_ms=NOW_MS, grouping="week")
    counts = [(group.key, group.figure("csat").count) for group in report.groups]
    assert counts == [("2026-W45", 1), ("2026-W46", 0), ("2026-W47", 0), ("2026-W48", 1)]
    assert make_report([], (), period, now_ms=NOW_MS, grouping="week").groups == ()


def test_a_person_with_two_names_is_one_group() -> None:
    """The staff number is who they are."""
    sessions = [session(1, engineer="Ana Old"), session(2, engineer="Ana New")]
    report = make_report(sessions, (), parse_period(None, None, "UTC", NOW_MS), now_ms=NOW_MS, grouping="engineer")
    assert [group.key for group in report.groups] == ["E-17"]


def test_a_session_has_the_tier_of_the_request_that_led_to_it() -> None:
    """Also where the request ended before the period began; who did not ask is in a group of its own."""
    sessions = [session(1, tier="gold", team="Berlin"), session(2)]
    requests = [
        ended_request(1, tier="gold", session_id=sessions[0].session_id, ended_at_ms=NOW_MS - 90 * DAY_MS),
        ended_request(2, tier="gold"),
        ended_request(3, taken_by_number="E-9", taken_by_name="Wei"),
    ]
    period = parse_period(None, None, "UTC", NOW_MS)
    report = make_report(sessions, (), period, now_ms=NOW_MS, grouping="tier", requests=requests)
    counted = [(one.key, one.figure("response_rate").count, one.figure("abandonment").count) for one in report.groups]
    assert counted == [("-", 1, 0), ("gold", 1, 1), ("standard", 0, 1)]
    assert (report.sessions, report.requests) == (2, 2)
    report = make_report(sessions, (), period, now_ms=NOW_MS, grouping="engineer", requests=requests)
    assert [(one.key, one.label, one.figure("abandonment").count) for one in report.groups] == [
        ("E-17", "Mei Example", 1),
        ("E-9", "Wei", 1),
    ]


def test_a_request_has_the_team_of_the_session_that_it_led_to() -> None:
    """And is in none where it led to none; its tier is its own."""
    sessions = [session(1, tier="gold", team="Berlin")]
    requests = [
        ended_request(1, tier="gold", session_id=sessions[0].session_id),
        ended_request(2, tier="gold"),
        ended_request(3),
    ]
    period = parse_period(None, None, "UTC", NOW_MS)
    for of, count in (
        (Narrowing(team="Berlin"), 1),
        (Narrowing(team=NONE), 2),
        (Narrowing(tier="gold"), 2),
        (Narrowing(team=NONE, tier="standard"), 1),
    ):
        report = make_report(sessions, (), period, now_ms=NOW_MS, requests=requests, of=of)
        assert (report.requests, report.groups[0].figure("abandonment").count) == (count, count), of
    report = make_report(sessions, (), period, now_ms=NOW_MS, grouping="team", requests=requests)
    assert [(one.key, one.figure("abandonment").count) for one in report.groups] == [("-", 2), ("Berlin", 1)]


def test_a_report_is_narrowed_to_a_team_and_a_tier() -> None:
    """The figures are those of its sessions; another team's session of the same ticket still makes it a second one."""
    mine = [session(1, team="Berlin", tier="gold", ticket="T-1", solved=True), session(2, team="Berlin")]
    other = session(3, team="Hamburg", ticket="T-1", solved=True, opened_at_ms=NOW_MS - 2 * DAY_MS)
    none = session(4, ticket="T-9")
    every, period = [*mine, other, none], parse_period(None, None, "UTC", NOW_MS)
    for of, ids in (
        (Narrowing(), {1, 2, 3, 4}),
        (Narrowing(team="Berlin"), {1, 2}),
        (Narrowing(team=NONE), {4}),
        (Narrowing(tier="gold"), {1}),
        (Narrowing(tier=NONE), {2, 3, 4}),
        (Narrowing(team="Berlin", tier=NONE), {2}),
        (Narrowing(team="Rome"), set()),
    ):
        report = make_report(every, (), period, now_ms=NOW_MS, of=of)
        rate = report.groups[0].figure("response_rate")
        assert {int(one, 16) for one in rate.sessions} == ids, of
        assert (report.team, report.tier, report.sessions) == (of.team, of.tier, len(ids))
        assert (report.teams, report.tiers) == (("-", "Berlin", "Hamburg"), ("-", "gold"))
    first = make_report(every, (), period, now_ms=NOW_MS, of=Narrowing(team="Berlin")).groups[0]
    assert first.figure("resolved_first_session").count == 0


def test_every_session_is_in_a_team_or_in_none() -> None:
    """Those of before there were teams are not lost: the groups add up to all. CSV says which team a line is of."""
    every = [session(1, stars=5, team="Berlin"), session(2, stars=5), session(3, stars=1, team="-x", tier="gold")]
    period = parse_period(None, None, "UTC", NOW_MS)
    for grouping, keys in (("team", {"Berlin": 1, "-": 1, "-x": 1}), ("tier", {"-": 2, "gold": 1})):
        report = make_report(every, (), period, now_ms=NOW_MS, grouping=grouping)  # type: ignore[arg-type]  # a Grouping
        assert {group.key: group.figure("csat").count for group in report.groups} == keys
        assert all(group.figure("csat").too_few for group in report.groups)
        rows = csv.DictReader(io.StringIO("".join(report_csv(report)), newline=""))
        assert {row[grouping] for row in rows} == {key if key == "-" else key.replace("-x", "'-x") for key in keys}
    narrowed = make_report(every, (), period, now_ms=NOW_MS, of=Narrowing(team=NONE))
    (row, *_) = csv.DictReader(io.StringIO("".join(report_csv(narrowed)), newline=""))
    assert (row["team"], row["tier"]) == ("-", "")


def test_months_and_weeks_are_of_the_time_zone() -> None:
    """The same moment is November in UTC and December in Shanghai."""
    facts = session(1, ended_at_ms=at(2026, 11, 30, 20))
    for zone, month, week in (("UTC", "2026-11", "2026-W49"), ("Asia/Shanghai", "2026-12", "2026-W49")):
        period = parse_period("2026-11-01", "2026-12-31", zone, NOW_MS)
        assert make_report([facts], (), period, now_ms=NOW_MS, grouping="month").groups[0].key == month
        assert make_report([facts], (), period, now_ms=NOW_MS, grouping="week").groups[0].key == week


def test_a_session_that_goes_on_is_in_no_period() -> None:
    """It belongs to the one in which it will end."""
    sessions = [session(1, state="arriving", ended_at_ms=None), session(2, ended_at_ms=NOW_MS - 90 * DAY_MS)]
    assert make_report(sessions, (), parse_period(None, None, "UTC", NOW_MS), now_ms=NOW_MS).sessions == 0


def test_csv_has_one_figure_a_line_with_its_sessions() -> None:
    """Readable by any reader of RFC 4180, and no cell is a formula."""
    sessions = [session(1, stars=5, staff_number="=HYPERLINK(1)", engineer='@"x",')]
    report = make_report(sessions, (), parse_period(None, None, "UTC", NOW_MS), now_ms=NOW_MS, grouping="engineer")
    text = "".join(report_csv(report))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert text.count("\r\n") == len(rows) + 1
    csat = next(row for row in rows if row["figure"] == "csat")
    assert (csat["value"], csat["count"], csat["too_few"]) == ("1", "1", "true")
    assert csat["sessions"] == csat["hits"] == sessions[0].session_id
    assert (csat["group"], csat["label"]) == ("'=HYPERLINK(1)", '\'@"x",')
