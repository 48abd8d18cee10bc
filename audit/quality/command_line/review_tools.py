"""What the commands of reviewers, and of those who lead, share: options, the desk, and how cases are shown."""

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from audit.command_line import ask_passphrase, command_wording, print_json
from audit.quality.command_line.form import AnswerLineError, parse_answer
from audit.quality.command_line.local_desk import LocalDesk, local_desk
from audit.quality.command_line.shown import case_lines, session_lines
from audit.quality.reviews import Case
from audit.quality.scorecards import Answer, AnswersUnusable, Scorecard
from audit.quality.sessions import SessionFacts
from audit.vault.keys import load_audit_key
from protocol.details import Detail

ReviewerOption = Annotated[str | None, typer.Option("--reviewer", envvar="CONSENTRY_REVIEWER", metavar="NAME")]
MarksOption = Annotated[Path | None, typer.Option("--marks", envvar="CONSENTRY_MARKS", metavar="FILE")]
ReviewArgument = Annotated[str, typer.Argument(metavar="REVIEW")]
ScorecardOption = Annotated[str, typer.Option("--scorecard", metavar="NAME")]
DaysOption = Annotated[int, typer.Option("--days", min=1, max=365, metavar="DAYS")]
AnswersOption = Annotated[list[str] | None, typer.Option("--answer", metavar="CRITERION=POINTS")]
DEFAULT_SCORECARD = "remote-diagnosis"


def the_desk(records: Path, key: list[Path] | None, reviewer: str | None, marks: Path | None = None) -> Any:
    """`local_desk` with what the command line said."""
    wording = command_wording()
    keys = [load_audit_key(path, lambda: ask_passphrase(wording, confirm=False)) for path in key or []]
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
    wording = command_wording()
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
