"""What drawing by a plan would come to, before anybody draws: numbers alone, so that nobody picks sessions by them."""

from collections.abc import Collection, Sequence

import msgspec
from msgspec import Struct

from audit.quality.sampling import SEED_BYTES, SamplingPlan, check_plan, draw_random, pick_for_a_reason
from audit.quality.sessions import SessionFacts

ANY_SEED = "00" * SEED_BYTES
"""Of a plan that has none yet: how many are drawn does not depend on it."""


class StratumPreview(Struct, frozen=True):
    """`label` is the engineer's name where the stratum is one; `drawn` of the `population`, and how many of those the
    plan has not given to a reviewer before (`fresh`)."""

    name: str
    label: str
    population: int
    drawn: int
    fresh: int


def preview(plan: SamplingPlan, sessions: Sequence[SessionFacts], given: Collection[str]) -> list[StratumPreview]:
    """`given` are the sessions that the plan has given out. Raises PlanUnusable."""
    if plan.kind == "random" and not plan.seed:
        plan = msgspec.structs.replace(plan, seed=ANY_SEED)
    check_plan(plan)
    if plan.kind != "random":
        picked = [one.session_id for one in pick_for_a_reason(plan, sessions)]
        fresh = sum(session_id not in given for session_id in picked)
        return [StratumPreview(plan.kind, "", sum(one.can_be_reviewed for one in sessions), len(picked), fresh)]
    names = {one.staff_number: one.engineer for one in sessions} if plan.stratum == "engineer" else {}
    return [
        StratumPreview(
            stratum.name,
            names.get(stratum.name, ""),
            len(stratum.population),
            len(stratum.drawn),
            sum(session_id not in given for session_id in stratum.drawn),
        )
        for stratum in draw_random(plan, sessions)
    ]
