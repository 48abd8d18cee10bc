"""The commands of those who lead: sampling, calibration, mystery sessions, reports."""

import asyncio
import sys
from typing import Annotated, Literal

import msgspec
import typer

from audit.command_line import JsonOption, KeyOption, RecordsOption, SessionArgument, command_wording, print_json
from audit.quality.brokers_word import Narrowing
from audit.quality.calibration import by_criterion, by_pair
from audit.quality.command_line.app import app
from audit.quality.command_line.review_tools import (
    DEFAULT_SCORECARD,
    DaysOption,
    MarksOption,
    ReviewerOption,
    ScorecardOption,
    the_desk,
)
from audit.quality.command_line.shown import print_calibrations, print_report, time_text
from audit.quality.reports import Grouping, parse_period, report_csv
from audit.quality.sampling import PlanKind, PlanUnusable, SamplingPlan
from audit.vault.library import find_session
from protocol.errors import InputError

sample = typer.Typer(no_args_is_help=True)
app.add_typer(sample, name="sample")

FirstDayOption = Annotated[str | None, typer.Option("--from", metavar="DATE")]
LastDayOption = Annotated[str | None, typer.Option("--to", metavar="DATE")]
ZoneOption = Annotated[str, typer.Option("--zone", metavar="ZONE")]


class FigureUnknown(InputError):
    sentence = "There is no figure {name}. These are there: {names}."


@sample.command("plan")
def sample_plan(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    records: RecordsOption,
    to: Annotated[list[str], typer.Option("--to", metavar="NAME")],
    kind: Annotated[Literal["random", "low-rating", "mark", "mystery"], typer.Option("--kind")] = "random",
    each: Annotated[int | None, typer.Option("--each", min=1, metavar="COUNT")] = None,
    margin: Annotated[float | None, typer.Option("--margin", min=0.01, max=0.5, metavar="FRACTION")] = None,
    mark: Annotated[list[str] | None, typer.Option("--mark", metavar="RULE")] = None,
    stars: Annotated[int, typer.Option("--stars", min=1, max=4, metavar="STARS")] = 2,
    scorecard: ScorecardOption = DEFAULT_SCORECARD,
    days: DaysOption = 7,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    kind_: PlanKind = kind
    fields = {
        "name": name,
        "kind": kind_,
        "scorecard": scorecard,
        "reviewers": to,
        "due_days": days,
        "per_stratum": 2 if kind == "random" and each is None and margin is None else each,
        "margin": margin,
        "stars_at_most": stars,
        "marks": mark or [],
    }
    try:
        plan = msgspec.convert(fields, SamplingPlan)
    except msgspec.ValidationError as error:
        raise PlanUnusable(problem=error) from None

    async def run() -> None:
        async with the_desk(records, None, reviewer) as local:
            made = await local.desk.add_plan(local.who, plan)
            if as_json:
                print_json(msgspec.to_builtins(made))
            else:
                typer.echo(command_wording().say("review-plan-made", plan=made.name, seed=made.seed or "–"))

    asyncio.run(run())


@sample.command("run")
def sample_run(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    records: RecordsOption,
    first: FirstDayOption = None,
    last: LastDayOption = None,
    zone: ZoneOption = "UTC",
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    marks: MarksOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, key, reviewer, marks) as local:
            period = parse_period(first, last, zone, local.clock.unix_ms())
            drawn, assignments = await local.desk.run_plan(local.who, name, period)
            if as_json:
                print_json({"run": msgspec.to_builtins(drawn), "assignments": msgspec.to_builtins(assignments)})
                return
            wording = command_wording()
            population = sum(len(stratum.population) for stratum in drawn.strata)
            typer.echo(wording.say("review-run", run=drawn.run_id, count=len(assignments), population=population))
            for made in assignments:
                due = time_text(made.due_at_ms)[:10]
                typer.echo(f"  {made.assignment_id[:8]}  {made.session_id[:12]}  {due}  {made.reviewer}  {made.detail}")

    asyncio.run(run())


@sample.command("list")
def sample_list(records: RecordsOption, reviewer: ReviewerOption = None, as_json: JsonOption = False) -> None:
    async def run() -> None:
        async with the_desk(records, None, reviewer) as local:
            plans, runs = await local.desk.plans(local.who), await local.desk.runs(local.who)
            if as_json:
                print_json({"plans": msgspec.to_builtins(plans), "runs": msgspec.to_builtins(runs)})
                return
            wording = command_wording()
            for plan in plans:
                typer.echo(f"{plan.name}  {plan.kind}  {plan.scorecard}  {', '.join(plan.reviewers)}  {plan.seed}")
                for drawn in (drawn for drawn in runs if drawn.plan == plan.name):
                    count = sum(len(stratum.drawn) for stratum in drawn.strata)
                    typer.echo(f"  {drawn.run_id}  {time_text(drawn.ran_at_ms)}  {count}")
            if not plans:
                typer.echo(wording.say("review-plans-empty"), err=True)

    asyncio.run(run())


@sample.command("check")
def sample_check(
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    records: RecordsOption,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> int:
    async def run() -> int:
        async with the_desk(records, None, reviewer) as local:
            drawn, plan, same = await local.desk.redraw(local.who, run_id)
            if as_json:
                print_json({"run": drawn.run_id, "plan": plan.name, "seed": plan.seed, "same": same})
            else:
                typer.echo(command_wording().say(f"review-redrawn.{'same' if same else 'other'}", run=drawn.run_id))
            return 0 if same else 1

    return asyncio.run(run())


@app.command()
def calibrate(
    records: RecordsOption,
    session: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", metavar="NAME")] = None,
    scorecard: ScorecardOption = DEFAULT_SCORECARD,
    days: DaysOption = 7,
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, key, reviewer) as local:
            wording = command_wording()
            if session is None:
                every = await local.desk.calibrations(local.who)
                sessions = await local.desk.calibrated_sessions(local.who)
                if as_json:
                    print_json(
                        {
                            "pairs": msgspec.to_builtins(by_pair(every)),
                            "criteria": msgspec.to_builtins(by_criterion(every)),
                            "sessions": msgspec.to_builtins(sessions),
                        }
                    )
                elif sessions:
                    print_calibrations(every, sessions, wording)
                else:
                    typer.echo(wording.say("review-calibrations-empty"), err=True)
                return
            first, second = _two(with_)
            session_id = find_session(records, session).session_id.hex()
            card = await local.desk.scorecard(scorecard)
            made = await local.desk.calibrate(local.who, session_id, (first, second), card, due_days=days)
            if as_json:
                print_json(msgspec.to_builtins(made))
            else:
                typer.echo(wording.say("review-calibration-made", first=first, second=second))

    asyncio.run(run())


class TwoReviewersNeeded(InputError):
    sentence = "A calibration needs two reviewers: give --with twice."


def _two(names: list[str] | None) -> tuple[str, str]:
    if names is None or len(names) != 2:
        raise TwoReviewersNeeded
    return names[0], names[1]


@app.command()
def mystery(
    session: SessionArgument,
    records: RecordsOption,
    remove: Annotated[bool, typer.Option("--remove")] = False,
    note: Annotated[str, typer.Option("--note", metavar="TEXT")] = "",
    reviewer: ReviewerOption = None,
) -> None:
    async def run() -> None:
        async with the_desk(records, None, reviewer) as local:
            session_id = find_session(records, session).session_id.hex()
            if remove:
                await local.desk.unflag_mystery(local.who, session_id)
            else:
                await local.desk.flag_mystery(local.who, session_id, note)
            state = "removed" if remove else "flagged"
            typer.echo(command_wording().say(f"review-mystery.{state}", session=session_id[:12]))

    asyncio.run(run())


@app.command()
def report(
    records: RecordsOption,
    first: FirstDayOption = None,
    last: LastDayOption = None,
    zone: ZoneOption = "UTC",
    by: Annotated[Literal["all", "engineer", "team", "tier", "month", "week"], typer.Option("--by")] = "all",
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM")] = None,
    tier: Annotated[str | None, typer.Option("--tier", metavar="TIER")] = None,
    within: Annotated[int, typer.Option("--within", min=1, metavar="SECONDS")] = 60,
    open_: Annotated[str | None, typer.Option("--open", metavar="FIGURE")] = None,
    as_csv: Annotated[bool, typer.Option("--csv")] = False,
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    marks: MarksOption = None,
    as_json: JsonOption = False,
) -> None:
    grouping: Grouping = by

    async def run() -> None:
        async with the_desk(records, key, reviewer, marks) as local:
            period = parse_period(first, last, zone, local.clock.unix_ms())
            made = await local.desk.report(local.who, period, grouping, within * 1000, Narrowing(team, tier))
            if as_json:
                print_json(msgspec.to_builtins(made))
            elif as_csv:
                sys.stdout.writelines(report_csv(made))
            elif open_ is None:
                print_report(made, command_wording())
            else:
                for group in made.groups:
                    figure = next((figure for figure in group.figures if figure.name == open_), None)
                    if figure is None:
                        raise FigureUnknown(name=open_, names=", ".join(figure.name for figure in group.figures))
                    hits = set(figure.hits)
                    for session_id in figure.sessions:
                        typer.echo(f"{'●' if session_id in hits else '○'} {session_id}  {group.key}")

    asyncio.run(run())
