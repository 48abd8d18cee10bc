"""The commands of a reviewer. Thin: read the command line, ask the desk, print."""

import asyncio
import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import typer

from audit.command_line import JsonOption, KeyNeededError, KeyOption, RecordsOption, SessionArgument
from audit.quality.command_line.form import AnswerLineError, Decision, Form, parse_answer
from audit.quality.command_line.local_desk import LocalDesk, local_desk
from audit.quality.command_line.shown import case_line, case_lines, scorecard_lines, session_lines
from audit.quality.reviews import Case
from audit.quality.scorecards import Answer, AnswersUnusable, Scorecard, read_scorecard
from audit.quality.sessions import SessionFacts
from audit.vault.keys import load_audit_key
from audit.vault.library import find_session
from audit.vault.reading import open_recording
from audit.vault.replay import Player, ReplayOptions, WholeReading
from audit.vault.terminal_console import TerminalConsole
from protocol.details import Detail
from protocol.events import ROOM_CHANNEL
from wording import Wording, detect_language

app = typer.Typer(no_args_is_help=True)

ReviewerOption = Annotated[str | None, typer.Option("--reviewer", envvar="CONSENTRY_REVIEWER", metavar="NAME")]
MarksOption = Annotated[Path | None, typer.Option("--marks", envvar="CONSENTRY_MARKS", metavar="FILE")]
ReviewArgument = Annotated[str, typer.Argument(metavar="REVIEW")]
ScorecardOption = Annotated[str, typer.Option("--scorecard", metavar="NAME")]
DaysOption = Annotated[int, typer.Option("--days", min=1, max=365)]
AnswersOption = Annotated[list[str] | None, typer.Option("--answer", metavar="CRITERION=POINTS")]
DEFAULT_SCORECARD = "remote-diagnosis"

T = TypeVar("T")


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
            wording = the_wording()
            case = await local.desk.next_case(local.who)
            if as_json:
                print_json(await case_fields(local, case) if case else None)
                return
            if not local.keys:
                raise KeyNeededError
            if case is not None:
                await show_case(local, case, as_json=False)
            else:
                case = await _offer(local, wording)
            if case is not None:
                await _fill(local, case, wording)

    asyncio.run(run())


async def _offer(local: LocalDesk, wording: Wording) -> Case | None:
    """Nothing is assigned: the newest session that nobody has reviewed may be taken."""
    taken = {case.assignment.session_id for case in await local.desk.cases(local.who)}
    free = [
        facts
        for facts in await local.desk.sessions(local.who)
        if facts.can_be_reviewed and facts.session_id not in taken and facts.engineer != local.who.name
    ]
    if not free:
        typer.echo(wording.say("review-nothing"))
        return None
    for line in session_lines(free[-1], local.rules, wording):
        typer.echo(line)
    if ask_line(wording.say("review-take-it") + " ").strip().lower() not in ("y", ""):
        typer.echo(wording.say("review-nothing-taken"))
        return None
    scorecard = await _choose_scorecard(local, wording)
    assignment = await local.desk.assign(local.who, free[-1].session_id, local.who.name, scorecard)
    return await local.desk.case(local.who, assignment.assignment_id)


async def _choose_scorecard(local: LocalDesk, wording: Wording) -> Scorecard:
    """The newest version of each, by number; the first is taken by just pressing Enter."""
    newest = list({card.id: card for card in await local.desk.scorecards()}.values())
    newest.sort(key=lambda card: card.id != DEFAULT_SCORECARD)
    for number, card in enumerate(newest, start=1):
        typer.echo(f"  {number}  {card.title.in_language(wording.language)}")
    while True:
        line = ask_line(wording.say("review-which-scorecard") + " ").strip() or "1"
        if line.isdecimal() and 1 <= int(line) <= len(newest):
            return newest[int(line) - 1]


async def _fill(local: LocalDesk, case: Case, wording: Wording) -> None:
    def replay(at_ms: int) -> None:
        play(local, case.assignment.session_id, at_ms, wording)

    console = _Terminal()
    form = Form(case.scorecard, console, wording, replay)
    if case.review is not None:
        form.answers = {answer.criterion: answer for answer in case.review.answers}
        form.comment = case.review.comment or None
    decision = form.fill()
    case_id = case.assignment.assignment_id
    if decision is Decision.SUBMIT:
        await local.desk.submit(local.who, case_id, form.given, form.comment or "")
        typer.echo(wording.say("review-submitted", review=case_id[:8]))
    else:
        await local.desk.save(local.who, case_id, form.given, form.comment or "")
        typer.echo(wording.say("review-saved", count=len(form.given), all=len(case.scorecard.criteria)))


class _Terminal:
    def say(self, text: str) -> None:
        typer.echo(text)

    def ask(self, prompt: str) -> str:
        return ask_line(prompt)


def play(local: LocalDesk, session_id: str, at_ms: int, wording: Wording) -> None:
    """The session's terminal, in this terminal if it is one."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        typer.echo(wording.say("review-replay-elsewhere", session=session_id[:12]))
        return
    with open_recording(find_session(local.records, session_id), local.keys) as opened:
        options = ReplayOptions(
            channel=ROOM_CHANNEL,
            speed=1.0,
            idle_limit_ms=2000,
            start_ms=at_ms,
            finds_ms=(),
            colours=not os.environ.get("NO_COLOR"),
        )
        with TerminalConsole() as console:
            Player(WholeReading(opened.events), opened.inspection.duration_ms, options, console, wording).run()


@app.command()
def score(
    review: ReviewArgument,
    records: RecordsOption,
    answer: AnswersOption = None,
    comment: Annotated[str, typer.Option("--comment")] = "",
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
            wording, now_ms = the_wording(), local.clock.unix_ms()
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
    words: Annotated[str, typer.Option("--words")] = "",
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
            wording = the_wording()
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


# ── what the commands share ──


def the_wording() -> Wording:
    return Wording(detect_language(os.environ))


def the_desk(records: Path, key: list[Path] | None, reviewer: str | None, marks: Path | None = None) -> Any:
    """`local_desk` with what the command line said."""
    wording = the_wording()

    def passphrase() -> str:
        asked: str = typer.prompt(wording.say("audit-ask-passphrase"), hide_input=True, err=True)
        return asked

    keys = [load_audit_key(path, passphrase) for path in key or []]
    return local_desk(records, keys, (reviewer or getpass.getuser())[:200], marks)


def ask_line(prompt: str) -> str:
    """One line of the person at the terminal. Raises EOFError or KeyboardInterrupt."""
    typer.echo(prompt, nl=False)
    line = sys.stdin.readline()
    if not line:
        typer.echo()
        raise EOFError
    return line


def parse_answers(scorecard: Scorecard, texts: Sequence[str]) -> list[Answer]:
    """`cause-found=2 @3:10 note`. Raises AnswerLineError or AnswersUnusable."""
    answers = []
    for text in texts:
        name, separator, rest = text.partition("=")
        criterion = scorecard.criterion(name.strip())
        if not separator:
            raise AnswerLineError
        if criterion is None:
            raise AnswersUnusable(
                problem=Detail("{name} has no criterion {criterion}", name=scorecard.name, criterion=name)
            )
        answers.append(parse_answer(scorecard, criterion, rest))
    return answers


async def show_case(local: LocalDesk, case: Case, *, as_json: bool) -> None:
    if as_json:
        print_json(await case_fields(local, case))
        return
    wording = the_wording()
    facts = await local.desk.session(local.who, case.assignment.session_id)
    for line in (*case_lines(case, wording), "", *session_lines(facts, local.rules, wording)):
        typer.echo(line)


async def case_fields(local: LocalDesk, case: Case) -> dict[str, Any]:
    facts = await local.desk.session(local.who, case.assignment.session_id)
    return fields_of(case, facts) | {"scorecard": msgspec.to_builtins(case.scorecard)}


def fields_of(case: Case, facts: SessionFacts | None) -> dict[str, Any]:
    score = case.score
    return {
        "review_id": case.assignment.assignment_id,
        "status": case.status,
        "assignment": msgspec.to_builtins(case.assignment),
        "answers": msgspec.to_builtins(case.answers),
        "comment": case.review.comment if case.review else "",
        "score": None if score is None else float(score.share),
        "auto_fails": [] if score is None else list(score.auto_fails),
        "dispute": msgspec.to_builtins(case.dispute),
        "session": msgspec.to_builtins(facts),
    }


def print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
