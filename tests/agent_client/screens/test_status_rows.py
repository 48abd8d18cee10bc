"""The two rows under the shared terminal."""

import pytest

from agent_client.faces.notices import Present
from agent_client.screens.live_screen import LiveFacts
from agent_client.screens.rows import paint, row_cells
from agent_client.screens.status_rows import status_rows
from protocol.grants import Scope
from wording import LANGUAGES, Language, Wording

NOW_MS = 5_000
FIVE_SCOPES = frozenset({Scope.VIEW, Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE, Scope.FORWARD})
NAMES: dict[Language, str] = {"en": "Ann Example-Longworth", "zh-CN": "欧阳小明老师"}


def live(language: Language, people: int = 1, scopes: frozenset[Scope] = FIVE_SCOPES) -> LiveFacts:
    """A session with so many engineers, each with all the time and all these scopes."""
    each = Present(1, NAMES[language], "S-17", scopes, NOW_MS + 29 * 60_000)
    facts = LiveFacts(dict.fromkeys(range(people), each))
    facts.recorded_bytes, facts.acked_bytes = 4_210_000, 4_100_000
    return facts


def drawn(facts: LiveFacts, language: Language, width: int) -> tuple[str, str]:
    """Both rows as they are on the terminal, without colours; each of them fits."""
    rows = status_rows(facts, Wording(language), NOW_MS, width, prefix_pressed=False)
    assert [row_cells(each) <= width for each in rows] == [True, True]
    first, second = ("".join(span.text for span in each) for each in rows)
    return first, second


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [120, 80, 60, 40])
@pytest.mark.parametrize("people", [1, 3])
def test_who_is_in_the_time_the_recording_and_the_keys_are_never_cut(
    language: Language, width: int, people: int
) -> None:
    """With five scopes, wide characters, and several engineers."""
    facts, keys = drawn(live(language, people), language, width)
    assert NAMES[language][:2] in facts
    assert "29:00" in facts
    assert "4.1" in facts
    assert facts.endswith(" MB")
    shown = facts.count("29:00")
    assert shown == people or f"+{people - shown}" in facts
    for key in ("Ctrl-]", " p ", " e ", " c ", " m ", " n "):
        assert key in f"{keys} "
    for word in ("agent-key-pause", "agent-key-end"):
        assert Wording(language).say(word) in keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_can_do_most_is_said_first_and_the_rest_is_counted(language: Language) -> None:
    """In a window of 60 columns an administrator's rights are still named."""
    say = Wording(language).say
    facts, _ = drawn(live(language, scopes=FIVE_SCOPES | {Scope.ROOT}), language, 60)
    assert say("agent-short-root") in facts
    assert "+5" in facts or "+4" in facts
    wide, _ = drawn(live(language), language, 120)
    assert all(say(name) in wide for name in ("agent-short-shell", "agent-short-forward", "agent-short-view"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 60, 40])
def test_that_the_broker_is_away_is_read_on_a_narrow_terminal(language: Language, width: int) -> None:
    """Beside who is in and what is safe: messages give way to it."""
    facts = live(language)
    facts.away_since_ms, facts.unread_lines = 0, 2
    first, _ = drawn(facts, language, width)
    assert Wording(language).say("agent-broker-away-short", time="0:05") in first
    assert "29:00" in first
    assert first.endswith(" MB")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 60, 40])
def test_a_paused_session_says_so_and_how_to_go_on(language: Language, width: int) -> None:
    """Also where the recorder has paused it, whose sentence is longer than the window."""
    facts = live(language)
    facts.paused_by = {"recorder"}
    _, second = drawn(facts, language, width)
    wording = Wording(language)
    assert wording.say("agent-live-paused-short").rstrip("。.") in second
    assert "Ctrl-]" in second
    assert wording.say("agent-key-resume") in second
    assert wording.say("agent-key-end") in second


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_is_whole_in_the_narrowest_window(language: Language) -> None:
    """With the time that it is valid for."""
    facts = live(language)
    facts.code, facts.code_expires_at_ms = "482-9137-7551", NOW_MS + 90_000
    _, second = drawn(facts, language, 40)
    assert "482 - 9137 - 7551" in second
    assert "1:30" in second
    assert "Ctrl-]" in second


def test_what_happened_is_cut_with_an_ellipsis() -> None:
    """It is read as cut, and the row is full."""
    facts = live("en")
    facts.happened("Ann runs: " + "x" * 100, NOW_MS)
    _, second = drawn(facts, "en", 60)
    assert second.endswith("…")


def test_colours_take_no_room() -> None:
    """What is painted is what was measured."""
    first, _ = status_rows(live("zh-CN"), Wording("zh-CN"), NOW_MS, 40, prefix_pressed=False)
    assert "29:00" in paint(first, 40, colour=True)
