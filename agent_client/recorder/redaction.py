"""Blots secrets out of output before anybody sees or records it: the engineer sees what the recording holds.

Rules come from a TOML file (`redaction_rules.toml` shows the format and holds the defaults). Every rule names the texts
that its matches begin with, so that a stream is only scanned for those (`secret_starts.py`); the rule's expression runs
where one of them stands.

A secret may arrive in pieces. Once a start is whole, bytes are held back until the rule says yes or no, until the line
ends, or until 4 KiB are held. Whoever feeds the redactor flushes it after 20 ms without more
(`agent_client.recording`): then a secret that is complete so far goes out blotted, anything else as it is, and the
place is remembered, so that the rest of a secret that is still being typed or printed is blotted too.

Honest limits: what stood on the screen before the rule could know is seen; a secret that a program paints in colours,
in columns or with the cursor moved about is not found; neither is one that no rule describes.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from agent_client.recorder.errors import BadRedactionRules
from agent_client.recorder.secret_starts import SecretStarts
from agent_client.recording import Recording
from protocol.details import system_reason
from protocol.events import Redacted

HOLD_LIMIT_BYTES = 4 * 1024
BLOCK_LIMIT_BYTES = 64 * 1024
"""A block without an end is not hidden any further: no private key is that long."""

BLOT = "█".encode()
BLOCK_BLOT = b"\r\n" + BLOT * 8 + b"\r\n"
DEFAULT_RULES = Path(__file__).with_name("redaction_rules.toml")

_BLOCK_BODY = re.compile(rb"[A-Za-z0-9+/=:,.()\s-]*")
"""What the lines of a key file are made of. Anything else (a prompt, an escape) means that the block is over."""

_SHORTEST_START = 3


class _RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    starts: list[str]
    pattern: str
    until: str | None = None


class _RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: list[_RuleText] = []


@dataclass(frozen=True)
class _Rule:
    name: str
    starts: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    until: re.Pattern[bytes] | None

    def secret_of(self, match: re.Match[bytes]) -> tuple[int, int]:
        return match.span("secret") if "secret" in self.pattern.groupindex else match.span()


class RedactionRules:
    """All rules of one file, compiled. An empty list is allowed: then nothing is blotted out."""

    def __init__(self, rules: tuple[_Rule, ...]) -> None:
        self.rules = rules
        self.starts = SecretStarts({start for rule in rules for start in rule.starts})

    @classmethod
    def load(cls, path: Path = DEFAULT_RULES) -> Self:
        """Reads a rules file; without a path, our defaults. Raises BadRedactionRules."""
        try:
            text = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _RulesFile)
            return cls(tuple(_compiled(rule) for rule in text.rule))
        except (OSError, UnicodeDecodeError) as error:
            raise BadRedactionRules(path=path, problem=system_reason(error, "it is not UTF-8 text")) from None
        except (tomllib.TOMLDecodeError, msgspec.ValidationError, _RuleError) as error:
            raise BadRedactionRules(path=path, problem=error) from None

    def with_more(self, other: "RedactionRules") -> "RedactionRules":
        """These rules and those."""
        return RedactionRules(self.rules + other.rules)


class _RuleError(ValueError):
    pass


def _compiled(text: _RuleText) -> _Rule:
    starts = tuple(start.encode() for start in text.starts)
    if not starts or min(map(len, starts)) < _SHORTEST_START:
        raise _RuleError(f"rule {text.name!r} needs starts of at least {_SHORTEST_START} characters")
    try:
        pattern = re.compile(text.pattern.encode())
        until = None if text.until is None else re.compile(text.until.encode())
    except re.error as error:
        raise _RuleError(f"rule {text.name!r} has no valid expression ({error})") from None
    return _Rule(text.name, starts, pattern, until)


class RuleRedactor:
    """Fulfils `agent_client.recording.Redactor` for one stream of output of one channel."""

    def __init__(self, rules: RedactionRules, recording: Recording, channel: int) -> None:
        self._rules = rules
        self._recording = recording
        self._channel = channel
        self._context = b""
        """From the beginning of the first possible secret on."""
        self._sent = 0
        """How much of the context has gone out already."""
        self._block: _Rule | None = None
        self._block_bytes = 0
        self._out: list[bytes] = []

    @property
    def held_bytes(self) -> int:
        """Bytes that a `flush` would let out. Inside a block there are none: they are secret, not undecided."""
        return 0 if self._block is not None else len(self._context) - self._sent

    def feed(self, data: bytes) -> bytes:
        if not self._rules.rules:
            return data
        is_fresh = not self._context and self._block is None
        data = self._context + data
        positions = self._rules.starts.positions(data)
        if is_fresh and not positions:  # most output, and nearly every key
            self._remember_cut_start(data, 0)
            return data
        self._run(data, positions, give_up=False)
        return self._taken()

    def flush(self) -> bytes:
        if self.held_bytes:
            self._run(self._context, self._rules.starts.positions(self._context), give_up=True)
        return self._taken()

    def _taken(self) -> bytes:
        out = b"".join(self._out)
        self._out.clear()
        return out

    def _run(self, data: bytes, positions: list[int], *, give_up: bool) -> None:
        """Walks from one possible secret to the next. `data[:self._sent]` has gone out before."""
        at = 0
        undecided: int | None = None
        starts = iter(positions)
        while True:
            if self._block is not None:
                at = self._inside_block(data, at)
                if self._block is not None:
                    self._keep(data, at, sent=0)
                    return
            start = next((position for position in starts if position >= at), None)
            if start is None:
                break
            self._let_out(data, at, start)
            end = self._decide(data, start)
            if end is None and give_up:
                # Let out as it is, and look at the same place again when more has come.
                undecided = start if undecided is None else undecided
                end = self._best_so_far(data, start)
            if end is None:
                self._keep(data, start, sent=max(0, self._sent - start))
                return
            at = end
        self._let_out(data, at, len(data))
        if undecided is None:
            self._remember_cut_start(data, at)
        else:
            self._keep(data, undecided, sent=None)

    def _remember_cut_start(self, data: bytes, at: int) -> None:
        """A start that is cut by the end of the data has gone out, for it is no secret yet: every typed `a` could be
        one, and must be echoed at once.
        """
        self._keep(data, len(data) - self._rules.starts.cut_bytes(data, at), sent=None)

    def _decide(self, data: bytes, start: int) -> int | None:
        """Blots a secret that begins at `start`. Where the walk goes on; None if only more data can tell."""
        line_end = _line_end(data, start)
        is_open = line_end is None and len(data) - start < HOLD_LIMIT_BYTES
        end = len(data) if line_end is None else line_end
        for rule in self._rules.rules:
            if not data.startswith(rule.starts, start):
                continue
            match = rule.pattern.match(data, start, end)
            if match is None:
                continue
            if match.end() == len(data) and is_open and rule.until is None:
                return None
            return self._blot(data, start, rule, match)
        if is_open:
            return None
        self._let_out(data, start, start + 1)
        return start + 1

    def _best_so_far(self, data: bytes, start: int) -> int:
        """The 20 ms are over: blot what is a secret as it stands, or let its first byte go."""
        for rule in self._rules.rules:
            if data.startswith(rule.starts, start) and (match := rule.pattern.match(data, start)):
                return self._blot(data, start, rule, match)
        self._let_out(data, start, start + 1)
        return start + 1

    def _blot(self, data: bytes, start: int, rule: _Rule, match: re.Match[bytes]) -> int:
        if rule.until is not None:
            self._let_out(data, start, match.end())
            self._block, self._block_bytes = rule, 0
            self._out.append(BLOCK_BLOT)
            return match.end()
        begin, end = rule.secret_of(match)
        self._let_out(data, start, begin)
        hidden = data[max(begin, self._sent) : end]
        if hidden:
            # One blot per character keeps the columns where they were.
            self._out.append(BLOT * sum(byte & 0xC0 != 0x80 for byte in hidden))
            self._recording.record(Redacted(self._recording.elapsed_ms(), self._channel, rule.name, len(hidden)))
        self._let_out(data, end, match.end())
        return match.end()

    def _inside_block(self, data: bytes, at: int) -> int:
        """Swallows a block's lines. Ends it at its end mark, at a byte that no key file has, or when it is too long."""
        rule = self._block
        assert rule is not None
        assert rule.until is not None
        if (end := rule.until.search(data, at)) is not None:
            self._swallow(rule, end.start() - at)
            self._block = None
            self._let_out(data, end.start(), end.end())
            return end.end()
        body = _BLOCK_BODY.match(data, at)
        body_end = body.end() if body else at
        if body_end < len(data) or self._block_bytes > BLOCK_LIMIT_BYTES:
            line = max(data.rfind(b"\n", at, body_end) + 1, at)
            self._swallow(rule, line - at)
            self._block = None
            return line
        # The last line may be the beginning of the end mark.
        line = max(data.rfind(b"\n", at) + 1, at, len(data) - HOLD_LIMIT_BYTES)
        self._swallow(rule, line - at)
        return line

    def _swallow(self, rule: _Rule, byte_count: int) -> None:
        self._block_bytes += byte_count
        if byte_count:
            self._recording.record(Redacted(self._recording.elapsed_ms(), self._channel, rule.name, byte_count))

    def _let_out(self, data: bytes, begin: int, end: int) -> None:
        begin = max(begin, self._sent)
        if begin < end:
            self._out.append(data[begin:end])

    def _keep(self, data: bytes, begin: int, *, sent: int | None) -> None:
        self._context = data[begin:] if len(data) - begin <= HOLD_LIMIT_BYTES else b""
        self._sent = len(self._context) if sent is None else min(sent, len(self._context))


def _line_end(data: bytes, start: int) -> int | None:
    ends = [end for end in (data.find(b"\n", start), data.find(b"\r", start)) if end >= 0]
    return min(ends, default=None)
