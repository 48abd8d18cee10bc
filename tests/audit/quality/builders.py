"""Small scorecards, sessions and reviews for the tests of quality."""

from typing import Any

from audit.quality.reviews import Assignment, Case, Dispute, Review
from audit.quality.scorecards import Answer, BothLanguages, Criterion, Level, Scale, Scorecard
from audit.quality.sessions import SessionFacts
from serving.waiting import EndedRequest

DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_790_000_000_000


def both(text: str) -> BothLanguages:
    return BothLanguages(en=text, zh_cn=text)


def scale(*points: int) -> Scale:
    return Scale(tuple(Level(en=f"{value} points", zh_cn=f"{value} 分", points=value) for value in points))


def criterion(name: str, **changes: Any) -> Criterion:
    fields: dict[str, Any] = {
        "id": name, "weight": 10, "scale": "met", "title": both(name), "help": both(f"about {name}")
    }  # fmt: skip
    return Criterion(**fields | changes)


def scorecard(*criteria: Criterion, **changes: Any) -> Scorecard:
    """Two weighed criteria of 3:1, one that may not apply, one auto-fail; or those given."""
    fields: dict[str, Any] = {
        "id": "short",
        "version": 1,
        "title": both("Short"),
        "scales": {"met": scale(0, 1, 2), "kept": scale(0, 1)},
        "criteria": criteria
        or (
            criterion("found", weight=30),
            criterion("told", weight=10, not_applicable=True),
            criterion("consent", weight=0, scale="kept", auto_fail=True),
        ),
    }
    return Scorecard(**fields | changes)


def answers(**points: int | None) -> tuple[Answer, ...]:
    return tuple(Answer(name, given) for name, given in points.items())


GOOD = answers(found=2, told=2, consent=1)


def session(number: int = 1, **changes: Any) -> SessionFacts:
    fields: dict[str, Any] = {
        "session_id": f"{number:032x}",
        "state": "complete",
        "opened_at_ms": NOW_MS - DAY_MS,
        "ended_at_ms": NOW_MS - DAY_MS + 600_000,
        "engineer": "Mei Example",
        "staff_number": "E-17",
    }
    return SessionFacts(**fields | changes)


def case(
    number: int = 1, *, session_id: str = f"{1:032x}", given: tuple[Answer, ...] | None = GOOD, **changes: Any
) -> Case:
    """A submitted review; `given=None` leaves it assigned."""
    fields: dict[str, Any] = {
        "assignment_id": f"{number:012x}",
        "session_id": session_id,
        "reviewer": "ana",
        "scorecard": "short",
        "scorecard_version": 1,
        "reason": "random",
        "assigned_by": "sam",
        "assigned_at_ms": NOW_MS,
        "due_at_ms": NOW_MS + 7 * DAY_MS,
    }
    assignment = Assignment(**fields | changes)
    review = None
    if given is not None:
        review = Review(
            assignment_id=assignment.assignment_id, answers=given, saved_at_ms=NOW_MS + 1, submitted_at_ms=NOW_MS + 1
        )
    return Case(assignment, scorecard(), review)


def disputed(of: Case, **changes: Any) -> Case:
    fields: dict[str, Any] = {
        "assignment_id": of.assignment.assignment_id,
        "raised_by": "mei",
        "raised_at_ms": NOW_MS + 2,
        "grounds": "the cause was named at 3:10",
    }
    return Case(of.assignment, of.scorecard, of.review, Dispute(**fields | changes))


def ended_request(number: int = 1, **changes: Any) -> EndedRequest:
    """Asked a day ago, promised within a minute, taken after ten seconds and served."""
    asked_at_ms = NOW_MS - DAY_MS + number
    fields: dict[str, Any] = {
        "request_id": number,
        "tier": "standard",
        "asked_at_ms": asked_at_ms,
        "due_at_ms": asked_at_ms + 60_000,
        "taken_at_ms": asked_at_ms + 10_000,
        "ended_at_ms": asked_at_ms + 20_000,
        "outcome": "served",
        "taken_by_name": "Mei Example",
        "taken_by_number": "E-17",
        "session_id": None,
    }
    return EndedRequest(**fields | changes)
