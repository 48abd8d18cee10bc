"""A scorecard's file, read so that its author learns of everything that is wrong with it, line by line.

`read_scorecard` of scorecards.py says the first thing and stops, which is right for a start-up. Somebody who writes a
scorecard wants all of it at once: each part is checked on its own, and each problem has the line of what it is about.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from audit.quality.scorecards import FILE_LIMIT_BYTES, ProblemKind, Scorecard, ScorecardProblem, problems_of

FileProblemKind = Literal["not-toml", "too-large"] | ProblemKind

PROBLEMS_LIMIT = 100
"""More than that, and it is no scorecard."""

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_PLACE = re.compile(r" - at `\$[^`]*`$")
_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+|\"[^\"]+\")\s*=")

_VALUE_FORMS: tuple[tuple[re.Pattern[str], ProblemKind], ...] = (
    (re.compile(r"Expected `str` matching regex"), "name"),
    (re.compile(r"Expected `int` >= (?P<limit>\d+)$"), "least"),
    (re.compile(r"Expected `array` of length >= (?P<limit>\d+)$"), "too-few"),
    (re.compile(r"Expected `int`, got "), "number"),
    (re.compile(r"Expected `str`, got "), "text"),
)
"""What a value is not, by how the decoder says it."""


class LineProblem(Struct, frozen=True):
    """`line` counts from 1; null where it is about the whole file. `where` is a path such as `criteria[2].weight`,
    `detail` what the kind is about: a name, or a rule as it was broken."""

    kind: FileProblemKind
    line: int | None
    where: str = ""
    detail: str = ""


def check_text(text: str) -> tuple[Scorecard | None, list[LineProblem]]:
    """The scorecard of a file's text, or everything that is wrong with it, in the order of its lines."""
    if len(text.encode()) > FILE_LIMIT_BYTES:
        return None, [LineProblem("too-large", None, detail=str(FILE_LIMIT_BYTES))]
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = int(at[1]) if at and at[1] else len(text.splitlines()) or 1
        return None, [LineProblem("not-toml", line, detail=_AT.sub("", str(error)))]
    except RecursionError:
        return None, [LineProblem("not-toml", None)]
    lines = _lines_of(text)
    found = list(_type_problems(data, Scorecard, ""))
    if found:
        return None, _in_order(found, lines)
    scorecard = msgspec.convert(data, Scorecard)
    found = list(problems_of(scorecard))
    return (None, _in_order(found, lines)) if found else (scorecard, [])


def _in_order(found: list[ScorecardProblem], lines: dict[str, int]) -> list[LineProblem]:
    placed = [LineProblem(one.kind, _line_of(one.where, lines), one.where, one.detail) for one in found]
    return sorted(placed, key=lambda one: one.line or 0)[:PROBLEMS_LIMIT]


def _line_of(where: str, lines: dict[str, int]) -> int | None:
    """The line of that, or of the nearest thing around it."""
    while where:
        if where in lines:
            return lines[where]
        where = re.sub(r"(\.[^.\[]+|\[\d+\]|^[^.\[]+)$", "", where)
    return None


def _lines_of(text: str) -> dict[str, int]:
    """Where each table and each key begins, by its path. Texts of several lines are stepped over."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, quote = "", ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if line.count(quote) % 2 else quote
            continue
        if header := _HEADER.match(line):
            name = header[2]
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                name = f"{name}[{counts[name]}]"
            table = name
            lines.setdefault(table, number)
            lines.setdefault(header[2], number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{table}.{key[1].strip(chr(34))}".lstrip("."), number)
        quote = next((one for one in ('"""', "'''") if line.count(one) % 2), "")
    return lines


def _type_problems(value: object, kind: Any, where: str) -> Iterator[ScorecardProblem]:
    """What does not have its shape, each part for itself."""
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if isinstance(plain, type) and issubclass(plain, Struct):
        yield from _struct_problems(value, plain, where)
        return
    origin, of = get_origin(plain), get_args(plain)
    inner: list[ScorecardProblem] = []
    if origin is dict and isinstance(value, dict):
        inner = [one for key, part in value.items() for one in _type_problems(part, of[1], f"{where}.{key}")]
    elif origin is tuple and isinstance(value, list):
        inner = [one for at, part in enumerate(value) for one in _type_problems(part, of[0], f"{where}[{at}]")]
    if inner:
        yield from inner
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield _value_problem(where, _PLACE.sub("", str(error)))


def _value_problem(where: str, said: str) -> ScorecardProblem:
    """As its author reads it, whatever the decoder calls it."""
    for form, kind in _VALUE_FORMS:
        if found := form.match(said):
            return ScorecardProblem(kind, where, found["limit"] if "limit" in form.groupindex else "")
    return ScorecardProblem("value", where, said)


def _struct_problems(value: object, kind: type[Struct], where: str) -> Iterator[ScorecardProblem]:
    if not isinstance(value, dict):
        yield ScorecardProblem("value", where, "Expected `object`")
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in value:
        if name not in fields:
            yield ScorecardProblem("unknown", f"{where}.{name}".lstrip("."), str(name)[:100])
    for name, field in fields.items():
        if name in value:
            yield from _type_problems(value[name], field.type, f"{where}.{name}".lstrip("."))
        elif field.required:
            yield ScorecardProblem("missing", where, name)
