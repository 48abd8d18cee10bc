"""The shared terminal as the customer has it: status, keys, messages, and output that stays inside."""

import asyncio
from typing import Any

from agent_client.faces import notices
from agent_client.faces.face import DENIED, End, Narrow, NewCode, Pause, Resume, Say, Typed
from protocol.grants import Scope
from tests.agent_client.faces.terminal_customer import ANN, QUESTION, START_MS, go_live


async def test_shared_terminal_with_its_status(sit: Any) -> None:
    """Output is drawn, the status below it never scrolls away, and typing goes to the room as it is."""
    customer = await sit()
    await go_live(customer)
    customer.face.show(notices.RecorderProgress(2_500_000, 1_200))
    for number in range(100):
        customer.face.room_output(f"line {number}\r\n".encode())
    await customer.sees("line 99", "Ann Example 30:00: sees+types", "recorded 2.5 MB, safe 1.2 kB", "Ctrl-]", "pause")
    assert customer.face.room_size == (100, 24)
    customer.press(b"ls\t\x03\x1b[A")
    typed = b""
    while typed != b"ls\t\x03\x1b[A":
        command = await customer.command()
        assert isinstance(command, Typed)
        typed += command.data


async def test_status_in_chinese(sit: Any) -> None:
    """The status line speaks Chinese and fits."""
    customer = await sit("zh-CN", columns=80, rows=24)
    await go_live(customer)
    await customer.sees("已录制", "暂停")


async def test_prefix_keys(sit: Any) -> None:
    """Ctrl-] and a letter: pause, go on, new code, end; Ctrl-] twice is for the terminal itself."""
    customer = await sit()
    await go_live(customer)
    customer.press(b"\x1dp")
    assert await customer.command() == Pause()
    customer.face.show(notices.Paused("customer"))
    await customer.sees("PAUSED", "go on")
    customer.press(b"\x1dp")
    assert await customer.command() == Resume()
    customer.face.show(notices.Resumed("customer"))
    customer.press(b"\x1dn")
    assert await customer.command() == NewCode()
    customer.face.show(notices.CodeShown("482-9137-7551", START_MS + 581_000))
    await customer.sees("482 - 9137 - 7551")
    customer.press(b"\x1d")
    await customer.sees("cancel the code")
    customer.press(b"\x1d")
    assert await customer.command() == Typed(b"\x1d")
    customer.press(b"\x1de")
    assert await customer.command() == End()


async def test_narrowing_while_live(sit: Any) -> None:
    """What was allowed can be taken away with three keys; nothing can be added."""
    customer = await sit()
    await go_live(customer)
    customer.press(b"\x1dc")
    await customer.sees("What may they go on doing?", "[x] type in it", "Ann Example")
    customer.press(b"\x1b[B ")
    await customer.sees("[ ] type in it")
    customer.press("\r")
    assert await customer.command() == Narrow(1, frozenset({Scope.VIEW}))
    customer.face.show(notices.GrantChanged(1, frozenset({Scope.VIEW}), ANN.expires_at_ms))
    await customer.sees("Allowed now: see your terminal", "Ann Example 30:00: sees")


async def test_messages_do_not_disturb_the_shared_terminal(sit: Any) -> None:
    """One that comes stands in the status and is counted; Ctrl-] m shows all, Esc goes back to what ran meanwhile."""
    customer = await sit()
    await go_live(customer)
    customer.face.room_output(b"$ tail -f log\r\n")
    customer.face.show(notices.ChatSaid(1, 1, "Ann Example", START_MS, "Do you see\nthe \x1b[31mred light?"))
    await customer.sees("$ tail -f log", "Ann Example: Do you see the \\x1b[31mred light?", "1 new: Ctrl-] m")
    customer.press(b"\x1dm")
    await customer.sees("Messages. Everybody", "Do you see", "the \\x1b[31mred light?", "sees+types")
    await customer.sees_no("new: Ctrl-]")
    customer.press("Yes, 在闪".encode())
    await customer.sees("> Yes, 在闪▏")
    customer.press("\r")
    assert await customer.command() == Say("Yes, 在闪")
    customer.face.show(notices.ChatSaid(2, 0, "", START_MS, "Yes, 在闪"))
    customer.face.room_output(b"meanwhile\r\n")
    await customer.sees("You", "> ▏")
    customer.press(b"\x1b")
    await customer.sees("meanwhile", "Ctrl-]")
    customer.press("x")
    assert await customer.command() == Typed(b"x")


async def test_a_message_that_was_refused_is_put_back(sit: Any) -> None:
    """It is not lost, and the reason stands below it."""
    customer = await sit()
    await go_live(customer)
    customer.press(b"\x1dmhello\r")
    assert await customer.command() == Say("hello")
    customer.face.show(notices.ChatRefused("too-fast"))
    await customer.sees("> hello▏", "too fast")


async def test_a_question_goes_before_a_message_that_is_being_written(sit: Any) -> None:
    """The message waits behind it and can be written on afterwards."""
    customer = await sit()
    await go_live(customer)
    customer.press(b"\x1dmwait a moment")
    await customer.sees("> wait a moment▏")
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.sees("Allow?")
    customer.now_ms += 5_000
    customer.press("n")
    assert (await deciding) == DENIED
    await customer.sees("> wait a moment▏")


async def test_hostile_output_stays_inside(sit: Any) -> None:
    """Whatever a program sends to the shared terminal: no title, no clipboard, no query reaches the customer's own."""
    customer = await sit()
    await go_live(customer)
    customer.seen = b""
    customer.face.room_output(
        b"\x1b]0;owned\x07\x1b]52;c;aGFjaw==\x07\x1bP$qm\x1b\\\x1b[c\x1b[6n\x1b[?1049h\x1b[r\x1b[999;999Hx\x1b[3J\x1bc\x9b5n"
        b"\x1b[?3h\x1b[8;1;1t\x1b[?1000h\x1b#8\x1b(0" + "e\u0301\u202e".encode() + b"the end"
    )
    await customer.sees("the end", "Ann Example")
    for sequence in (
        b"\x1b]",
        b"\x1bP",
        b"\x1b[c",
        b"\x1b[6n",
        b"1000h",
        b"\x1bc",
        b"\x1b[3J",
        b"\xe2\x80\xae",
        b"\x1b[?3h",
    ):
        assert sequence not in customer.seen


async def test_flood_is_skipped_and_told(sit: Any) -> None:
    """A flood never waits for the screen: the newest output is drawn and the rest is counted."""
    customer = await sit()
    await go_live(customer)
    for _ in range(200):
        customer.face.room_output(b"flood flood flood\r\n" * 1_000)
    customer.face.room_output(b"last line\r\n")
    await customer.sees("last line", "not drawn")


async def test_happenings(sit: Any) -> None:
    """Commands, connections and files show as they happen, escaped."""
    customer = await sit()
    await go_live(customer)
    customer.face.show(notices.CommandRun(1, "rm \x1b[31m-rf"))
    await customer.sees("Ann Example runs: rm \\x1b[31m-rf")
    customer.face.show(notices.ConnectionMade(1, "db\x1b[2J:5432"))
    await customer.sees("Ann Example connects from this machine to db\\x1b[2J:5432")
    customer.face.show(notices.FileTouched(1, "/etc/\u202emotd", "write", 812))
    await customer.sees("wrote /etc/\\u202emotd (812 B)")
