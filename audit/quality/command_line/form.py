"""Fills a scorecard in a terminal, line by line, in words that need no manual.

    2 @3:10 the log was read before anything was changed

is one answer: points, the moment that shows it, a note; the last two may be left out. Other lines are single letters.
Nothing is lost: a line that cannot be used is asked again, and an end of input or Ctrl-C leaves the draft as it is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from audit.quality.scorecards import (
    NOTE_LIMIT_CHARACTERS,
    Answer,
    Criterion,
    Scorecard,
    check_answers,
    missing_criteria,
    score_of,
)
from audit.vault.narrator import clock_text, parse_clock
from protocol.errors import InputError
from wording import Wording, safe_text

COMMENT_LIMIT_CHARACTERS = 2000
_ANSWER = re.compile(r"(?P<points>\d{1,3}|[nN])(?:\s+@(?P<time>\S+))?(?:\s+(?P<note>.+))?\s*")


class AnswerLineError(InputError):
    sentence = "That is no answer. Write points, and if you like a moment and a note: 2 @3:10 the log was read first."


class Decision(Enum):
    """How the form was left."""

    SUBMIT = auto()
    SAVE = auto()


class FormConsole(Protocol):
    def say(self, text: str) -> None: ...

    def ask(self, prompt: str) -> str:
        """One line. Raises EOFError or KeyboardInterrupt when the person leaves."""
        ...


@dataclass
class Form:
    """`replay` plays the session from a moment on, in milliseconds; `answers` are those of a draft."""

    scorecard: Scorecard
    console: FormConsole
    wording: Wording
    replay: Callable[[int], None]
    answers: dict[str, Answer] = field(default_factory=dict)
    comment: str | None = None
    """None: not asked yet; empty: nothing to say."""

    def fill(self) -> Decision:
        """Asks for what is missing, then whether to submit."""
        self.console.say(self.wording.say("review-form-how"))
        try:
            while True:
                missing = missing_criteria(self.scorecard, self.given)
                if missing:
                    if self._ask_line(self.scorecard.criteria.index(missing[0])):
                        return Decision.SAVE
                elif (decision := self._ask_end()) is not None:
                    return decision
        except (EOFError, KeyboardInterrupt):
            return Decision.SAVE

    @property
    def given(self) -> Sequence[Answer]:
        """In the order of the scorecard."""
        return [self.answers[c.id] for c in self.scorecard.criteria if c.id in self.answers]

    def _ask_line(self, index: int) -> bool:
        """One criterion, until it is answered or left. True: save and stop."""
        criterion = self.scorecard.criteria[index]
        self._show(index)
        while True:
            line = self.console.ask("> ").strip()
            command, _, rest = line.partition(" ")
            if command == "?":
                self.console.say(f"     {criterion.help.in_language(self.wording.language)}")
            elif command == "r":
                self._replay(rest)
            elif command == "b" and not rest:
                if index:
                    self.answers.pop(self.scorecard.criteria[index - 1].id, None)
                return False
            elif command == "s" and not rest:
                return True
            else:
                try:
                    self.answers[criterion.id] = parse_answer(self.scorecard, criterion, line)
                except InputError as error:
                    self.console.say(f"     {self.wording.say_error(error)}")
                else:
                    return False

    def _show(self, index: int) -> None:
        criterion = self.scorecard.criteria[index]
        language = self.wording.language
        section = self.scorecard.sections.get(criterion.section or "")
        place = f"{index + 1}/{len(self.scorecard.criteria)}"
        title = criterion.title.in_language(language)
        head = f"{section.in_language(language)}: {title}" if section else title
        levels = [
            f"{level.points} {level.in_language(language)}" for level in self.scorecard.scale_of(criterion).levels
        ]
        if criterion.not_applicable:
            levels.append(self.wording.say("review-form-not-applicable"))
        weight = "auto-fail" if criterion.auto_fail else "weight"
        self.console.say(f"\n{place}  {head}  ({self.wording.say(f'review-form-{weight}', weight=criterion.weight)})")
        self.console.say(f"     {' · '.join(levels)}")

    def _replay(self, text: str) -> None:
        at_ms = parse_clock(text.removeprefix("@")) if text else 0
        if at_ms is None:
            self.console.say(f"     {self.wording.say_error(AnswerLineError())}")
        else:
            self.replay(at_ms)

    def _ask_end(self) -> Decision | None:
        """Everything is answered: shows it, asks what to do. None: something is to be answered again."""
        self._show_all()
        if self.comment is None:
            self.comment = self.console.ask(self.wording.say("review-form-comment") + " ").strip()[
                :COMMENT_LIMIT_CHARACTERS
            ]
        while True:
            line = self.console.ask(self.wording.say("review-form-submit") + " ").strip().lower()
            if line == "y":
                return Decision.SUBMIT
            if line in ("s", ""):
                return Decision.SAVE
            if line.isdecimal() and 1 <= int(line) <= len(self.scorecard.criteria):
                del self.answers[self.scorecard.criteria[int(line) - 1].id]
                return None

    def _show_all(self) -> None:
        for index, criterion in enumerate(self.scorecard.criteria, start=1):
            self.console.say(f"{index:>3}  {answer_text(self.scorecard, self.answers[criterion.id], self.wording)}")
        try:
            score = score_of(self.scorecard, self.given)
        except InputError as error:
            self.console.say(self.wording.say_error(error))
            return
        self.console.say(self.wording.say("review-form-score", points=f"{float(100 * score.share):.1f}"))
        if score.auto_fails:
            self.console.say(self.wording.say("review-form-auto-failed", criteria=", ".join(score.auto_fails)))


def parse_answer(scorecard: Scorecard, criterion: Criterion, line: str) -> Answer:
    """`2`, `n`, `2 @3:10`, `2 @3:10 note`, `2 note`. Raises AnswerLineError or AnswersUnusable."""
    found = _ANSWER.fullmatch(line.strip())
    if found is None:
        raise AnswerLineError
    at_ms = parse_clock(found["time"]) if found["time"] else None
    if found["time"] and at_ms is None:
        raise AnswerLineError
    points = None if found["points"] in "nN" else int(found["points"])
    answer = Answer(criterion.id, points, at_ms, (found["note"] or "").strip()[:NOTE_LIMIT_CHARACTERS])
    check_answers(scorecard, [answer])
    return answer


def answer_text(scorecard: Scorecard, answer: Answer, wording: Wording) -> str:
    """One answered line: what was judged, what was given, where to look, why."""
    criterion = scorecard.criterion(answer.criterion)
    assert criterion is not None
    if answer.points is None:
        given = wording.say("review-form-does-not-apply")
    else:
        level = scorecard.scale_of(criterion).level(answer.points)
        given = f"{answer.points} {level.in_language(wording.language) if level else ''}"
    pinned = f" @{clock_text(answer.at_ms)}" if answer.at_ms is not None else ""
    note = f" · {safe_text(answer.note)}" if answer.note else ""
    return f"{criterion.title.in_language(wording.language)}: {given}{pinned}{note}"
