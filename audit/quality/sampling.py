"""Which sessions come to review, so that anybody can check afterwards that the choice was chance and not taste.

A random plan keeps a seed of 32 bytes. Within each stratum (by default an engineer) sessions stand in the order of

    SHA-256("consentry/sample/v1" ‖ 0 ‖ seed ‖ session id)

and the first n are drawn. A session's place depends on nothing but the seed and itself: not on the order of a list, nor
on the others, nor on when one looks. With the seed and the list of sessions, `sha256sum` and `sort` draw the same.

Random picks alone feed the rates. Those for a reason (low rating, mark, request, mystery) are reported apart: they were
chosen because something was wrong, and would drag every rate down.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from audit.quality.brokers_word import NONE
from audit.quality.people import is_own_session
from audit.quality.scorecards import Identifier
from audit.quality.sessions import SessionFacts
from audit.quality.statistics import sample_size
from protocol.details import Detail
from protocol.errors import InputError
from protocol.messages.fields import ShortText, UnixMs

SAMPLE_LABEL = b"consentry/sample/v1\0"
SEED_BYTES = 32

SampleReason = Literal["random", "low-rating", "mark", "request", "mystery"]
Stratum = Literal["engineer", "team", "none"]
PlanKind = Literal["random", "low-rating", "mark", "mystery"]
"""What a plan can look for; `request` is a single session that somebody asked for."""


class PlanUnusable(InputError):
    sentence = "This sampling plan cannot be used: {problem}."


class PlanBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people decide of a plan. A random one draws `per_stratum` sessions of each stratum, or as many in all as
    know a share within ±`margin`."""

    name: Identifier
    kind: PlanKind
    scorecard: Identifier
    reviewers: Annotated[tuple[ShortText, ...], Meta(min_length=1, max_length=100)]
    due_days: Annotated[int, Meta(ge=1, le=365)] = 7
    stratum: Stratum = "engineer"
    per_stratum: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    margin: Annotated[float, Meta(gt=0, lt=1)] | None = None
    stars_at_most: Annotated[int, Meta(ge=1, le=4)] = 2
    marks: tuple[Identifier, ...] = ()


class SamplingPlan(PlanBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A plan as it is kept. `seed` is in hex, made with the plan, before the sessions of its future periods existed."""

    seed: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$")] = ""
    made_by: ShortText = ""
    made_at_ms: UnixMs = 0


class Draw(Struct, frozen=True):
    """One session that was drawn, and why: the stratum, the stars, or the marks."""

    session_id: str
    reason: SampleReason
    detail: str


class StratumDrawn(Struct, frozen=True):
    """One stratum of a random draw: everything that could have been drawn, and what was."""

    name: str
    population: tuple[str, ...]
    drawn: tuple[str, ...]


def check_plan(plan: SamplingPlan) -> SamplingPlan:
    """Raises PlanUnusable."""
    if plan.kind == "random" and (plan.per_stratum is None) == (plan.margin is None):
        raise PlanUnusable(problem="a random plan needs either a number for each stratum or a margin")
    if plan.kind == "random" and len(bytes.fromhex(plan.seed)) != SEED_BYTES:
        raise PlanUnusable(problem=Detail("a random plan needs a seed of {size_bytes} bytes", size_bytes=SEED_BYTES))
    if plan.kind == "mark" and not plan.marks:
        raise PlanUnusable(problem="a plan for marks must name at least one mark")
    if len(set(plan.reviewers)) != len(plan.reviewers):
        raise PlanUnusable(problem="a reviewer is named twice")
    return plan


def place_of(seed: bytes, session_id: str) -> bytes:
    """Where a session stands in the order of a seed."""
    return hashlib.sha256(SAMPLE_LABEL + seed + bytes.fromhex(session_id)).digest()


def draw(seed: bytes, population: Iterable[str], count: int) -> tuple[str, ...]:
    """`count` of a population of session ids in hex, or all if there are not more."""
    return tuple(sorted(population, key=lambda session_id: place_of(seed, session_id))[:count])


def strata_of(plan: SamplingPlan, sessions: Sequence[SessionFacts]) -> dict[str, list[str]]:
    """Session ids by stratum; sessions that nobody can replay are no part of it."""
    strata: dict[str, list[str]] = {}
    for facts in sessions:
        if facts.can_be_reviewed and not facts.mystery:
            name = {"engineer": facts.staff_number, "team": facts.team or NONE, "none": "all"}[plan.stratum]
            strata.setdefault(name, []).append(facts.session_id)
    return {name: sorted(ids) for name, ids in sorted(strata.items())}


def counts_for(plan: SamplingPlan, strata: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many of each stratum. A margin's sample is shared out in proportion, rounded up: no stratum is left out."""
    if plan.per_stratum is not None:
        return dict.fromkeys(strata, plan.per_stratum)
    total = sum(len(ids) for ids in strata.values())
    wanted = sample_size(total, plan.margin or 1.0) if total else 0
    return {name: -(-wanted * len(ids) // total) for name, ids in strata.items()}


def draw_random(plan: SamplingPlan, sessions: Sequence[SessionFacts]) -> list[StratumDrawn]:
    seed = bytes.fromhex(plan.seed)
    strata = strata_of(plan, sessions)
    counts = counts_for(plan, strata)
    return [StratumDrawn(name, tuple(ids), draw(seed, ids, counts[name])) for name, ids in strata.items()]


def pick_for_a_reason(plan: SamplingPlan, sessions: Sequence[SessionFacts]) -> list[Draw]:
    """Everything that a plan of another kind looks for, oldest first."""
    found = []
    for facts in sorted(sessions, key=lambda facts: (facts.ended_at_ms or 0, facts.session_id)):
        if not facts.can_be_reviewed:
            continue
        marks = sorted({mark.rule for mark in facts.marks if mark.rule in plan.marks})
        if plan.kind == "low-rating" and facts.stars is not None and facts.stars <= plan.stars_at_most:
            found.append(Draw(facts.session_id, "low-rating", str(facts.stars)))
        elif plan.kind == "mark" and marks:
            found.append(Draw(facts.session_id, "mark", ", ".join(marks)))
        elif plan.kind == "mystery" and facts.mystery:
            found.append(Draw(facts.session_id, "mystery", ""))
    return found


def share_out(
    draws: Sequence[Draw],
    reviewers: Sequence[str],
    engineers: Mapping[str, str],
    load: Mapping[str, int],
    full_names: Mapping[str, str],
) -> list[tuple[Draw, str]]:
    """A reviewer for each: whoever has least to do, and nobody their own session (`engineers` by session id,
    `full_names` of reviewers).

    Raises PlanUnusable where only the session's own engineer is left.
    """
    waiting = {reviewer: load.get(reviewer, 0) for reviewer in reviewers}
    found = []
    for picked in draws:
        engineer = engineers.get(picked.session_id, "")
        fit = [name for name in waiting if not is_own_session(name, full_names, engineer)]
        if not fit:
            raise PlanUnusable(
                problem=Detail(
                    "nobody but its own engineer could review session {session}", session=picked.session_id[:8]
                )
            )
        chosen = min(fit, key=lambda name: (waiting[name], reviewers.index(name)))
        waiting[chosen] += 1
        found.append((picked, chosen))
    return found
