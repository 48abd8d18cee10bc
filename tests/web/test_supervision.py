"""Engineer and supervisor in the real Chromium: the queue, what runs, a whisper and its answer, a stop."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from protocol.grants import Scope
from protocol.messages.agent import AskForHelp, GrantReported, HelpTaken, SessionEnded, StopRequested
from protocol.profile import AuditRecipient
from tests.broker.harness import PASSWORD, Client, RunningBroker, add_user, found, make_settings, running
from tests.broker.test_whole_path import pair
from tests.helpers.ports import free_port
from tests.web.chromium import Eye, chromium
from tests.web.test_administration import NARROW, WIDE, sign_in, visit

KEY = AuditRecipient(b"auditkey", "x25519", bytes(32), 0, 2_000_000_000_000)
HALF_AN_HOUR_MS = 30 * 60_000
WHY = "The caller is not who they say they are."


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RunningBroker]:
    port = free_port()
    settings = make_settings(tmp_path / "data", listen_port=port)
    organisation = found(settings, origin=f"https://127.0.0.1:{port}", audit_recipients=(KEY,))
    await add_user(settings, "su", "S-1", name="Su Example", role="supervisor")
    await add_user(settings, "wei", "E-1", name="王伟", team="Berlin")
    await add_user(settings, "li", "E-2", name="李娜")
    async with running(settings, organisation) as broker:
        yield broker


async def test_a_supervisor_whispers_and_stops_what_runs(house: RunningBroker) -> None:
    """In both languages and themes, wide and narrow, by keyboard; axe finds nothing serious."""
    console = f"{house.organisation.profile.broker_origin}/console/"
    now_ms = house.server.broker.services.clock.unix_ms()
    async with chromium() as browser, house.agent() as (agent, opened), house.agent(b"\x02" * 32) as (waiting, _):
        await waiting.send(AskForHelp(customer="Ann Example", words="The till does not print."))
        desk, desk_eye = await visit(browser, console, "en-GB", "dark", WIDE)
        await sign_in(desk, "wei", PASSWORD)
        await desk.get_by_role("button", name="Take: Ann Example").press("Enter")
        assert await waiting.receive() == HelpTaken(name="王伟", staff_number="E-1")
        await desk.get_by_text("Somebody called").press("Enter")
        await desk.get_by_label("Who?").fill("Bob Example")
        await desk.get_by_label("What is wrong?").fill("The scanner beeps, and nothing else.")
        await desk.get_by_label("How to reach them").fill("+1 555 0100")
        await desk_eye.look("supervision-0-queue")
        await desk.get_by_role("button", name="Put into the queue").press("Enter")
        await expect(desk.get_by_role("button", name="Take: Bob Example")).to_be_visible()
        await desk.set_viewport_size(NARROW)
        await desk_eye.look("supervision-0-queue", seen_as="en-GB-dark-390")
        await desk.get_by_role("button", name="Take: Bob Example").press("Enter")
        async with house.dial("/v1/pairing", token=await house.login("wei")) as engineer:
            await pair(house, agent, engineer)
            await engineer.receive()
        await agent.send(
            GrantReported(staff_number="E-1", scopes=(Scope.SHELL,), expires_at_ms=now_ms + HALF_AN_HOUR_MS)
        )
        await desk.get_by_role("button", name="Helped").first.press("Enter")
        number = opened.session_id.hex()
        await desk.get_by_label("In which session?").select_option(number)
        await desk_eye.look("supervision-0-helped", seen_as="en-GB-dark-390")
        await desk.get_by_role("dialog").get_by_role("button", name="Helped").press("Enter")
        await expect(desk.get_by_text("Bob Example")).to_have_count(0)
        asked = await house.server.broker.services.waiting_room.ended_after(0, 10)
        assert [one.session_id for one in asked.requests] == [number]
        su, su_eye = await visit(browser, f"{console}#/live", "en-GB", "light", WIDE)
        await sign_in(su, "su", PASSWORD)
        await expect(su.get_by_text("2 sessions")).to_be_visible()
        await expect(su.get_by_role("listitem").last).to_contain_text("type in the terminal")
        await expect(su.get_by_role("listitem").last).to_contain_text("Berlin")
        await su.get_by_label("Team", exact=True).select_option("Berlin")
        await expect(su.get_by_role("link", name="王伟")).to_be_visible()
        await su.get_by_label("Tier", exact=True).select_option("standard")
        await expect(su.get_by_role("link", name="王伟")).to_be_visible()
        await su.get_by_label("Team", exact=True).select_option("Every team")
        await expect(su.get_by_role("listitem")).to_have_count(2)
        await su.get_by_label("Tier", exact=True).select_option("Every tier")
        await su.get_by_label("Team", exact=True).select_option("Every team")
        await su_eye.look("supervision-1-running")
        await su.get_by_role("link", name="王伟").press("Enter")
        await su.get_by_label("To your colleagues").fill("Ask for the model first.")
        await su.keyboard.press("Enter")
        await expect(su.get_by_role("log", name="Whispers")).to_contain_text("Ask for the model first.")

        wei, wei_eye = await visit(browser, f"{console}#/sessions/{opened.session_id.hex()}", "zh-CN", "dark", NARROW)
        await sign_in(wei, "wei", PASSWORD)
        await expect(wei.get_by_role("log", name="悄悄话")).to_contain_text("Ask for the model first.")
        await wei.get_by_label("写给同事").fill("好的，马上")
        await wei.keyboard.press("Enter")
        await expect(su.get_by_role("log", name="Whispers")).to_contain_text("好的，马上")
        await su_eye.look("supervision-2-session")
        await wei_eye.look("supervision-2-session")

        await choose_whose_place(house, agent, su, su_eye)
        await su.get_by_role("button", name="Stop", exact=True).press("Enter")
        await su.get_by_label("Why?").fill(WHY)
        await su_eye.look("supervision-3-stop")
        await su.get_by_role("button", name="Stop it").press("Enter")
        assert await agent.receive() == StopRequested(name="Su Example", staff_number="S-1", why=WHY)
        await agent.send(SessionEnded(reason="supervisor-ended", records=0))
        await expect(wei.locator("main")).to_contain_text(f"Su Example（工号 S-1）：{WHY}")
        await expect(wei.get_by_label("写给同事")).to_have_count(0)
        await wei_eye.look("supervision-4-stopped")
        await su.get_by_role("link", name="Live").first.press("Enter")
        await expect(su.get_by_text("one session")).to_be_visible()
        for eye in (su_eye, wei_eye, desk_eye):
            assert (eye.complaints, eye.foreign) == ([], [])


async def choose_whose_place(house: RunningBroker, agent: Client, su: Page, eye: Eye) -> None:
    """Whoever takes over chooses among those who are in, and chooses again when that one has left; elsewhere they name
    somebody."""
    async with house.dial("/v1/pairing", token=await house.login("li")) as engineer:
        await pair(house, agent, engineer)
        await engineer.receive()
    until_ms = house.server.broker.services.clock.unix_ms() + HALF_AN_HOUR_MS
    await agent.send(GrantReported(staff_number="E-2", scopes=(Scope.VIEW,), expires_at_ms=until_ms))
    await expect(su.get_by_text("李娜: see the terminal")).to_be_visible()
    await su.get_by_role("link", name="I have the code: take over").press("Enter")
    await su.get_by_label("From whom").select_option("李娜 (E-2)")
    await expect(su.get_by_text("from the engineer with the staff no. E-2")).to_be_visible()
    await eye.look("supervision-2-take-over")
    await agent.send(GrantReported(staff_number="E-2", scopes=(), expires_at_ms=until_ms))
    await expect(su.get_by_label("From whom")).to_have_value("")
    await su.get_by_label("From whom").select_option("王伟 (E-1)")
    await expect(su.get_by_text("from the engineer with the staff no. E-1")).to_be_visible()
    await su.get_by_role("link", name="Join a colleague by code").press("Enter")
    await su.get_by_role("link", name="Take over from a colleague by code").press("Enter")
    await su.get_by_label("From whom").fill("E-7")
    await expect(su.get_by_text("from the engineer with the staff no. E-7")).to_be_visible()
    await su.go_back()
    await su.go_back()
    await su.go_back()
