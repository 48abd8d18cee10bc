"""`consentry chat`: from another process, with nothing but the session's files."""

import asyncio
import json

import pytest

from engineer_client.chat import ChatNotKnown, SessionChat, session_chat
from engineer_client.chat_terminal import ChatPage, said_lines
from engineer_client.connect import LiveSession
from engineer_client.missed_messages import MissedMessages
from protocol.chat import LineUnusable
from protocol.grants import Scope
from protocol.messages.control import GrantMoved, Said, SessionMoved, TakenOver
from tests.engineer_client.conftest import Desk
from tests.engineer_client.customer import Customer
from tests.engineer_client.test_shell import Terminal
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Wording


def said(text: str, *, mine: bool = False, name: str = "") -> Said:
    return Said(number=1, participant=1 if mine or name else 0, name=name, said_at_ms=0, text=text, mine=mine)


async def test_one_message_is_sent_and_confirmed(desk: Desk, live: LiveSession, customer: Customer) -> None:
    """From the command line or standard input; the command ends well when the recording has it."""
    done = await desk.run("chat", "till", "I restart it now.")
    assert (done.status, done.err) == (0, "Everybody in the session has your message.\n"), done.err
    assert (await desk.run("chat", "till", "-", given="two\nlines\n")).status == 0
    assert [line.text for line in customer.lines] == ["I restart it now.", "two\nlines"]


async def test_messages_are_read_and_written_line_by_line(desk: Desk, live: LiveSession, customer: Customer) -> None:
    """What was written before comes first; for programs as JSON, one object a line, in ASCII."""
    customer.say("谢谢\x1b[2J")
    only_read = await desk.run("chat", "--json")
    assert [json.loads(line)["event"] for line in only_read.out.splitlines()] == ["session-moved", "said"]
    done = await desk.run("chat", "--json", given="one\n\ntwo\n")
    assert done.status == 0, done.err
    assert done.out.isascii()
    told = [json.loads(line) for line in done.out.splitlines()]
    assert [(each["event"], each.get("text"), each.get("mine")) for each in told] == [
        ("session-moved", None, None),
        ("said", "谢谢\x1b[2J", False),
        ("said", "one", True),
        ("said", "two", True),
    ]


async def test_an_agent_from_before_there_was_chat_is_harmed_in_nothing(
    desk: Desk, live: LiveSession, customer: Customer
) -> None:
    """It ends the stream of the chat; the conversation about access goes on."""
    customer.knows_chat = False
    done = await desk.run("chat", "till", "hello?")
    assert done.status == 1
    assert "does not take messages" in done.err
    with pytest.raises(ChatNotKnown):
        async with session_chat(live.files.load_paired(), lambda _: None):
            pass
    assert not live.conversation.ended


async def test_a_line_that_cannot_be_sent_is_refused_here(live: LiveSession, customer: Customer) -> None:
    """Nothing goes out; the next one does."""
    async with session_chat(live.files.load_paired(), lambda _: None) as chat:
        assert isinstance(chat, SessionChat)
        for typed in ("", "x" * 1001):
            with pytest.raises(LineUnusable):
                await chat.say(typed)
        assert await chat.say("short") == 1


async def test_a_shell_is_not_disturbed_by_messages(live: LiveSession, customer: Customer) -> None:
    """A bell for each one of somebody else's; the words wait until the shell has gone."""
    for participant in (0, 1, 2):
        customer.say(f"from {participant}", participant=participant)
    rung = asyncio.Queue[None]()
    messages = MissedMessages(lambda: rung.put_nowait(None), after_seconds=0)
    listening = asyncio.create_task(messages.listen(live.files.load_paired()))
    for _ in range(2):
        await rung.get()
    listening.cancel()
    await asyncio.wait([listening])
    assert [line.text for line in messages.lines] == ["from 0", "from 2"]


async def test_an_agent_without_chat_disturbs_no_shell(live: LiveSession, customer: Customer) -> None:
    """Listening just ends."""
    customer.knows_chat = False
    messages = MissedMessages(lambda: None, after_seconds=0)
    await messages.listen(live.files.load_paired())
    assert messages.lines == []


async def test_a_talk_on_a_terminal(desk: Desk, live: LiveSession, customer: Customer) -> None:
    """What others write is put above the line that is being typed, which stays; Ctrl-D leaves, and nothing is left
    behind."""
    customer.say("it still blinks")
    terminal = Terminal(desk, "chat", "till")
    await terminal.until(b"customer: it still blinks")
    terminal.type(b"hel")
    await terminal.until(b"hel")
    customer.say("still there?")
    await terminal.until(b"customer: still there?\r\nyou: hel")
    customer.line_said.clear()
    terminal.type(b"lo\r")
    await asyncio.wait_for(customer.line_said.wait(), PATIENCE_SECONDS)
    assert customer.lines[-1].text == "hello"
    terminal.type(b"\x04")
    assert await terminal.end() == 0
    assert b"you: hello\r\nyou: hello" not in terminal.seen


def test_a_line_is_shown_and_does_nothing() -> None:
    """Names and words are escaped; a message of several lines stays one message."""
    wording = Wording("en")
    first, second = said_lines(said("one\x1b[2J\n\u202etwo", name="M\x1bei"), wording)
    assert first.endswith("  M\\x1bei: one\\x1b[2J")
    assert second.strip() == "\\u202etwo"
    assert "customer: hello" in said_lines(said("hello"), wording)[0]


def test_what_was_typed_here_is_not_shown_twice(capsys: pytest.CaptureFixture[str]) -> None:
    """It stands on the screen already; a line of mine from another window, or one that was blotted out, does not."""
    page = ChatPage(Wording("en"), is_typed_on=True)
    page.typed("hello\n")
    page.news(said("hello", mine=True))
    assert capsys.readouterr().out == ""
    page.news(said("hello", mine=True))
    assert "you: hello" in capsys.readouterr().out


def test_standstill_and_changes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Once each, in words."""
    page = ChatPage(Wording("en"), is_typed_on=False)
    for news in (
        SessionMoved(paused_by=(), newest_line=0),
        SessionMoved(paused_by=("customer",), newest_line=0),
        SessionMoved(paused_by=(), newest_line=0),
        GrantMoved(scopes=(Scope.VIEW,), expires_at_ms=0),
        GrantMoved(scopes=(), expires_at_ms=0),
        TakenOver(name="Li\u202e", staff_number="E-18"),
    ):
        page.news(news)
    paused, resumed, allowed, nothing, taken_over = capsys.readouterr().out.splitlines()
    assert (paused, resumed) == ("The customer has paused everything.", "It goes on.")
    assert allowed.startswith("Allowed now: view, until")
    assert nothing == "Nothing is allowed any more."
    assert taken_over.startswith("Li\\u202e (staff no. E-18) has taken over")
