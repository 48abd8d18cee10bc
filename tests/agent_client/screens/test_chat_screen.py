"""The messages on the customer's screen: the newest fit, and nothing of them acts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agent_client.faces.notices import ChatSaid
from agent_client.screens.chat_screen import ChatForm
from agent_client.screens.keys import Key, KeyReader
from agent_client.screens.rows import Row
from protocol.chat import LINE_LIMIT_CHARACTERS, is_chat_line
from wording import Language, Wording

SAID_AT_MS = 1_795_344_000_000


def texts(rows: list[Row]) -> list[str]:
    return ["".join(span.text for span in row) for row in rows]


def pressed(form: ChatForm, keys: bytes) -> list[str]:
    reader = KeyReader()
    sent = [form.press(key) for key in [*reader.feed(keys), *reader.settle()]]
    return [line for line in sent if line is not None]


@given(
    st.lists(st.text(min_size=1, max_size=1000), max_size=8),
    st.text(max_size=300),
    st.integers(40, 200),
    st.integers(12, 60),
)
def test_whatever_was_written_fits_and_is_harmless(said: list[str], draft: str, width: int, height: int) -> None:
    """Rows are as many as there is room for, no wider than the screen, and hold no control character."""
    lines = [ChatSaid(at, at % 2, f"N\x1b{at}", SAID_AT_MS, text) for at, text in enumerate(said, start=1)]
    form = ChatForm()
    form.press(Key("paste", "", draft.encode()))
    shown = texts(form.rows(lines, Wording("en"), width, height))
    assert len(shown) <= height
    assert all(cell_len(text) <= width for text in shown)
    assert not any(character in text for text in shown for character in "\x1b\r\n\t\u202e\u2028\x9b")


def test_the_newest_messages_are_shown() -> None:
    """Where not all fit, the oldest go."""
    lines = [ChatSaid(at, 1, "Ann", SAID_AT_MS, f"message {at}") for at in range(1, 100)]
    shown = "\n".join(texts(ChatForm().rows(lines, Wording("en"), 80, 20)))
    assert "message 99" in shown
    assert "message 1\n" not in shown


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_an_empty_page_says_so(language: Language) -> None:
    wording = Wording(language)
    assert wording.say("agent-chat-empty") in "".join(texts(ChatForm().rows([], wording, 100, 20)))


def test_a_line_is_written_sent_and_left() -> None:
    """Enter sends what is there and nothing where there is nothing; Esc is the way back."""
    form = ChatForm()
    assert pressed(form, b"\r  \r") == []
    assert pressed(form, b"helo\x7flo\r") == ["hello"]
    assert pressed(form, b"\x1b[200~two\nlines\x07\x1b[201~\r") == ["two\nlines"]
    assert not form.is_over
    assert pressed(form, b"never sent\x1b") == []
    assert form.is_over


def test_no_line_is_longer_than_can_be_sent() -> None:
    """However much is pasted."""
    [line] = pressed(ChatForm(), b"\x1b[200~" + b"x" * 5000 + b"\x1b[201~\r")
    assert len(line) == LINE_LIMIT_CHARACTERS
    assert is_chat_line(line)


def test_another_line_that_was_begun_is_not_replaced_by_a_refused_one() -> None:
    form = ChatForm()
    pressed(form, b"first\rsecond")
    form.refused("agent-chat-refused-too-fast")
    assert pressed(form, b"\r") == ["second"]
