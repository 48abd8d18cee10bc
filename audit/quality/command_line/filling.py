"""A review at the terminal: one is offered, its session played, and its scorecard filled in."""

import os
import sys

import typer

from audit.quality.command_line.form import Decision, Form
from audit.quality.command_line.local_desk import LocalDesk
from audit.quality.command_line.review_tools import DEFAULT_SCORECARD, ask_line
from audit.quality.command_line.shown import session_lines
from audit.quality.reviews import Case
from audit.quality.scorecards import Scorecard
from audit.vault.library import find_session
from audit.vault.reading import open_recording
from audit.vault.replay import Player, ReplayOptions, WholeReading
from audit.vault.terminal_console import TerminalConsole
from protocol.events import ROOM_CHANNEL
from wording import Wording


async def offer(local: LocalDesk, wording: Wording) -> Case | None:
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
    scorecard = await choose_scorecard(local, wording)
    assignment = await local.desk.assign(local.who, free[-1].session_id, local.who.name, scorecard)
    return await local.desk.case(local.who, assignment.assignment_id)


async def choose_scorecard(local: LocalDesk, wording: Wording) -> Scorecard:
    """The newest version of each, by number; the first is taken by just pressing Enter."""
    newest = list({card.id: card for card in await local.desk.scorecards()}.values())
    newest.sort(key=lambda card: card.id != DEFAULT_SCORECARD)
    for number, card in enumerate(newest, start=1):
        typer.echo(f"  {number}  {card.title.in_language(wording.language)}")
    while True:
        line = ask_line(wording.say("review-which-scorecard") + " ").strip() or "1"
        if line.isdecimal() and 1 <= int(line) <= len(newest):
            return newest[int(line) - 1]


async def fill(local: LocalDesk, case: Case, wording: Wording) -> None:
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
