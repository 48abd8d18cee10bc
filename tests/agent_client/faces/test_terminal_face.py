"""The terminal face on a real pseudo-terminal, before and after the session, and in bad windows."""

import asyncio
import os
import pty
import signal
import sys
import termios
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_client.faces import notices
from agent_client.faces.face import DENIED, End, NewCode, Rating
from tests.agent_client.faces.terminal_customer import QUESTION, START_MS, go_live, settle


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
    assert "您的连接码" in customer.text()
    assert "请立即挂断" in customer.text()


async def test_burnt_code_offers_a_new_one(sit: Any) -> None:
    """After a wrong code the customer is told, and one key makes a new one."""
    customer = await sit()
    customer.face.show(notices.CodeShown("482-9137-7551", START_MS + 581_000))
    customer.face.show(notices.CodeEnded("wrong-code"))
    await customer.sees("cannot be used any more", "new code")
    assert "482 - 9137" not in customer.text()
    customer.press("n")
    assert await customer.command() == NewCode()


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
