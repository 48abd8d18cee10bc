"""Marks: what a rule noticed in a session, so that a person looks. A mark accuses nobody.

Rules come from a TOML file (`marks.toml` shows the format and holds the defaults). Each has a `kind`, which says what
it watches, and the kind's own numbers. A watch takes a recording's events one after the other, so the same rules serve
a finished recording and a session that is live; each rule marks a session at its first moment, once.

    kind            watches                                                        fields
    scope           a grant that holds one of these scopes                         scopes
    bytes-out       bytes read out of files, added up                              limit
    files-out       files read, counted                                            limit
    pause           the recorder holding everything up for so long                 limit (ms)
    recording       a recording that is not complete once the session is over      states
    clock           the two clocks apart by more                                   limit (ms)
    refused-more    a no, or no answer, to an engineer who already had access      -
    redacted        secrets blotted out by these rules, or by any                  redaction
    command         a command whose text matches an expression                     pattern
    chat            a line of chat whose text matches an expression                pattern
    output-differs  an engineer's client that signed something else than we have   -
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta, Struct

from audit.quality.scorecards import BothLanguages, Identifier, SessionMs
from protocol.details import Detail, system_reason
from protocol.errors import InputError
from protocol.events import (
    ChannelOpened,
    ChatSaid,
    ClockCompared,
    ConsentAnswered,
    Event,
    FileOperation,
    GrantChanged,
    OutputAttested,
    Redacted,
    SessionPaused,
    SessionResumed,
)
from protocol.grants import Scope

DEFAULT_RULES = Path(__file__).with_name("marks.toml")
FILE_LIMIT_BYTES = 64 * 1024
COMMAND_LIMIT_CHARACTERS = 4096
"""Of a command or a line of chat, no more than this is matched: expressions are the organisation's, texts anybody's."""

RuleKind = Literal[
    "scope", "bytes-out", "files-out", "pause", "recording", "clock", "refused-more", "redacted", "command",
    "chat", "output-differs",
]  # fmt: skip

_NEEDS: dict[str, str] = {
    "scope": "scopes",
    "bytes-out": "limit",
    "files-out": "limit",
    "pause": "limit",
    "recording": "states",
    "clock": "limit",
    "command": "pattern",
    "chat": "pattern",
}


class MarkRulesUnusable(InputError):
    sentence = "The mark rules in {path} cannot be used: {problem}."


class Mark(Struct, frozen=True, forbid_unknown_fields=True):
    """`t_ms` is where to look, on the session's clock; `detail` the fact itself: a number, a scope, a name."""

    rule: Identifier
    t_ms: SessionMs
    detail: Annotated[str, Meta(max_length=200)] = ""


class MarkRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule, as the file has it: what it looks at, and what it says where that is found."""

    id: Identifier
    kind: RuleKind
    title: BothLanguages
    scopes: tuple[Scope, ...] = ()
    limit: Annotated[int, Meta(ge=0)] | None = None
    states: tuple[Literal["partial", "lost"], ...] = ()
    redaction: tuple[str, ...] = ()
    pattern: str = ""


class MarkRules(Struct, frozen=True, forbid_unknown_fields=True):
    """All rules of one file."""

    rule: tuple[MarkRule, ...]

    @classmethod
    def load(cls, path: Path = DEFAULT_RULES) -> Self:
        """Reads a rules file. Raises MarkRulesUnusable."""
        try:
            data = path.read_bytes()
            if len(data) > FILE_LIMIT_BYTES:
                raise MarkRulesUnusable(
                    path=path,
                    problem=Detail("the file is larger than {limit_bytes} bytes", limit_bytes=FILE_LIMIT_BYTES),
                )
            rules = msgspec.convert(tomllib.loads(data.decode()), cls)
        except OSError as error:
            raise MarkRulesUnusable(path=path, problem=system_reason(error)) from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
            raise MarkRulesUnusable(path=path, problem=error) from None
        problems = [problem for rule in rules.rule for problem in _problems(rule)]
        names = [rule.id for rule in rules.rule]
        problems += [f"rule {name} stands twice" for name in sorted({name for name in names if names.count(name) > 1})]
        if problems:
            raise MarkRulesUnusable(path=path, problem="; ".join(problems))
        return rules

    def named(self, rule_id: str) -> MarkRule | None:
        return next((rule for rule in self.rule if rule.id == rule_id), None)


def _problems(rule: MarkRule) -> list[str]:
    needed = _NEEDS.get(rule.kind)
    if needed is not None and getattr(rule, needed) in ((), None, ""):
        return [f"rule {rule.id} of kind {rule.kind} needs {needed}"]
    if rule.kind in ("command", "chat"):
        try:
            re.compile(rule.pattern)
        except re.error as error:
            return [f"the pattern of rule {rule.id} is no regular expression ({error})"]
    return []


@dataclass
class _Counts:
    """What has happened so far, as far as rules ask for it."""

    bytes_out: int = 0
    files_out: int = 0
    paused_at_ms: int | None = None
    had_access: set[int] = field(default_factory=set)


class MarkWatch:
    """Follows one session. Give it every event in order, `end` when nothing more comes."""

    def __init__(self, rules: Sequence[MarkRule]) -> None:
        self._rules = list(rules)
        self._counts = _Counts()
        self._last_ms = 0
        self.marks: list[Mark] = []

    def judge_by(self, rules: Sequence[MarkRule]) -> None:
        """By other rules from here on. What was counted and marked stays."""
        marked = {mark.rule for mark in self.marks}
        self._rules = [rule for rule in rules if rule.id not in marked]

    def feed(self, event: Event) -> list[Mark]:
        """The marks that this event brings."""
        self._last_ms = max(self._last_ms, event.t_ms)
        # Rules on a refusal ask what stood before it, sums include the event itself.
        refused = isinstance(event, ConsentAnswered) and event.participant in self._counts.had_access
        pause_ms = self._count(event)
        return self._mark(
            (rule, event.t_ms, detail)
            for rule in self._rules
            if (detail := self._noticed(rule, event, refused=refused, pause_ms=pause_ms)) is not None
        )

    def end(self, state: str) -> list[Mark]:
        """`state` is the library's word for how much of the recording is there."""
        return self._mark(
            (rule, self._last_ms, state) for rule in self._rules if rule.kind == "recording" and state in rule.states
        )

    def _mark(self, noticed: Iterable[tuple[MarkRule, int, str]]) -> list[Mark]:
        new = [(rule, Mark(rule.id, t_ms, detail[:200])) for rule, t_ms, detail in noticed]
        for rule, mark in new:
            self._rules.remove(rule)
            self.marks.append(mark)
        return [mark for _, mark in new]

    def _count(self, event: Event) -> int | None:
        """Adds the event up; answers how long the pause was that it ends."""
        counts = self._counts
        match event:
            case FileOperation(action="read", outcome="ok"):
                counts.bytes_out += event.byte_count
                counts.files_out += 1
            case ConsentAnswered(answer="allowed"):
                counts.had_access.add(event.participant)
            case GrantChanged(scopes=()):
                counts.had_access.discard(event.participant)
            case SessionPaused(by="recorder"):
                counts.paused_at_ms = event.t_ms
            case SessionResumed(by="recorder"):
                began_ms, counts.paused_at_ms = counts.paused_at_ms, None
                return None if began_ms is None else event.t_ms - began_ms
        return None

    def _noticed(self, rule: MarkRule, event: Event, *, refused: bool, pause_ms: int | None) -> str | None:
        """The fact, if the rule is about this event."""
        limit = rule.limit if rule.limit is not None else 0
        match rule.kind, event:
            case "scope", ConsentAnswered(answer="allowed"):
                return ", ".join(scope for scope in event.scopes if scope in rule.scopes) or None
            case "bytes-out", FileOperation(action="read") if self._counts.bytes_out > limit:
                return str(self._counts.bytes_out)
            case "files-out", FileOperation(action="read") if self._counts.files_out > limit:
                return str(self._counts.files_out)
            case "pause", SessionResumed() if pause_ms is not None and pause_ms > limit:
                return str(pause_ms)
            case "clock", ClockCompared():
                apart_ms = event.agent_unix_ms - event.broker_unix_ms
                return str(apart_ms) if abs(apart_ms) > limit else None
            case "refused-more", ConsentAnswered(answer="denied" | "timeout") if refused:
                return event.answer
            case "redacted", Redacted() if not rule.redaction or event.rule in rule.redaction:
                return event.rule
            case "command", ChannelOpened(use="command" | "terminal-command"):
                found = re.search(rule.pattern, event.command[:COMMAND_LIMIT_CHARACTERS])
                return found.group()[:200] if found else None
            case "chat", ChatSaid():
                found = re.search(rule.pattern, event.text[:COMMAND_LIMIT_CHARACTERS])
                return found.group()[:200] if found else None
            case "output-differs", OutputAttested(matches=False):
                return str(event.participant)
        return None
