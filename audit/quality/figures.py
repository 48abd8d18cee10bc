"""The figures of a population of sessions, each with what it rests on. docs/operating/quality.md has the formulas.

    csat                      answers of 4-5 / answers, with its Wilson interval
    dsat                      answers of 1-2 / answers
    response_rate             answers / sessions
    resolved_first_session    'solved' / answers to that question, over sessions that are the first of their ticket
    fcr                       tickets solved in their first session without another one within 7 days / tickets solved
    speed_of_answer           from asking for help to being taken: median and P90; serving/waiting.py has these three
    queue_service_level       taken within the tier's promise / (taken + gave up after it had run out)
    abandonment               gave up before anybody took them / requests that ended
    first_response            from the customer's yes to the engineer's first act: median and P90
    service_level             first responses within the target / first responses
    handling                  active time, without the customer's pauses: median and P90
    quality                   mean score of reviews without an auto-fail
    auto_fails                reviews with an auto-fail / reviews
    critical_error_accuracy   1 - sessions with a critical error / sessions reviewed

Mystery sessions are in no customer figure. Quality figures of random picks and of picks for a reason never mix, and
calibrations are in neither: they judge the reviewers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from audit.quality.reviews import Case
from audit.quality.sessions import SessionFacts
from audit.quality.statistics import TOO_FEW, wilson_interval
from serving.percentiles import percentile
from serving.waiting import EndedRequest, sort_out

FCR_WINDOW_MS = 7 * 24 * 60 * 60 * 1000
SATISFIED, DISSATISFIED = (4, 5), (1, 2)

Unit = Literal["share", "ms", "points"]


class Figure(Struct, frozen=True, kw_only=True):
    """`value` is a share in [0, 1], milliseconds or points of a hundred; None where there is nothing to count.

    `sessions` are all that it rests on, `hits` those of them that a share counts. `count` may differ from the number of
    sessions: several reviews can be of one session, several sessions of one ticket, and a request needs to have none.
    """

    name: str
    unit: Unit
    value: float | None
    count: int
    low: float | None = None
    high: float | None = None
    too_few: bool = True
    sessions: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()


class Known:
    """All sessions, and what is looked up in them."""

    def __init__(self, every: Sequence[SessionFacts]) -> None:
        self.tickets = _by_ticket(every)
        self.first_of = {ticket: contacts[0].session_id for ticket, contacts in self.tickets.items()}
        self.mysteries = {facts.session_id for facts in every if facts.mystery}


@dataclass(frozen=True, slots=True)
class Population:
    """`sessions` and `requests` are those that ended within the period, `cases` those of the sessions. `known` is all
    that is known, for what happened before and afterwards; one for all populations of a report."""

    sessions: Sequence[SessionFacts]
    known: Known
    cases: Sequence[Case]
    now_ms: int
    service_target_ms: int = 60_000
    requests: Sequence[EndedRequest] = ()

    @property
    def customers(self) -> list[SessionFacts]:
        """Without mystery sessions."""
        return [facts for facts in self.sessions if not facts.mystery]

    @property
    def customers_requests(self) -> list[EndedRequest]:
        """Without those that led to mystery sessions."""
        return [request for request in self.requests if request.session_id not in self.known.mysteries]


def all_figures(population: Population) -> list[Figure]:
    """In the order in which reports show them."""
    return [
        *customer_figures(population),
        *queue_figures(population),
        *time_figures(population),
        *quality_figures(population, "random"),
        *quality_figures(population, "reason"),
    ]


def share(name: str, hits: Sequence[str | None], sessions: Sequence[str | None]) -> Figure:
    """A share with its Wilson interval. None stands for what counts and has no session."""
    count = len(sessions)
    interval = wilson_interval(len(hits), count)
    return Figure(
        name=name,
        unit="share",
        value=len(hits) / count if count else None,
        count=count,
        too_few=count < TOO_FEW,
        low=interval.low if count else None,
        high=interval.high if count else None,
        sessions=_known(sessions),
        hits=_known(hits),
    )


def customer_figures(population: Population) -> list[Figure]:
    sessions = population.customers
    answered = [facts for facts in sessions if facts.stars is not None]
    told = [facts for facts in _firsts(sessions, population.known) if facts.solved is not None]
    return [
        share("csat", _ids(answered, lambda facts: facts.stars in SATISFIED), _ids(answered)),
        share("dsat", _ids(answered, lambda facts: facts.stars in DISSATISFIED), _ids(answered)),
        share("response_rate", _ids(answered), _ids(sessions)),
        share("resolved_first_session", _ids(told, lambda facts: facts.solved is True), _ids(told)),
        first_contact_resolution(population),
    ]


def queue_figures(population: Population) -> list[Figure]:
    waits = sort_out(population.customers_requests)

    def ids(requests: Sequence[EndedRequest]) -> list[str | None]:
        return [request.session_id for request in requests]

    return [
        *_times("speed_of_answer", ids(waits.taken), [request.waited_ms for request in waits.taken]),
        share("queue_service_level", ids(waits.within), ids(waits.promised)),
        share("abandonment", ids(waits.abandoned), ids(waits.ended)),
    ]


def time_figures(population: Population) -> list[Figure]:
    sessions = population.customers
    responded = [facts for facts in sessions if facts.first_response_ms is not None]
    within = _ids(responded, lambda facts: (facts.first_response_ms or 0) <= population.service_target_ms)
    handled = [facts for facts in sessions if facts.active_ms is not None]
    return [
        *_times("first_response", _ids(responded), [facts.first_response_ms or 0 for facts in responded]),
        share("service_level", within, _ids(responded)),
        *_times("handling", _ids(handled), [facts.active_ms or 0 for facts in handled]),
    ]


def first_contact_resolution(population: Population) -> Figure:
    """Over tickets whose first session ended in the period and whose 7 days are over; a ticket is one problem.

    A session of the same ticket that begins up to 7 days after the first one's end, to the millisecond, is a repeat.
    """
    in_period = {facts.session_id for facts in population.customers}
    solved, at_first = [], []
    for contacts in population.known.tickets.values():
        first = contacts[0]
        window_ends_ms = (first.ended_at_ms or 0) + FCR_WINDOW_MS
        if first.session_id not in in_period or population.now_ms <= window_ends_ms:
            continue
        within = [facts for facts in contacts if facts.opened_at_ms <= window_ends_ms]
        if any(facts.solved is True for facts in within):
            solved.append(first.session_id)
            if len(within) == 1:
                at_first.append(first.session_id)
    return share("fcr", at_first, solved)


def quality_figures(population: Population, picked: Literal["random", "reason"]) -> list[Figure]:
    """Of reviews that stand, of sessions of this population, picked at random or for a reason."""
    cases = [
        case
        for case in population.cases
        if case.counts
        and case.assignment.calibration_id is None
        and (case.assignment.reason == "random") == (picked == "random")
    ]
    scored = [(case.assignment.session_id, case.score) for case in cases]
    passed = [(session, float(100 * score.share)) for session, score in scored if score and not score.auto_fails]
    failed = [session for session, score in scored if score and score.auto_fails]
    reviewed = sorted({session for session, _ in scored})
    clean = sorted(set(reviewed) - set(failed))
    mean = sum(points for _, points in passed) / len(passed) if passed else None
    return [
        Figure(
            name=f"quality_{picked}",
            unit="points",
            value=mean,
            count=len(passed),
            too_few=len(passed) < TOO_FEW,
            sessions=tuple(session for session, _ in passed),
        ),
        share(f"auto_fails_{picked}", failed, [session for session, _ in scored]),
        share(f"critical_error_accuracy_{picked}", clean, reviewed),
    ]


def _ids(sessions: Sequence[SessionFacts], wanted: Callable[[SessionFacts], bool] = lambda _: True) -> list[str]:
    return [facts.session_id for facts in sessions if wanted(facts)]


def _known(session_ids: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(session_id for session_id in session_ids if session_id is not None)


def _times(name: str, sessions: Sequence[str | None], values: Sequence[int]) -> list[Figure]:
    """The two of a list of milliseconds, each of the session beside it."""
    return [
        Figure(
            name=f"{name}_{which}",
            unit="ms",
            value=percentile(values, at),
            count=len(values),
            too_few=len(values) < TOO_FEW,
            sessions=_known(sessions),
        )
        for which, at in (("median", 0.5), ("p90", 0.9))
    ]


def _by_ticket(sessions: Sequence[SessionFacts]) -> dict[str, list[SessionFacts]]:
    """Sessions with a ticket that are over, in the order in which they began."""
    found: dict[str, list[SessionFacts]] = {}
    for facts in sorted(sessions, key=lambda facts: (facts.opened_at_ms, facts.session_id)):
        if facts.ticket.strip() and facts.is_over and not facts.mystery:
            found.setdefault(facts.ticket.strip().casefold(), []).append(facts)
    return found


def _firsts(sessions: Sequence[SessionFacts], known: Known) -> list[SessionFacts]:
    """Without those that come back to a ticket that had a session before."""
    return [
        facts
        for facts in sessions
        if known.first_of.get(facts.ticket.strip().casefold(), facts.session_id) == facts.session_id
    ]
