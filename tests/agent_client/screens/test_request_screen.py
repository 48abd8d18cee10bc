"""The question in windows of every size: nothing of it is cut off, and its keys are always there."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from agent_client.faces.face import ConsentAnswer, ConsentQuestion
from agent_client.faces.notices import Present
from agent_client.screens.keys import Key
from agent_client.screens.request_screen import RequestForm
from agent_client.screens.rows import Row
from protocol.grants import Scope
from wording import Language, Wording

START_MS = 1_795_344_000_000
EVERYTHING = ConsentQuestion(
    participant=1,
    name="Ann Example",
    staff_number="1042",
    organisation="Example Support",
    reason="receipts never arrive since the update of last Tuesday",
    ticket="8841",
    scopes=frozenset(Scope),
    minutes=30,
    folders=("/home/ann/receipts", "/var/log"),
    client="browser",
    is_raise=False,
    asked_at_ms=START_MS,
    allow_not_before_ms=START_MS + 3_000,
    expires_at_ms=START_MS + 120_000,
)
BOB = Present(2, "Bob Builder", "1043", EVERYTHING.scopes, START_MS + 754_000)
QUESTIONS = {
    "everything": EVERYTHING,
    "more": replace(EVERYTHING, is_raise=True),
    "place": replace(EVERYTHING, is_raise=True, minutes=0, takes_over=BOB),
}


def text_of(rows: list[Row]) -> list[str]:
    return ["".join(span.text for span in line) for line in rows]


class Reader:
    """Somebody who reads a question in a window, and presses keys after the pause."""

    def __init__(self, question: ConsentQuestion, columns: int, height: int, language: Language = "en") -> None:
        self.form = RequestForm(question, START_MS)
        self._window = (columns, height)
        self._wording = Wording(language)

    def sees(self) -> list[str]:
        return text_of(self.form.rows(self._wording, *self._window, START_MS + 3_000))

    def press(self, *keys: Key) -> ConsentAnswer | None:
        answer = None
        for key in keys:
            answer = self.form.press(key, START_MS + 3_000)
            self.sees()
        return answer


DOWN, PAGE_DOWN = Key("down", "", b""), Key("page-down", "", b"")
ALLOW, CHANGE = Key("text", "a", b"a"), Key("text", "c", b"c")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("columns", "height"), [(40, 11), (40, 12), (80, 24), (132, 50)])
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_every_line_is_read_in_full(question: ConsentQuestion, columns: int, height: int, language: Language) -> None:
    """Moved down line by line, the whole question passes, never wider or higher than the window."""
    whole = Reader(question, columns, 1_000, language).sees()
    reader = Reader(question, columns, height, language)
    passed: set[str] = set()
    for _ in whole:
        shown = reader.sees()
        assert len(shown) <= height
        assert max(cell_len(line.rstrip()) for line in shown) <= columns
        passed.update(shown)
        reader.press(DOWN)
    assert passed.issuperset(whole)
    answer = reader.press(ALLOW)
    assert answer is not None
    assert answer.allowed


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_keys_stay_in_sight(language: Language) -> None:
    """What can be pressed stands under the question, wherever it was moved to, and while it is changed."""
    reader = Reader(EVERYTHING, 40, 12, language)
    say = Wording(language).say
    for _ in range(8):
        reader.press(DOWN)
        shown = "\n".join(reader.sees())
        assert all(say(f"agent-key-{key}") in shown for key in ("no", "allow", "change"))
    reader.press(CHANGE)
    assert say("agent-key-done") in "\n".join(reader.sees())


def test_who_has_not_read_to_the_end_cannot_allow() -> None:
    """Nor by a key that came in one go with those that move."""
    reader = Reader(EVERYTHING, 40, 12)
    reader.sees()
    assert reader.press(ALLOW) is None
    for key in (*[PAGE_DOWN] * 9, ALLOW):
        assert reader.form.press(key, START_MS + 3_000) is None
    reader.sees()
    assert reader.press(ALLOW) is not None


def test_the_line_that_is_changed_is_in_sight() -> None:
    """From scope to scope down to the minutes, and round to the first again."""
    reader = Reader(EVERYTHING, 40, 12)
    reader.sees()
    reader.press(CHANGE)
    for _ in range(len(Scope) + 2):
        assert any("›" in line for line in reader.sees())
        reader.press(DOWN)
