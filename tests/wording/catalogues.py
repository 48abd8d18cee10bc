"""Reads the catalogues and the code's use of them, for the tests that compare the two."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from audit.quality.reviews import Outcome
from audit.storage.sessions import Retention
from broker.organisation.people import Role
from protocol.details import KNOWN_REASONS
from protocol.errors import ConsentryError
from wording import Language

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "protocol",
    "tunnel",
    "agent_client",
    "engineer_client",
    "broker",
    "audit",
    "consentry",
    "serving",
    "wording",
)


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:
        self.names.add(node.id.name)

    def visit_MessageReference(self, node: ftl.MessageReference) -> None:
        raise AssertionError(f"a sentence refers to {node.id.name}, which is not parsed with it")


@dataclass(frozen=True)
class Use:
    """One `say("id", field=…)` in the code. `fields` is None where they are passed as a dictionary."""

    message_id: str
    fields: frozenset[str] | None
    place: str


@cache
def entries(language: Language) -> dict[str, tuple[str, frozenset[str]]]:
    """Id of a message or `message.attribute` → (file, variables).

    Fails on junk, on an id that stands twice, and where a message refers to another: the product parses each by itself.
    """
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for file in sorted((ROOT / "wording" / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{language}/{file.name} cannot be read at: {entry.content}"
            assert not isinstance(entry, ftl.Term), f"{language}/{file.name}: nothing can refer to -{entry.id.name}"
            if isinstance(entry, ftl.Message):
                assert entry.id.name not in found, f"{entry.id.name} stands twice in {language}"
                for attribute in entry.attributes:
                    found[f"{entry.id.name}.{attribute.id.name}"] = (file.name, _variables(attribute))
                if entry.value is not None:
                    found[entry.id.name] = (file.name, _variables(entry.value))
    return found


def _variables(node: ftl.BaseNode) -> frozenset[str]:
    visitor = _Variables()
    visitor.visit(node)
    return frozenset(visitor.names)


def error_classes() -> list[type[ConsentryError]]:
    """Every error class of every package that this installation can import."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], package + "."):
            if not module.name.endswith("__main__") and "migrations" not in module.name:
                importlib.import_module(module.name)
    found: list[type[ConsentryError]] = []
    waiting: list[type[ConsentryError]] = [ConsentryError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind.__module__.split(".")[0] in PACKAGES:
            found.append(kind)
    return sorted(set(found), key=lambda kind: kind.__qualname__)


def uses() -> Iterator[Use]:
    """Every call `….say("literal", …)` in the packages."""
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                yield from _uses_in(node, f"{file}:{node.lineno}")


def _uses_in(call: ast.Call, place: str) -> Iterator[Use]:
    names = [keyword.arg for keyword in call.keywords]
    fields = None if None in names else frozenset(name for name in names if name is not None)
    first = call.args[0] if call.args else None
    choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    for choice in choices:
        if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
            yield Use(choice.value, fields, place)


def details() -> dict[str, str]:
    """Every part of an error's sentence in the code, as its English template → where it stands first.

    Those are: `Detail("…")`; a string for `problem=` or `what=` of an error; one given to a function that
    passes it on as such; what `protocol/details.py` knows; and
    the words that stand in such fields.
    """
    takers = {name: places for _, tree in _trees() for name, places in _takers_of_details(tree).items() if places}
    found = dict.fromkeys((*KNOWN_REASONS, *_WORDS_OF_TYPES), "protocol/details.py")
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for value in _details_in(node, takers):
                    found.setdefault(value, f"{file}:{node.lineno}")
    return found


def formatted_details() -> list[str]:
    """Where an error gets a formatted string, which nobody can translate, instead of a Detail."""
    return [
        f"{file}:{keyword.value.lineno}"
        for file, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _raises(node)
        for keyword in node.keywords
        if keyword.arg in _DETAIL_FIELDS and isinstance(keyword.value, ast.JoinedStr)
    ]


_DETAIL_FIELDS = ("problem", "what", "field")
_WORDS_OF_TYPES = (*get_args(Role), *get_args(Outcome), *get_args(Retention))


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    return [
        (str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8")))
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
    ]


def _takers_of_details(tree: ast.Module) -> dict[str, list[int]]:
    """Functions that put a parameter into such a field → its place among the arguments of a call."""
    found: dict[str, list[int]] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
            if not set(names) & set(_DETAIL_FIELDS):
                continue
            passed_on = {
                keyword.arg
                for call in ast.walk(function)
                if isinstance(call, ast.Call) and _raises(call)
                for keyword in call.keywords
                if isinstance(keyword.value, ast.Name) and keyword.value.id == keyword.arg
            }
            found[function.name] = [names.index(name) for name in _DETAIL_FIELDS if name in passed_on & set(names)]
    return found


def _raises(call: ast.Call) -> bool:
    """An error is made: a class is called, not a logger."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name[:1].isupper()


def _details_in(call: ast.Call, takers: dict[str, list[int]]) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    values: list[ast.expr] = []
    if name in ("Detail", "system_reason"):
        values += call.args
    values += [call.args[place] for place in takers.get(name, ()) if place < len(call.args)]
    if _raises(call) or takers.get(name):
        values += [keyword.value for keyword in call.keywords if keyword.arg in _DETAIL_FIELDS]
    for value in values:
        for choice in _choices(value):
            if isinstance(choice, ast.Constant) and isinstance(choice.value, str) and choice.value:
                yield choice.value


def _choices(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.IfExp):
        yield from _choices(value.body)
        yield from _choices(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for one in value.values:
            yield from _choices(one)
    else:
        yield value
