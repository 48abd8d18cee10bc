"""Scorecards: what a review judges by. A file or the API brings one; a version, once kept, never changes.

    id = "remote-diagnosis"                 a scorecard and
    version = 1                             its version: whatever changes, the version rises
    title = { en = "…", zh-CN = "…" }
    [scales.met]                            levels from worst to best; `points` rise, the best one's are a full score
    levels = [{ points = 0, en = "not met", zh-CN = "未达到" }, { points = 1, en = "met", zh-CN = "达到" }]
    [[criteria]]
    id = "cause-found"
    section = "diagnosis"                   optional: criteria of one section stand together
    weight = 30                             0 only with auto_fail: judged, but not weighed
    scale = "met"
    not_applicable = true                   may be left out of both sums
    auto_fail = true                        its worst level fails the whole session
    title = { en = "…", zh-CN = "…" }
    help = { en = "…", zh-CN = "…" }

Quality score = Σ w·s / Σ w over the criteria that apply, s being points / best points. A failed auto-fail criterion
makes the score 0 and is listed by name: such reviews are told apart and never averaged away.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from protocol.details import Detail, system_reason
from protocol.errors import InputError
from protocol.messages.fields import Language

STANDARD_FOLDER = Path(__file__).with_name("standard_scorecards")
FILE_LIMIT_BYTES = 256 * 1024
NOTE_LIMIT_CHARACTERS = 2000

Identifier = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Text = Annotated[str, Meta(min_length=1, max_length=1000)]
SessionMs = Annotated[int, Meta(ge=0, le=7 * 24 * 3600 * 1000)]
"""Milliseconds on a session's clock."""


class ScorecardUnusable(InputError):
    sentence = "The scorecard {name} cannot be used: {problem}."


class AnswersUnusable(InputError):
    sentence = "These answers do not fit the scorecard: {problem}."


class BothLanguages(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in every language that reviewers read."""

    en: Text
    zh_cn: Text = msgspec.field(name="zh-CN")

    def in_language(self, language: Language) -> str:
        return self.zh_cn if language == "zh-CN" else self.en


class Level(BothLanguages, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step of a scale and its name."""

    points: Annotated[int, Meta(ge=0, le=100)]


class Scale(Struct, frozen=True, forbid_unknown_fields=True):
    """Which answers a criterion takes, and what each is worth."""

    levels: Annotated[tuple[Level, ...], Meta(min_length=2, max_length=11)]

    @property
    def best_points(self) -> int:
        return self.levels[-1].points

    def level(self, points: int) -> Level | None:
        return next((level for level in self.levels if level.points == points), None)


class Criterion(Struct, frozen=True, forbid_unknown_fields=True):
    """One question of a scorecard."""

    id: Identifier
    weight: Annotated[int, Meta(ge=0, le=1000)]
    scale: Identifier
    title: BothLanguages
    help: BothLanguages
    section: Identifier | None = None
    not_applicable: bool = False
    auto_fail: bool = False


class Scorecard(Struct, frozen=True, forbid_unknown_fields=True):
    """One version, which is what answers are judged by for ever."""

    id: Identifier
    version: Annotated[int, Meta(ge=1, le=9999)]
    title: BothLanguages
    scales: dict[Identifier, Scale]
    criteria: Annotated[tuple[Criterion, ...], Meta(min_length=1, max_length=60)]
    sections: dict[Identifier, BothLanguages] = {}

    @property
    def name(self) -> str:
        return f"{self.id} {self.version}"

    def scale_of(self, criterion: Criterion) -> Scale:
        return self.scales[criterion.scale]

    def criterion(self, criterion_id: str) -> Criterion | None:
        return next((criterion for criterion in self.criteria if criterion.id == criterion_id), None)

    def digest(self) -> bytes:
        """SHA-256 of its content, in a form that does not depend on how the file was written."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).digest()


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a review. `points` None means: does not apply. `at_ms` is the moment of the replay that shows it."""

    criterion: Identifier
    points: Annotated[int, Meta(ge=0, le=100)] | None
    at_ms: SessionMs | None = None
    note: Annotated[str, Meta(max_length=NOTE_LIMIT_CHARACTERS)] = ""


class Score(Struct, frozen=True):
    """`share` is the quality score in [0, 1], 0 after an auto-fail; `without_auto_fail` what it would be otherwise."""

    share: Fraction
    without_auto_fail: Fraction
    auto_fails: tuple[str, ...]


ProblemKind = Literal[
    "missing", "unknown", "value", "name", "least", "too-few", "number", "text",
    "points-rise", "first-zero", "twice", "no-such-scale", "no-such-section",
    "weightless", "no-weight",
]  # fmt: skip

_SENTENCES: dict[ProblemKind, str] = {
    "missing": "{where} lacks {detail}",
    "unknown": "{where} is nothing that a scorecard has",
    "value": "{where}: {detail}",
    "name": "{where} must be of small letters, digits and dashes, and begin with a letter",
    "least": "{where} must be at least {detail}",
    "too-few": "{where} must have at least {detail}",
    "number": "{where} must be a whole number",
    "text": "{where} must be text",
    "points-rise": "the points of scale {detail} must rise from level to level",
    "first-zero": "the first level of scale {detail} must have 0 points",
    "twice": "criterion {detail} stands twice",
    "no-such-scale": "{where} names the scale {detail}, which is not there",
    "no-such-section": "{where} names the section {detail}, which is not there",
    "weightless": "criterion {detail} has weight 0, which only auto_fail gives a meaning",
    "no-weight": "no criterion has a weight, so there would be no score",
}


class ScorecardProblem(Struct, frozen=True):
    """One thing that is wrong. `where` is a path such as `criteria[2].scale`, `detail` the name or the rule."""

    kind: ProblemKind
    where: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(where=self.where, detail=self.detail)


def check_scorecard(scorecard: Scorecard) -> Scorecard:
    """What types cannot say. Raises ScorecardUnusable, with every problem in one sentence."""
    problems = list(problems_of(scorecard))
    if problems:
        raise ScorecardUnusable(name=scorecard.name, problem="; ".join(str(one) for one in problems))
    return scorecard


def problems_of(scorecard: Scorecard) -> Iterator[ScorecardProblem]:
    """What types cannot say."""
    yield from _scale_problems(scorecard)
    yield from _criterion_problems(scorecard)
    if not any(criterion.weight for criterion in scorecard.criteria):
        yield ScorecardProblem("no-weight", "criteria")


def _scale_problems(scorecard: Scorecard) -> Iterator[ScorecardProblem]:
    for name, scale in scorecard.scales.items():
        points = [level.points for level in scale.levels]
        if points != sorted(set(points)):
            yield ScorecardProblem("points-rise", f"scales.{name}.levels", name)
        if points[0] != 0:
            yield ScorecardProblem("first-zero", f"scales.{name}.levels", name)


def _criterion_problems(scorecard: Scorecard) -> Iterator[ScorecardProblem]:
    seen: set[str] = set()
    for number, criterion in enumerate(scorecard.criteria):
        where = f"criteria[{number}]"
        if criterion.id in seen:
            yield ScorecardProblem("twice", f"{where}.id", criterion.id)
        seen.add(criterion.id)
        if criterion.scale not in scorecard.scales:
            yield ScorecardProblem("no-such-scale", f"{where}.scale", criterion.scale)
        if criterion.section is not None and criterion.section not in scorecard.sections:
            yield ScorecardProblem("no-such-section", f"{where}.section", criterion.section)
        if criterion.weight == 0 and not criterion.auto_fail:
            yield ScorecardProblem("weightless", f"{where}.weight", criterion.id)


def read_scorecard(path: Path) -> Scorecard:
    """A scorecard from a TOML file. Raises ScorecardUnusable."""
    try:
        data = path.read_bytes()
        if len(data) > FILE_LIMIT_BYTES:
            raise ScorecardUnusable(
                name=path.name,
                problem=Detail("the file is larger than {limit_bytes} bytes", limit_bytes=FILE_LIMIT_BYTES),
            )
        return check_scorecard(msgspec.convert(tomllib.loads(data.decode()), Scorecard))
    except OSError as error:
        raise ScorecardUnusable(name=path.name, problem=system_reason(error)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise ScorecardUnusable(name=path.name, problem=error) from None


def standard_scorecards() -> list[Scorecard]:
    """The ones that come with Consentry."""
    return [read_scorecard(path) for path in sorted(STANDARD_FOLDER.glob("*.toml"))]


def check_answers(scorecard: Scorecard, answers: Sequence[Answer]) -> Mapping[str, Answer]:
    """Answers by criterion, each one that the scorecard allows; some may be missing. Raises AnswersUnusable."""
    found: dict[str, Answer] = {}
    for answer in answers:
        criterion = scorecard.criterion(answer.criterion)
        if criterion is None:
            raise AnswersUnusable(
                problem=Detail("{name} has no criterion {criterion}", name=scorecard.name, criterion=answer.criterion)
            )
        if answer.criterion in found:
            raise AnswersUnusable(problem=Detail("{criterion} is answered twice", criterion=answer.criterion))
        if answer.points is None and not criterion.not_applicable:
            raise AnswersUnusable(
                problem=Detail("{criterion} applies to every session and needs points", criterion=answer.criterion)
            )
        scale = scorecard.scale_of(criterion)
        if answer.points is not None and scale.level(answer.points) is None:
            allowed = ", ".join(str(level.points) for level in scale.levels)
            raise AnswersUnusable(
                problem=Detail(
                    "{criterion} takes {allowed} points, not {points}",
                    criterion=answer.criterion,
                    allowed=allowed,
                    points=answer.points,
                )
            )
        found[answer.criterion] = answer
    return found


def missing_criteria(scorecard: Scorecard, answers: Sequence[Answer]) -> list[Criterion]:
    """What is not answered yet."""
    answered = {answer.criterion for answer in answers}
    return [criterion for criterion in scorecard.criteria if criterion.id not in answered]


def score_of(scorecard: Scorecard, answers: Sequence[Answer]) -> Score:
    """The quality score of a filled scorecard. Raises AnswersUnusable for gaps, or if nothing applies."""
    by_criterion = check_answers(scorecard, answers)
    missing = missing_criteria(scorecard, answers)
    if missing:
        raise AnswersUnusable(problem="not answered yet: " + ", ".join(criterion.id for criterion in missing))
    weighed, weights = Fraction(0), 0
    auto_fails = []
    for criterion in scorecard.criteria:
        points = by_criterion[criterion.id].points
        if points is None:
            continue
        weights += criterion.weight
        weighed += criterion.weight * Fraction(points, scorecard.scale_of(criterion).best_points)
        if criterion.auto_fail and points == 0:
            auto_fails.append(criterion.id)
    if not weights:
        raise AnswersUnusable(problem="nothing that carries weight applies, so there is no score")
    share = weighed / weights
    return Score(Fraction(0) if auto_fails else share, share, tuple(auto_fails))
