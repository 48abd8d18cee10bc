"""The local page as a face: what a page that comes back is told, and that nothing runs while nobody looks."""

import asyncio
import base64
import signal
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from agent_client.faces import notices
from agent_client.faces.face import DENIED, ConsentAnswer, End, Face, Pause, Rating, Resume
from agent_client.faces.json_conversation import UNREAD_NOTICES_LIMIT_BYTES, UNREAD_OUTPUT_LIMIT_BYTES
from agent_client.page import page_face
from agent_client.page.page_face import STILL_FOR_SECONDS, PageNotBuilt
from agent_client.page.peers import Peer
from agent_client.screens.request_screen import SETTLE_MS
from protocol.grants import Scope
from tests.agent_client.faces.test_json_conversation import QUESTION
from tests.agent_client.page.browsing import Browser, PageAtTest
from tests.agent_client.people import FakeClock
from tests.helpers.waiting import PATIENCE_SECONDS

ANN = notices.Present(1, "Ann\u202eExample", "1042", frozenset({Scope.SHELL, Scope.VIEW}), 9)


async def test_no_browser_and_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody comes in time, or the browser cannot be started, the page is closed and says so."""
    monkeypatch.setattr(page_face, "OPEN_WITHIN_SECONDS", 0.01)
    assert not await PageAtTest().face.open()
    monkeypatch.setattr(page_face, "OPEN_WITHIN_SECONDS", 3600)
    for command in (("false",), ("/nowhere/browser",)):
        page = PageAtTest()
        page.face._browser = command
        assert not await asyncio.wait_for(page.face.open(), PATIENCE_SECONDS)


def test_a_page_that_was_not_built_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a checkout without `make web`."""
    monkeypatch.setattr(page_face, "load_site", dict)
    with pytest.raises(PageNotBuilt, match="make web"):
        page_face.PageFace(page_face.Wording("en"), tell=print, browser=("true",))


async def test_a_page_that_comes_back_is_told_everything_that_matters(page: PageAtTest, browser: Browser) -> None:
    """In its order, what is outdated left out, others' text made fit to be shown, the terminal's output at the end."""
    face: Face = page.face
    face.show(notices.SharingStarted("Example", "https://help.example.org", "ann", "desk-4", ""))
    face.show(notices.CodeShown("482-9137-7552", 5))
    face.show(notices.CodeEnded("expired"))
    face.show(notices.CodeShown("113-2277-0014", 6))
    for acked in (1, 9):
        face.show(notices.RecorderProgress(9, acked))
    face.show(notices.FileTouched(1, "/home/ann/a\x1b[2Jb", "read", 3))
    face.room_output(b"\x1b[31mhel")
    face.room_output(b"lo")
    await browser.leave()
    await browser.enter()
    told = [await browser.event() for _ in range(5)]
    assert [event["event"] for event in told] == [
        "sharing-started", "code-shown", "recorder-progress", "file-touched", "room-output"
    ]  # fmt: skip
    assert told[1]["code"] == "113-2277-0014"
    assert told[2]["acked_bytes"] == 9
    assert told[3]["path"] == "/home/ann/a\\x1b[2Jb"
    assert base64.b64decode(told[4]["data"]) == b"\x1b[31mhello"


async def test_lines_of_a_message_stay_lines(page: PageAtTest, browser: Browser) -> None:
    """And nothing else in them does anything."""
    page.face.show(notices.ChatSaid(1, 1, "Ann", 7, "one\n\u202etwo"))
    assert (await browser.heard("chat-said"))["text"] == "one\n\\u202etwo"


async def test_the_page_never_decides_how_large_the_shared_terminal_is(browser: Browser, page: PageAtTest) -> None:
    """It is drawn as large as fits; an engineer's window does not shrink with a customer's telephone."""
    face: Face = page.face
    assert face.room_size is None


async def test_an_allow_counts_only_after_a_moment_on_the_page() -> None:
    """A question gets its moment when it is shown, and gets it anew when the page comes back."""
    clock = FakeClock(10_000)
    page = PageAtTest(now_ms=clock)
    browser = await page.opened()
    deciding = asyncio.create_task(page.face.decide(QUESTION))
    asked = await browser.heard("consent-question")
    assert asked["allow_not_before_ms"] == 10_000 + SETTLE_MS
    clock.advance(SETTLE_MS - 1)
    await browser.say("answer", question=1, allow=True)
    assert (await browser.heard("input-error"))["code"] == "too-early"
    await browser.leave()
    await browser.enter()
    clock.advance(SETTLE_MS - 1)
    await browser.say("answer", question=1, allow=True)
    assert (await browser.heard("input-error"))["code"] == "too-early"
    clock.advance(1)
    await browser.say("answer", question=1, allow=True, scopes=["view"], minutes=5)
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset({Scope.VIEW}), minutes=5)
    await page.face.close()


async def live(page: PageAtTest, browser: Browser) -> None:
    page.face.show(notices.SessionLive((ANN,)))
    assert (await browser.heard("session-live"))["participants"][0]["name"] == "Ann\\u202eExample"


async def test_while_nobody_looks_everything_stands_still(page: PageAtTest, browser: Browser) -> None:
    """A page that goes away pauses the session; it comes in again once everything is stopped, and says go on."""
    await live(page, browser)
    commands = page.face.commands()
    await browser.leave()
    assert await anext(commands) == Pause()
    with pytest.raises(InvalidStatus, match="503"):
        await browser.enter()
    page.face.show(notices.Paused("customer"))
    page.seconds += STILL_FOR_SECONDS
    await browser.enter()
    await browser.say("resume")
    assert await anext(commands) == Resume()


async def test_a_connection_from_before_everything_stopped_never_counts(page: PageAtTest, browser: Browser) -> None:
    """What the engineer runs may have a connection ready, and the cookie: it was begun too early, for good."""
    await live(page, browser)
    early = await page.connected()
    page.seconds += 0.01
    await browser.leave()
    assert await anext(page.face.commands()) == Pause()
    page.face.show(notices.Paused("customer"))
    page.seconds += STILL_FOR_SECONDS
    early[1].write(
        f"GET {browser.path}live HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\nOrigin: {browser.origin}\r\n"
        f"Cookie: consentry-page={browser.cookie}\r\n\r\n".encode()
    )
    assert (await early[0].read()).startswith(b"HTTP/1.1 503 ")
    await browser.enter()
    early[1].close()


async def test_go_on_and_gone_in_one_breath_still_stands_still(page: PageAtTest, browser: Browser) -> None:
    """The last thing that the page said was to go on: who is not there any more cannot have meant it."""
    await live(page, browser)
    page.face.show(notices.Paused("customer"))
    await browser.say("resume")
    commands = page.face.commands()
    assert await anext(commands) == Resume()
    await browser.leave()
    assert await anext(commands) == Pause()
    page.face.show(notices.Resumed("customer"))
    assert await anext(commands) == Pause()
    page.seconds += STILL_FOR_SECONDS
    with pytest.raises(InvalidStatus, match="503"):
        await browser.enter()


async def test_a_session_that_goes_live_unseen_stands_still_at_once(page: PageAtTest, browser: Browser) -> None:
    """The customer said yes and closed the page before anybody was in."""
    await browser.leave()
    page.face.show(notices.SessionLive((ANN,)))
    assert await anext(page.face.commands()) == Pause()
    with pytest.raises(InvalidStatus, match="503"):
        await browser.enter()


async def test_who_stays_away_has_said_no(page: PageAtTest, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two minutes questions are answered with no, nothing is rated, the commands end: so does the session."""
    monkeypatch.setattr(page_face, "AWAY_LIMIT_SECONDS", 0.02)
    deciding = asyncio.create_task(page.face.decide(QUESTION))
    await browser.heard("consent-question")
    await browser.leave()
    assert await asyncio.wait_for(deciding, PATIENCE_SECONDS) == DENIED
    assert [command async for command in page.face.commands()] == []
    assert await page.face.rate() is None
    assert await page.face.decide(QUESTION) == DENIED


async def test_a_closed_page_is_opened_again_with_a_new_link(page: PageAtTest, browser: Browser) -> None:
    """The old link stays spent; coming in with the cookie spends the new one, too."""
    page.face.open_again()
    assert page.told[-1] == "The page is open in your browser."
    await browser.leave()
    again = Browser(page.face._server.door.new_link())
    await browser.enter()
    await browser.leave()
    with pytest.raises(InvalidStatus, match="403"):
        await again.enter()


async def test_the_customer_is_told_of_a_second_page(page: PageAtTest, browser: Browser) -> None:
    """It was refused; perhaps it was themselves."""
    thief = Browser(browser.page + "#x")
    thief.ticket, thief.cookie = None, browser.cookie
    for _ in range(3):
        with pytest.raises(InvalidStatus, match="409"):
            await thief.enter()
    assert await browser.heard("page-refused")
    await browser.say("nothing")
    assert (await browser.event())["event"] == "input-error", "one word is enough for who tries for ever"
    await browser.leave()
    await browser.enter()
    await browser.say("nothing")
    assert (await browser.event())["event"] == "input-error", "and none is kept"


async def test_a_link_that_was_used_twice_ends_it_where_users_cannot_be_told_apart(page: PageAtTest) -> None:
    """Another user of the machine may have read it from the list of processes, and been faster."""
    page.peer = Peer(None, is_ourselves=False)
    opening = asyncio.create_task(page.face.open())
    address = await page.address()
    thief = await Browser(address).enter()
    assert await opening
    with pytest.raises(InvalidStatus, match="403"):
        await Browser(address).enter()
    assert "used twice" in page.told[-1]
    assert "used twice" in (await thief.heard("failed"))["sentence"]
    assert [command async for command in page.face.commands()] == []


async def test_summary_receipt_and_rating(page: PageAtTest, browser: Browser, tmp_path: Path) -> None:
    """After the end the page has all that it needs to keep the receipt; closing it spares nobody the last words."""
    receipt = tmp_path / "receipt-1.json"
    receipt.write_text('{"a":"\u202e"}')
    page.face.show(notices.SessionSummary(("Ann",), 1, 2, "expired", 0, (), 4, delivered=True))
    page.face.show(notices.ReceiptWritten(str(receipt)))
    given = await browser.heard("receipt")
    assert (given["name"], given["text"]) == ("receipt-1.json", receipt.read_text())
    rating = asyncio.create_task(page.face.rate())
    assert await browser.heard("rating-question")
    await browser.say("rate", stars=4, solved=True, comment="谢谢")
    assert await rating == Rating(4, True, "谢谢")
    async with page.face:
        pass
    page.face.show(notices.Failed("the last word"))
    await page.face.close()
    assert (await browser.heard("failed"))["sentence"] == "the last word"
    assert browser.socket is not None
    await browser.socket.wait_closed()
    assert browser.socket.close_code == 1000


async def test_stopping_us_after_the_end_is_an_answer_too(page: PageAtTest, browser: Browser) -> None:
    """Ctrl-C at the terminal while the rating is asked for: there is none, and nobody waits."""
    rating = asyncio.create_task(page.face.rate())
    assert await browser.heard("rating-question")
    signal.raise_signal(signal.SIGINT)
    assert await asyncio.wait_for(rating, PATIENCE_SECONDS) is None


async def test_end_is_one_word(page: PageAtTest, browser: Browser) -> None:
    """The red button, at any time."""
    await browser.say("end")
    assert await anext(page.face.commands()) == End()


async def test_a_page_that_is_slow_misses_output_and_is_told(page: PageAtTest, browser: Browser) -> None:
    """The room never waits for a browser; what was left out is counted."""
    for _ in range(3 * UNREAD_OUTPUT_LIMIT_BYTES // 32_768):
        page.face.room_output(bytes(32_768))
    received = 0
    while received < UNREAD_OUTPUT_LIMIT_BYTES // 2:
        received += len(base64.b64decode((await browser.heard("room-output"))["data"]))
    page.face.room_output(b"again")
    assert (await browser.heard("room-output-skipped"))["bytes"] > UNREAD_OUTPUT_LIMIT_BYTES


async def test_a_page_far_behind_is_hung_up_on_and_everything_stands_still(page: PageAtTest, browser: Browser) -> None:
    """It does not fill the memory, and whoever does not read does not watch."""
    await live(page, browser)
    for _ in range(UNREAD_NOTICES_LIMIT_BYTES // 60_000 + 3):
        page.face.show(notices.FileTouched(1, "/" + "x" * 60_000, "read", 1))
    assert await asyncio.wait_for(anext(page.face.commands()), PATIENCE_SECONDS) == Pause()
