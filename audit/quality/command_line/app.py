"""The commands of a reviewer. Thin: read the command line, ask the desk, print."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from audit.command_line import (
    JsonOption,
    KeyNeededError,
    KeyOption,
    RecordsOption,
    SessionArgument,
    command_wording,
    print_json,
)
from audit.quality.command_line.filling import fill, offer
from audit.quality.command_line.review_tools import (
    DEFAULT_SCORECARD,
    AnswersOption,
    DaysOption,
    MarksOption,
    ReviewArgument,
    ReviewerOption,
    ScorecardOption,
    case_fields,
    fields_of,
    parse_answers,
    show_case,
    the_desk,
)
from audit.quality.command_line.shown import case_line, scorecard_lines
from audit.quality.scorecards import read_scorecard
from audit.vault.library import find_session

app = typer.Typer(no_args_is_help=True)


@app.command("next")
def next_(
    records: RecordsOption,
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    marks: MarksOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, key, reviewer, marks) as local:
            wording = command_wording()
            case = await local.desk.next_case(local.who)
            if as_json:
                print_json(await case_fields(local, case) if case else None)
                return
            if not local.keys:
                raise KeyNeededError
            if case is not None:
                await show_case(local, case, as_json=False)
            else:
                case = await offer(local, wording)
            if case is not None:
                await fill(local, case, wording)

    asyncio.run(run())


@app.command()
def score(
    review: ReviewArgument,
    records: RecordsOption,
    answer: AnswersOption = None,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT")] = "",
    draft: Annotated[bool, typer.Option("--draft")] = False,
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, key, reviewer) as local:
            case = await local.desk.case(local.who, review)
            answers = parse_answers(case.scorecard, answer or [])
            put = local.desk.save if draft else local.desk.submit
            case = await put(local.who, case.assignment.assignment_id, answers, comment)
            await show_case(local, case, as_json=as_json)

    asyncio.run(run())


@app.command("list")
def list_(
    records: RecordsOption,
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    mine: Annotated[bool, typer.Option("--mine")] = False,
    status: Annotated[
        Literal["assigned", "draft", "submitted", "disputed", "kept", "amended", "struck"] | None,
        typer.Option("--status"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, key, reviewer) as local:
            cases = [
                case
                for case in await local.desk.cases(local.who)
                if status in (None, case.status) and (not mine or case.assignment.reviewer == local.who.name)
            ]
            sessions = {facts.session_id: facts for facts in await local.desk.sessions(local.who)}
            wording, now_ms = command_wording(), local.clock.unix_ms()
            for case in cases:
                if as_json:
                    print_json(fields_of(case, sessions.get(case.assignment.session_id)))
                else:
                    typer.echo(case_line(case, sessions.get(case.assignment.session_id), wording, now_ms))
            if not cases and not as_json:
                typer.echo(wording.say("review-list-empty"), err=True)

    asyncio.run(run())


@app.command()
def show(
    review: ReviewArgument,
    records: RecordsOption,
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, key, reviewer) as local:
            await show_case(local, await local.desk.case(local.who, review), as_json=as_json)

    asyncio.run(run())


@app.command()
def assign(
    session: SessionArgument,
    records: RecordsOption,
    to: Annotated[str | None, typer.Option("--to", metavar="NAME")] = None,
    scorecard: ScorecardOption = DEFAULT_SCORECARD,
    days: DaysOption = 7,
    key: KeyOption = None,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, key, reviewer) as local:
            session_id = find_session(records, session).session_id.hex()
            card = await local.desk.scorecard(scorecard)
            made = await local.desk.assign(local.who, session_id, to or local.who.name, card, due_days=days)
            await show_case(local, await local.desk.case(local.who, made.assignment_id), as_json=as_json)

    asyncio.run(run())


@app.command()
def dispute(
    review: ReviewArgument,
    grounds: Annotated[str, typer.Argument(metavar="GROUNDS")],
    records: RecordsOption,
    by: Annotated[str, typer.Option("--by", metavar="NAME")] = "",
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, None, reviewer) as local:
            await show_case(local, await local.desk.dispute(local.who, review, grounds, raised_by=by), as_json=as_json)

    asyncio.run(run())


@app.command()
def decide(
    review: ReviewArgument,
    outcome: Annotated[Literal["kept", "amended", "struck"], typer.Argument(metavar="OUTCOME")],
    records: RecordsOption,
    words: Annotated[str, typer.Option("--words", metavar="TEXT")] = "",
    answer: AnswersOption = None,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, None, reviewer) as local:
            case = await local.desk.case(local.who, review)
            amended = parse_answers(case.scorecard, answer or [])
            await show_case(local, await local.desk.decide(local.who, review, outcome, words, amended), as_json=as_json)

    asyncio.run(run())


@app.command()
def scorecards(
    records: RecordsOption,
    name: Annotated[str | None, typer.Argument(metavar="NAME")] = None,
    add: Annotated[Path | None, typer.Option("--add", metavar="FILE")] = None,
    reviewer: ReviewerOption = None,
    as_json: JsonOption = False,
) -> None:
    async def run() -> None:
        async with the_desk(records, None, reviewer) as local:
            wording = command_wording()
            if add is not None:
                added = await local.desk.add_scorecard(local.who, read_scorecard(add))
                typer.echo(wording.say("review-scorecard-kept", scorecard=added.name), err=True)
            every = await local.desk.scorecards() if name is None else [await local.desk.scorecard(name)]
            for card in every:
                if as_json:
                    print_json(msgspec.to_builtins(card))
                elif name is None:
                    typer.echo(f"{card.name:<28}  {card.title.in_language(wording.language)}")
                else:
                    for line in scorecard_lines(card, wording):
                        typer.echo(line)

    asyncio.run(run())
