"""Reads the catalogues and the code's use of them, for the tests that compare the two."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

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


@dataclass(frozen=True)
class Use:
    """One `say("id", field=…)` in the code. `fields` is None where they are passed as a dictionary."""

    message_id: str
    fields: frozenset[str] | None
    place: str


def entries(language: Language) -> dict[str, tuple[str, frozenset[str]]]:
    """Id of a message or `message.attribute` → (file, variables). Fails on junk and on an id that stands twice."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for file in sorted((ROOT / "wording" / language).glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{language}/{file.name} cannot be read at: {entry.content}"
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
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                    yield from _uses_in(node, f"{file.relative_to(ROOT)}:{node.lineno}")


def _uses_in(call: ast.Call, place: str) -> Iterator[Use]:
    names = [keyword.arg for keyword in call.keywords]
    fields = None if None in names else frozenset(name for name in names if name is not None)
    first = call.args[0] if call.args else None
    choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    for choice in choices:
        if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
            yield Use(choice.value, fields, place)
