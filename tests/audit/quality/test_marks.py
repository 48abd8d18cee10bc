"""Marks: each kind of rule, at its edge."""

from pathlib import Path

import msgspec
import pytest

from audit.quality.marks import Mark, MarkRule, MarkRules, MarkRulesUnusable, MarkWatch
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

MIB = 1024 * 1024


def watch(*events: Event, end: str = "complete") -> list[Mark]:
    """The marks that the rules which come along give to these events."""
    watched = MarkWatch(MarkRules.load().rule)
    for event in events:
        watched.feed(event)
    watched.end(end)
    return watched.marks


def allowed(*scopes: Scope, t_ms: int = 10, participant: int = 1) -> ConsentAnswered:
    return ConsentAnswered(t_ms, participant, "allowed", scopes, 0)


def read(byte_count: int, t_ms: int = 20, outcome: str = "ok", action: str = "read") -> FileOperation:
    return FileOperation(t_ms, 1, 1, action, "/f", "", outcome, byte_count, b"", ())  # type: ignore[arg-type]  # literals by name


def test_a_quiet_session_has_no_mark() -> None:
    """A shell, a small file, two clocks that agree."""
    assert watch(allowed(Scope.SHELL), read(1000), ClockCompared(30, 1_000_000, 1_000_200)) == []


def test_root_scope() -> None:
    """Where it was granted; asking for it is no mark."""
    assert watch(allowed(Scope.SHELL, Scope.ROOT)) == [Mark("root-scope", 10, "root")]
    assert watch(ConsentAnswered(10, 1, "denied", (Scope.ROOT,), 0)) == []


def test_bulk_out_adds_up() -> None:
    """At 100 MiB not yet, a byte more and it is; refused reads and writes do not count, and one mark is enough."""
    assert watch(read(60 * MIB), read(40 * MIB), read(5, outcome="refused"), read(5, action="write")) == []
    assert watch(read(60 * MIB), read(40 * MIB), read(1, t_ms=50), read(7, t_ms=60)) == [
        Mark("bulk-out", 50, str(100 * MIB + 1))
    ]


def test_many_files_out() -> None:
    """Small ones, but many."""
    assert watch(*[read(1, t_ms=n) for n in range(200)]) == []
    assert watch(*[read(1, t_ms=n) for n in range(202)]) == [Mark("many-files-out", 200, "201")]


def test_recorder_gap() -> None:
    """Known only once the session is over, and marked where the recording stops."""
    assert watch(allowed(Scope.VIEW), read(1, t_ms=90), end="partial") == [Mark("recorder-gap", 90, "partial")]
    assert watch(allowed(Scope.VIEW), end="arriving") == []


def test_a_recorder_that_held_everything_up() -> None:
    """More than ten seconds; the customer's own pause is none."""
    assert watch(SessionPaused(0, "recorder"), SessionResumed(10_000, "recorder")) == []
    assert watch(SessionPaused(0, "recorder"), SessionResumed(10_001, "recorder")) == [
        Mark("recorder-held-up", 10_001, "10001")
    ]
    assert watch(SessionPaused(0, "customer"), SessionResumed(60_000, "customer")) == []


def test_clock_skew_in_both_directions() -> None:
    """Over five seconds, fast or slow."""
    assert watch(ClockCompared(5, 10_000, 5_000)) == []
    assert watch(ClockCompared(5, 10_001, 5_000)) == [Mark("clock-skew", 5, "5001")]
    assert watch(ClockCompared(5, 5_000, 10_001)) == [Mark("clock-skew", 5, "-5001")]


def test_refused_consent_after_a_request_for_more() -> None:
    """The first no is a customer's right and nothing odd; a no to somebody who was in already is worth a look."""
    denied = ConsentAnswered(50, 1, "denied", (), 0)
    assert watch(denied) == []
    assert watch(allowed(Scope.VIEW), denied) == [Mark("refused-more", 50, "denied")]
    assert watch(allowed(Scope.VIEW), ConsentAnswered(50, 1, "timeout", (), 0)) == [Mark("refused-more", 50, "timeout")]
    assert watch(allowed(Scope.VIEW, participant=2), denied) == []


def test_after_everything_was_taken_away_a_no_is_a_first_no_again() -> None:
    """Revoked, asked anew, refused: that is no request for more."""
    revoked = GrantChanged(20, 1, (), 0, "customer")
    assert watch(allowed(Scope.VIEW), revoked, ConsentAnswered(50, 1, "denied", (), 0)) == []


def test_secrets_seen_by_redaction() -> None:
    """By the name of the rule that hid them, never the secret."""
    assert watch(Redacted(7, 0, "private-key", 1700)) == [Mark("secrets-seen", 7, "private-key")]


@pytest.mark.parametrize(
    ("text", "word"),
    [("you are an IDIOT!", "IDIOT"), ("I call my lawyer", "lawyer"), ("你们是骗子", "骗子"), ("滚开", "滚开")],
)
def test_strong_words_in_the_chat(text: str, word: str) -> None:
    """By either side, in English and Chinese: the word itself, at its second."""
    assert watch(ChatSaid(7, 0, text), ChatSaid(8, 1, text)) == [Mark("strong-words", 7, word)]


@pytest.mark.parametrize("text", ["Shall I scroll up?", "向上滚动一下", "The scampi order prints", "shirts"])
def test_ordinary_words_are_no_mark(text: str) -> None:
    """Words that only look like one."""
    assert watch(ChatSaid(7, 1, text)) == []


def test_an_output_that_the_engineers_client_signed_otherwise() -> None:
    """Both ends say what was shown; where they differ somebody should look."""
    said = OutputAttested(9, 1, b"", 3, b"", b"", matches=False)
    assert watch(said) == [Mark("output-differs", 9, "1")]


def test_rules_of_ones_own(tmp_path: Path) -> None:
    """A file replaces the list: commands by expression, and redactions by name."""
    path = tmp_path / "marks.toml"
    title = 'title = { en = "x", zh-CN = "x" }'
    path.write_text(
        f'[[rule]]\nid = "wipes"\nkind = "command"\npattern = "rm -rf /\\\\w+"\n{title}\n'
        f'[[rule]]\nid = "keys"\nkind = "redacted"\nredaction = ["private-key"]\n{title}\n'
    )
    watched = MarkWatch(MarkRules.load(path).rule)
    watched.feed(Redacted(1, 0, "github-token", 40))
    watched.feed(ChannelOpened(2, 1, 1, "command", b"", "cd /; rm -rf /srv", 0, 0, 0))
    watched.feed(Redacted(3, 0, "private-key", 40))
    assert watched.marks == [Mark("wipes", 2, "rm -rf /srv"), Mark("keys", 3, "private-key")]


def test_feeding_tells_each_mark_as_it_comes() -> None:
    """So that a live session can be marked while it goes on."""
    watched = MarkWatch(MarkRules.load().rule)
    assert watched.feed(allowed(Scope.VIEW)) == []
    assert watched.feed(allowed(Scope.ROOT, t_ms=20)) == [Mark("root-scope", 20, "root")]
    assert watched.feed(allowed(Scope.ROOT, t_ms=30)) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('kind = "scope"', "needs scopes"),
        ('kind = "bytes-out"', "needs limit"),
        ('kind = "command"\npattern = "("', "no regular expression"),
        ('kind = "odd"', "Invalid enum value"),
        ('kind = "refused-more"\nextra = 1', "unknown field"),
    ],
)
def test_a_wrong_rule_gets_a_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    """Which rule and what it lacks, before any session is looked at."""
    path = tmp_path / "marks.toml"
    path.write_text(f'[[rule]]\nid = "x"\ntitle = {{ en = "x", zh-CN = "x" }}\n{text}\n')
    with pytest.raises(MarkRulesUnusable, match=complaint):
        MarkRules.load(path)


def test_rules_that_stand_twice_are_refused(tmp_path: Path) -> None:
    """A mark's name says which rule made it."""
    rule = '[[rule]]\nid = "x"\nkind = "redacted"\ntitle = { en = "x", zh-CN = "x" }\n'
    path = tmp_path / "marks.toml"
    path.write_text(rule * 2)
    with pytest.raises(MarkRulesUnusable, match="rule x stands twice"):
        MarkRules.load(path)


def test_other_rules_in_the_middle_of_a_session() -> None:
    """What was counted counts on, what was marked is not marked again, and what is gone marks no more."""
    read = FileOperation(1000, 2, 1, "read", "/a", "", "ok", 600, b"\x01" * 32, ((0, 600),))
    title = {"en": "x", "zh-CN": "x"}
    first = msgspec.convert([{"id": "one", "kind": "files-out", "limit": 0, "title": title}], tuple[MarkRule, ...])
    second = msgspec.convert(
        [
            {"id": "one", "kind": "files-out", "limit": 0, "title": title},
            {"id": "bytes", "kind": "bytes-out", "limit": 1000, "title": title},
        ],
        tuple[MarkRule, ...],
    )
    watch = MarkWatch(first)
    assert [mark.rule for mark in watch.feed(read)] == ["one"]
    watch.judge_by(second)
    assert [(mark.rule, mark.detail) for mark in watch.feed(read)] == [("bytes", "1200")]
    watch.judge_by(())
    assert watch.feed(read) == []
    assert [mark.rule for mark in watch.marks] == ["one", "bytes"]
