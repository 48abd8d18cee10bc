"""The terminal face on a real pseudo-terminal; pyte reads what a customer would see."""

import asyncio
import dataclasses
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyte
import pytest

from agent_client.faces import notices
from agent_client.faces.face import (
    DENIED,
    ConsentAnswer,
    ConsentQuestion,
    CustomerCommand,
    End,
    Face,
    Narrow,
    NewCode,
    Pause,
    Rating,
    Resume,
    Say,
    Typed,
)
from agent_client.faces.terminal_face import TerminalFace
from protocol.grants import Scope
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Language, Wording

START_MS = 1_795_344_000_000
QUESTION = ConsentQuestion(
    participant=1,
    name="Ann Example",
    staff_number="1042",
    organisation="Example Support",
    reason="receipts never arrive",
    ticket="8841",
    scopes=frozenset({Scope.VIEW, Scope.SHELL, Scope.FILES_READ}),
    minutes=30,
    folders=("/home/ann",),
    client="cli",
    is_raise=False,
    asked_at_ms=START_MS,
    allow_not_before_ms=START_MS + 3_000,
    expires_at_ms=START_MS + 120_000,
)
ANN = notices.Present(1, "Ann Example", "1042", frozenset({Scope.VIEW, Scope.SHELL}), START_MS + 1_800_000)


class Customer:
    """Somebody in front of a terminal of a given size."""

    def __init__(self, language: Language = "en", columns: int = 100, rows: int = 26, **environment: str) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.now_ms = START_MS
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.seen = b""
        self.changed = asyncio.Event()
        self.face = TerminalFace(Wording(language), environment, fd=self.slave, now_ms=lambda: self.now_ms)
        os.set_blocking(self.master, False)
        asyncio.get_running_loop().add_reader(self.master, self._look)

    def _look(self) -> None:
        data = os.read(self.master, 65536)
        self.seen += data
        self.stream.feed(data)
        self.changed.set()

    def press(self, keys: bytes | str) -> None:
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def sees(self, *texts: str) -> None:
        await self._until(lambda: all(text in self.text() for text in texts), f"not to be seen: {texts}")

    async def sees_no(self, text: str) -> None:
        await self._until(lambda: text not in self.text(), f"still to be seen: {text}")

    async def _until(self, is_so: Callable[[], bool], problem: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not is_so():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            pytest.fail(f"{problem}\n{self.text()}")

    async def command(self) -> CustomerCommand:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await anext(aiter(self.face.commands()))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
async def sit() -> AsyncIterator[Callable[..., Any]]:
    """Puts customers in front of terminals."""
    customers: list[Customer] = []

    async def make(*arguments: Any, **keywords: Any) -> Customer:
        customer = Customer(*arguments, **keywords)
        as_face: Face = customer.face
        await as_face.__aenter__()
        customers.append(customer)
        return customer

    yield make
    for customer in customers:
        await customer.face.__aexit__(None, None, None)
        assert termios.tcgetattr(customer.slave) == customer.before
        customer.close()


async def go_live(customer: Customer) -> None:
    customer.face.show(notices.SharingStarted("Example Support", "https://broker.example", "ann", "desk", ""))
    customer.face.show(notices.SessionLive((ANN,)))
    await customer.sees("Ann Example")


async def settle(customer: Customer, deciding: "asyncio.Task[Any]", *texts: str) -> None:
    """Waits for the question, then lets all its pauses pass."""
    await customer.sees(*texts)
    assert not deciding.done()
    customer.now_ms += 3_000


async def test_code_screen(sit: Any) -> None:
    """The code is large, with its time, what it is for and the warning; q stops sharing."""
    customer = await sit()
    customer.face.show(notices.SharingStarted("Example Support", "https://broker.example", "ann", "desk", "Our rules."))
    customer.face.show(notices.CodeShown("482-9137-7551", START_MS + 581_000))
    await customer.sees("482 - 9137 - 7551", "valid for 9:41", "YOU called", "Hang up", "not recording", "Our rules.")
    customer.press("q")
    assert await customer.command() == End()


async def test_code_screen_in_chinese(sit: Any) -> None:
    """The same in Chinese, with its wide letters."""
    customer = await sit("zh-CN")
    customer.face.show(notices.CodeShown("482-9137-7551", START_MS + 581_000))
    await customer.sees("482 - 9137 - 7551")
    # pyte keeps an empty cell behind a wide letter, so the words stand as they are.
    assert "您的验证码" in customer.text()
    assert "请立即挂断" in customer.text()


async def test_burnt_code_offers_a_new_one(sit: Any) -> None:
    """After a wrong code the customer is told, and one key makes a new one."""
    customer = await sit()
    customer.face.show(notices.CodeShown("482-9137-7551", START_MS + 581_000))
    customer.face.show(notices.CodeEnded("wrong-code"))
    await customer.sees("burnt", "new code")
    assert "482 - 9137" not in customer.text()
    customer.press("n")
    assert await customer.command() == NewCode()


async def test_request_and_allow(sit: Any) -> None:
    """Everything that is asked stands on the screen; Allow counts only after the pause."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.sees("Ann Example", "staff no. 1042", "8841: receipts never arrive", "[x] type in it", "30 minutes")
    await customer.sees("in /home/ann", "Everything is recorded", "3 s …")
    customer.press("a")
    customer.now_ms += 2_999
    customer.press("a")
    await customer.sees("1 s …")
    assert not deciding.done()
    customer.now_ms += 1
    customer.press("a")
    assert await deciding == ConsentAnswer(allowed=True, scopes=QUESTION.scopes, minutes=30)


@pytest.mark.parametrize("key", [b"\r", b"n", b"N", b"\x03", b"\x04"])
async def test_default_is_no(sit: Any, key: bytes) -> None:
    """Enter, n and Ctrl-C say no."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await settle(customer, deciding, "Allow?")
    customer.press(key)
    assert await deciding == DENIED


@pytest.mark.parametrize(
    "bytes_in",
    [
        b"\x1b]11;rgb:aaaa/aaaa/aaaa\x07",
        b"\x1bP>|name a(1)\x1b\\",
        b"\x1b[?62;22c",
        b"\x1b[24;80R",
        b"\x1b[200~a\nallow\x1b[201~",
        b"\x1ba",
        b"\x1b[97u",
        b"y ",
    ],
)
async def test_answers_of_the_terminal_and_pastes_never_allow(sit: Any, bytes_in: bytes) -> None:
    """Nothing but the key itself says yes: not a terminal's answer, not a paste, not Alt-a, not another letter."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await settle(customer, deciding, "Allow?")
    for byte in bytes_in:
        customer.press(bytes([byte]))
        await asyncio.sleep(0)
    customer.press("c")  # a key that shows, so that we know that all before was taken
    await customer.sees("choose")
    assert not deciding.done()
    deciding.cancel()


async def test_narrowing_before_allowing(sit: Any) -> None:
    """Scopes can be taken out and minutes cut; who may not see cannot type either."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await settle(customer, deciding, "Allow?")
    customer.press("c")
    await customer.sees("choose")
    customer.press(" ")
    await customer.sees("[ ] see your terminal", "[ ] type in it", "[x] read files")
    customer.press("--")
    await customer.sees("20 minutes")
    customer.press("+++++")
    await customer.sees("30 minutes")
    customer.press("----------")
    await customer.sees("5 minutes")
    customer.press("ca")
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset({Scope.FILES_READ}), minutes=5)


async def test_a_raise_asks_like_the_first_request(sit: Any) -> None:
    """It says that it is more, and what more time is for; Allow waits three seconds, and Enter is no."""
    customer = await sit()
    raised = dataclasses.replace(QUESTION, scopes=frozenset({Scope.FILES_WRITE}), is_raise=True)
    deciding = asyncio.create_task(customer.face.decide(raised))
    await customer.sees(
        "wants more, because", "[x] change files", "everything that is allowed: for 30 minutes from now"
    )
    customer.now_ms += 2_000
    customer.press("a")
    await customer.sees("1 s …")
    customer.now_ms += 1_000
    customer.press("\r")
    assert await deciding == DENIED


@pytest.mark.parametrize(
    ("keys", "scopes", "minutes"),
    [("------ca", {Scope.FILES_WRITE}, 0), (" ----ca", set(), 10), ("a", {Scope.FILES_WRITE}, 30)],
)
async def test_of_a_raise_either_can_be_allowed_alone(sit: Any, keys: str, scopes: set[Scope], minutes: int) -> None:
    """The new scope for the time that is left, or time alone for what is allowed already; never nothing of both."""
    customer = await sit()
    raised = dataclasses.replace(QUESTION, scopes=frozenset({Scope.FILES_WRITE}), is_raise=True)
    deciding = asyncio.create_task(customer.face.decide(raised))
    await settle(customer, deciding, "wants more")
    customer.press("c ------c" + "a")
    await customer.sees("[ ] change files", "the time stays as it is", "Allow?")
    customer.press("c ++++++" + keys)
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset(scopes), minutes=minutes)


async def test_who_takes_over_from_whom_is_asked_in_one_question(sit: Any) -> None:
    """Names, what there is to have, for how long, and that the other leaves; scopes alone can be cut."""
    customer = await sit()
    bob = notices.Present(2, "Bob\x1b[2J", "1043", QUESTION.scopes, START_MS + 754_000)
    taking_over = dataclasses.replace(QUESTION, minutes=0, is_raise=True, takes_over=bob)
    deciding = asyncio.create_task(customer.face.decide(taking_over))
    await customer.sees(
        "Ann Example", "wants to take over from Bob\\x1b[2J (staff no. 1043), for the 12:34 that are left"
    )
    await customer.sees("leaves: what they run here ends", "[x] type in it")
    assert "minutes" not in customer.text()
    await settle(customer, deciding, "Allow?")
    customer.press("c" + " " + "c" + "a")
    answer = await deciding
    assert (answer.allowed, answer.minutes) == (True, 0)
    assert answer.scopes < QUESTION.scopes


async def test_the_status_line_says_who_has_taken_over(sit: Any) -> None:
    """After everything else that a take-over brings along."""
    customer = await sit()
    await go_live(customer)
    customer.face.show(notices.ParticipantLeft(2, "Bob"))
    customer.face.show(notices.GrantChanged(1, frozenset({Scope.VIEW}), START_MS))
    customer.face.show(notices.TakenOver(1, "Ann Example", 2, "Bob"))
    await customer.sees("Ann Example has taken over from Bob, who is out.")


async def test_hostile_request_texts_are_escaped(sit: Any) -> None:
    """Names and reasons cannot move the cursor, retitle the window or turn text round."""
    evil = "Ann\x1b[2J\x1b]0;owned\x07\u202egnikcah\r\n\x9b31m"
    customer = await sit()
    await customer.sees("not recording")
    question = dataclasses.replace(QUESTION, name=evil, reason=evil, ticket=evil, staff_number=evil, folders=(evil,))
    customer.seen = b""
    deciding = asyncio.create_task(customer.face.decide(question))
    await customer.sees("\\x1b[2J", "\\u202e", "Allow?")
    assert b"\x1b[2J" not in customer.seen
    assert b"\x1b]0" not in customer.seen
    assert "\u202e".encode() not in customer.seen
    deciding.cancel()


async def test_two_questions_one_after_the_other(sit: Any) -> None:
    """A second engineer's question waits until the first is answered, and keys meant for the first do not answer it."""
    customer = await sit()
    first = asyncio.create_task(customer.face.decide(QUESTION))
    second = asyncio.create_task(customer.face.decide(dataclasses.replace(QUESTION, participant=2, name="Bob")))
    await settle(customer, first, "Ann Example")
    customer.press("nnn")
    assert await first == DENIED
    await settle(customer, second, "Bob")
    customer.press("a")
    assert (await second).allowed


async def test_a_question_that_is_being_answered_survives_the_end_of_another(sit: Any) -> None:
    """What was taken out of it stays out, when somebody who waited behind it has left."""
    customer = await sit()
    first = asyncio.create_task(customer.face.decide(QUESTION))
    second = asyncio.create_task(customer.face.decide(dataclasses.replace(QUESTION, participant=2, name="Bob")))
    await settle(customer, first, "Ann Example")
    customer.press("c ")
    await customer.sees("[ ] see your terminal")
    second.cancel()
    await asyncio.wait([second])
    customer.press("ca")
    assert (await first).scopes == {Scope.FILES_READ}


async def test_withdrawn_question_leaves_the_screen(sit: Any) -> None:
    """When the engineer is gone, so is the question."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.sees("Allow?")
    deciding.cancel()
    await customer.sees_no("Allow?")


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


async def test_summary_and_rating(sit: Any) -> None:
    """The end says what was done and where the receipt is; three keys and a comment rate it."""
    customer = await sit()
    await go_live(customer)
    files = tuple(notices.FileTouched(1, f"/srv/{number}", "read", 10) for number in range(10))
    customer.face.show(
        notices.SessionSummary(("Ann Example",), START_MS, START_MS + 65_000, "engineer-ended", 3, files, 12, True)
    )
    customer.face.show(notices.ReceiptWritten("/home/ann/receipt.json"))
    await customer.sees(
        "The engineer has ended", "for 1:05", "Commands beside the terminal: 3", "and 2 more", "receipt.json"
    )
    rating = asyncio.create_task(customer.face.rate())
    await customer.sees("How was it?")
    customer.press("5")
    await customer.sees("★★★★★", "solved?")
    customer.press("y")
    await customer.sees("A comment")
    customer.press("谢谢!\x7f\r")
    assert await rating == Rating(5, True, "谢谢")


async def test_rating_can_be_skipped(sit: Any) -> None:
    """Enter means: rather not."""
    customer = await sit()
    await go_live(customer)
    customer.face.show(notices.SessionSummary((), START_MS, START_MS, "expired", 0, (), 2, False))
    rating = asyncio.create_task(customer.face.rate())
    await customer.sees("How was it?", "could not be delivered yet")
    customer.press("\r")
    assert await rating is None


async def test_no_color(sit: Any) -> None:
    """NO_COLOR: no colours, neither ours nor those of programs."""
    customer = await sit(NO_COLOR="1")
    await go_live(customer)
    customer.face.room_output(b"\x1b[31;1mred and bold\x1b[0m")
    await customer.sees("red and bold")
    cells = [cell for line in customer.screen.buffer.values() for cell in line.values()]
    assert {cell.fg for cell in cells} == {"default"}
    assert any(cell.bold for cell in cells)


async def test_closed_terminal_means_no(sit: Any) -> None:
    """When the terminal goes away, open questions are answered with no and the commands end."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.sees("Allow?")
    customer.face._terminal._gone()
    assert await deciding == DENIED
    assert [command async for command in customer.face.commands()] == []
    assert await customer.face.rate() is None


async def test_too_small_a_window_says_so(sit: Any) -> None:
    """Nothing is asked on a screen that cannot show it."""
    customer = await sit(columns=30, rows=8)
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.sees("larger")
    deciding.cancel()


async def test_a_question_longer_than_the_window_is_read_before_it_is_allowed(sit: Any) -> None:
    """A long reason pushes powerful scopes off the screen: keys that move it are named, and Allow waits for the end."""
    customer = await sit(columns=40, rows=12)
    deciding = asyncio.create_task(customer.face.decide(replace(QUESTION, reason="it does not print " * 20)))
    await settle(customer, deciding, "More below", "Allow?", "No", "allow")
    customer.press("a")
    customer.press(b"\x1b[6~" * 2)
    await customer.sees("[x] type in it")
    assert not deciding.done()
    customer.press(b"\x1b[B" * 20)
    await customer.sees("Everything is recorded", "read it again")
    customer.press("a")
    assert (await deciding).allowed


async def test_in_a_window_that_shows_nothing_only_no_counts(sit: Any) -> None:
    """Too narrow for any question, however high."""
    customer = await sit(columns=30, rows=60)
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await settle(customer, deciding, "larger")
    customer.press("a")
    customer.press("n")
    assert await deciding == DENIED


DEMO = Path(__file__).with_name("terminal_demo.py")


@pytest.mark.parametrize("way", ["return", "raise", "exit", "SIGTERM", "SIGHUP"])
async def test_terminal_is_given_back(way: str) -> None:
    """Whichever way the agent ends, the terminal has its old modes, its cursor and its screen again."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(DEMO), way, stdin=slave, stdout=slave, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(DEMO.parents[3])},
    )  # fmt: skip
    seen = b""
    while b"Ctrl-]" not in seen:
        seen += await asyncio.to_thread(os.read, master, 65536)
    assert termios.tcgetattr(slave) != before
    if way.startswith("SIG"):
        process.send_signal(signal.Signals[way])
    else:
        os.write(master, b"\x1de")
    while b"\x1b[?1049l" not in seen:
        seen += await asyncio.to_thread(os.read, master, 65536)
    await process.wait()
    assert termios.tcgetattr(slave) == before
    assert seen.rindex(b"\x1b[?25h") > seen.rindex(b"\x1b[?25l")
    os.close(master)
    os.close(slave)
