"""The figures: what counts, what does not, and the edges of the seven days."""

from collections.abc import Sequence
from typing import Any

import pytest

from audit.quality.figures import FCR_WINDOW_MS, Figure, Known, Population, all_figures, first_contact_resolution
from audit.quality.reviews import Case
from audit.quality.sessions import SessionFacts
from tests.audit.quality.builders import DAY_MS, NOW_MS, answers, case, disputed, ended_request, session

HOUR_MS = 3_600_000


def figures(sessions: Sequence[SessionFacts], cases: Sequence[Case] = (), **changes: Any) -> dict[str, Figure]:
    population = Population(sessions, Known(sessions), cases, NOW_MS, **changes)
    return {figure.name: figure for figure in all_figures(population)}


def test_csat_counts_fours_and_fives_of_those_who_answered() -> None:
    """With its interval, the answers behind it and the response rate beside it."""
    rated = [session(n, stars=stars) for n, stars in enumerate((5, 4, 3, 2, 1), start=1)]
    found = figures([*rated, session(6), session(7, stars=5, mystery=True)])
    csat = found["csat"]
    assert (csat.value, csat.count, csat.too_few) == (0.4, 5, True)
    assert csat.sessions == tuple(facts.session_id for facts in rated)
    assert csat.hits == tuple(facts.session_id for facts in rated[:2])
    assert csat.low is not None
    assert csat.high is not None
    assert csat.low < 0.4 < csat.high
    assert found["dsat"].value == 0.4
    assert found["response_rate"].value == pytest.approx(5 / 6)


def test_thirty_answers_are_enough() -> None:
    """Twenty-nine are not."""
    for count, too_few in ((29, True), (30, False)):
        found = figures([session(n, stars=5) for n in range(1, count + 1)])
        assert found["csat"].too_few is too_few


def test_of_nothing_there_is_no_figure() -> None:
    """No share, no median, no division by nothing."""
    assert all(figure.value is None and figure.count == 0 for figure in figures([]).values())


def test_times_are_medians_and_p90_and_a_share_within_the_target() -> None:
    """Sessions that never came to it are left out."""
    sessions = [session(n, first_response_ms=n * 10_000, active_ms=n * 60_000) for n in range(1, 11)] + [session(11)]
    found = figures(sessions, service_target_ms=30_000)
    assert (found["first_response_median"].value, found["first_response_p90"].value) == (50_000, 90_000)
    assert (found["service_level"].value, found["service_level"].count) == (0.3, 10)
    assert (found["handling_median"].value, found["handling_p90"].value) == (300_000, 540_000)


def ticket(number: int, opened_at_ms: int, **changes: Any) -> SessionFacts:
    fields = {"ticket": "T-1", "opened_at_ms": opened_at_ms, "ended_at_ms": opened_at_ms + HOUR_MS, "solved": True}
    return session(number, **fields | changes)


BEGAN_MS = NOW_MS - 30 * DAY_MS
FIRST_ENDED_MS = BEGAN_MS + HOUR_MS


@pytest.mark.parametrize(
    ("later_ms", "resolved"),
    [
        (FCR_WINDOW_MS - HOUR_MS, 0),  # 6 d 23 h
        (FCR_WINDOW_MS - 1, 0),
        (FCR_WINDOW_MS, 0),
        (FCR_WINDOW_MS + 1, 1),
        (FCR_WINDOW_MS + HOUR_MS, 1),  # 7 d 1 h
    ],
)
def test_a_repeat_within_seven_days_is_no_first_contact_resolution(later_ms: int, resolved: int) -> None:
    """Seven times 24 hours after the first session's end, whatever clocks were changed in between."""
    sessions = [ticket(1, BEGAN_MS), ticket(2, FIRST_ENDED_MS + later_ms)]
    fcr = first_contact_resolution(Population(sessions, Known(sessions), (), NOW_MS))
    assert (len(fcr.hits), fcr.count) == (resolved, 1)


def test_first_contact_resolution_waits_for_its_window() -> None:
    """A ticket of last week says nothing yet; a millisecond after its seven days it does."""
    sessions = [ticket(1, NOW_MS - FCR_WINDOW_MS - HOUR_MS)]
    assert first_contact_resolution(Population(sessions, Known(sessions), (), NOW_MS)).count == 0
    assert first_contact_resolution(Population(sessions, Known(sessions), (), NOW_MS + 1)).count == 1


def test_tickets_that_nobody_called_solved_are_no_issues_resolved() -> None:
    """They are in neither count; one solved by its second session is in the lower one."""
    unsolved = [ticket(1, BEGAN_MS, solved=False), ticket(2, BEGAN_MS + DAY_MS, solved=None)]
    assert first_contact_resolution(Population(unsolved, Known(unsolved), (), NOW_MS)).count == 0
    second = [ticket(1, BEGAN_MS, solved=False), ticket(2, BEGAN_MS + DAY_MS)]
    fcr = first_contact_resolution(Population(second, Known(second), (), NOW_MS))
    assert (fcr.value, fcr.count) == (0, 1)


def test_a_repeat_outside_of_the_population_still_counts_as_one() -> None:
    """The period ends, the customer calls again: the figure of the period knows."""
    first, later = ticket(1, BEGAN_MS), ticket(2, BEGAN_MS + 3 * DAY_MS)
    fcr = first_contact_resolution(Population([first], Known([first, later]), (), NOW_MS))
    assert (fcr.value, fcr.count) == (0, 1)
    assert first_contact_resolution(Population([later], Known([first, later]), (), NOW_MS)).count == 0


def test_resolved_first_session_leaves_out_those_that_came_back() -> None:
    """Sessions without a ticket are each their own first."""
    sessions = [ticket(1, BEGAN_MS, solved=False), ticket(2, BEGAN_MS + DAY_MS), session(3, solved=True)]
    found = figures(sessions)["resolved_first_session"]
    assert (found.value, found.sessions) == (0.5, (sessions[0].session_id, sessions[2].session_id))


def test_quality_keeps_random_picks_and_others_apart() -> None:
    """A low-rating pick does not move the rate, an auto-fail does not move the mean, a struck review is nowhere."""
    sessions = [session(n) for n in range(1, 7)]
    ids = [facts.session_id for facts in sessions]
    half = answers(found=1, told=1, consent=1)
    cases = [
        case(1, session_id=ids[0]),
        case(2, session_id=ids[1], given=half),
        case(3, session_id=ids[2], given=answers(found=2, told=2, consent=0)),
        case(4, session_id=ids[3], given=half, reason="low-rating"),
        disputed(case(5, session_id=ids[4], given=half), outcome="struck"),
        case(6, session_id=ids[5], given=half, reason="request", calibration_id="c" * 12),
        case(7, session_id=ids[4], given=None),
    ]
    found = figures(sessions, cases)
    assert (found["quality_random"].value, found["quality_random"].count) == (75.0, 2)
    assert (found["auto_fails_random"].hits, found["auto_fails_random"].count) == ((ids[2],), 3)
    assert found["critical_error_accuracy_random"].value == pytest.approx(2 / 3)
    assert (found["quality_reason"].value, found["quality_reason"].count) == (50.0, 1)


def test_critical_error_accuracy_counts_sessions_not_reviews() -> None:
    """Two reviews of one session, one of which found the error: that session had one."""
    sessions = [session(1), session(2)]
    ids = [facts.session_id for facts in sessions]
    cases = [
        case(1, session_id=ids[0]),
        case(2, session_id=ids[0], given=answers(found=2, told=2, consent=0)),
        case(3, session_id=ids[1]),
    ]
    accuracy = figures(sessions, cases)["critical_error_accuracy_random"]
    assert (accuracy.value, accuracy.count, accuracy.hits) == (0.5, 2, (ids[1],))


def test_the_queue_is_counted_with_the_sessions_that_it_led_to() -> None:
    """Who gave up within the promise waited for nobody; a request without a session counts, and opens none."""
    sessions = [session(n) for n in (1, 2)]
    late = {"taken_at_ms": 0, "outcome": "abandoned", "ended_at_ms": NOW_MS}
    requests = [
        ended_request(1, session_id=sessions[0].session_id),
        ended_request(2, taken_at_ms=ended_request(2).asked_at_ms + 90_000),
        ended_request(3, session_id=sessions[1].session_id, **late),
        ended_request(4, taken_at_ms=0, outcome="abandoned"),
    ]
    found = figures(sessions, requests=requests)
    assert [found[f"speed_of_answer_{which}"].value for which in ("median", "p90")] == [10_000, 90_000]
    assert found["speed_of_answer_p90"].sessions == (sessions[0].session_id,)
    level, abandonment = found["queue_service_level"], found["abandonment"]
    assert (level.value, level.count, level.hits) == (1 / 3, 3, (sessions[0].session_id,))
    assert (abandonment.value, abandonment.count) == (0.5, 4)
    assert abandonment.hits == (sessions[1].session_id,)
    assert set(abandonment.sessions) == {facts.session_id for facts in sessions}


def test_a_planted_visit_is_no_customer_who_waited() -> None:
    """Its request would be in the figures of those who cannot tell."""
    visit = session(1, mystery=True)
    assert figures([visit], requests=[ended_request(session_id=visit.session_id)])["abandonment"].count == 0
