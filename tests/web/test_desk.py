"""At the desk, in the real Chromium: a reviewer finds a word in a recording, lands on its second, pins it, submits; a
supervisor, in Chinese and on a telephone, watches what runs and asks who saw what."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from broker.services import Services
from broker.sessions.session import Participation
from protocol.events import (
    ROOM_CHANNEL,
    ChannelClosed,
    ChannelOpened,
    CommandOutput,
    ConsentAnswered,
    ConsentAsked,
    Event,
    FileOperation,
    TerminalInput,
    TerminalOutput,
)
from protocol.grants import Scope
from tests.audit.service.harness import RunningAudit
from tests.audit.service.house import House, RunningSession, arrived, make_house, record, running_session
from tests.broker.harness import PASSWORD
from tests.helpers.recordings import COMMAND_STREAM_ID, SealedRecording
from tests.web.chromium import Eye, chromium, new_context

MINUTE_MS = 60_000
FOUND_MS = 12 * MINUTE_MS + 34_000
PAPER = b"<img src=x onerror=alert(1)>"
"""What a file of a customer's may be called."""


def mending(_session: SealedRecording) -> list[list[Event]]:
    """A quarter of an hour at a till, with what a hostile terminal would try on whoever watches."""
    told: list[list[Event]] = []

    def shown(t_ms: int, text: str) -> None:
        told.append([TerminalInput(t_ms, ROOM_CHANNEL, 1, b"x"), TerminalOutput(t_ms + 1, ROOM_CHANNEL, text.encode())])

    shown(
        6_000, "\x1b[1;32mshop@till-3\x1b[0m:~$ lpstat -p\r\nprinter receipts \x1b[31mdisabled\x1b[0m since 08:14\r\n"
    )
    shown(30_000, "shop@till-3:~$ tail -n 2 receipts.log\r\n08:13 receipt 1041 printed\r\n08:14 paper jam\r\n")
    shown(45_000, "\x1b]0;pwned\x07\x1b]52;c;cHduZWQ=\x07\x1b[6n\x1b]8;;https://evil.example\x07link\x1b]8;;\x07\r\n")
    shown(FOUND_MS, "shop@till-3:~$ cupsenable receipts\r\nreceipts is enabled, 路由器正常\r\nshop@till-3:~$ ")
    digest = sha256(b"08:14 paper jam\n").digest()
    told.append(
        [
            ChannelOpened(FOUND_MS + 5_000, 1, 1, "command", COMMAND_STREAM_ID, "cat /etc/hostname", 0, 0, 0),
            CommandOutput(FOUND_MS + 5_100, 1, 1, b"till-3\n"),
            ChannelClosed(
                FOUND_MS + 5_200, 1, 1, COMMAND_STREAM_ID, 0, 0, sha256().digest(), 7, sha256(b"till-3\n").digest()
            ),
            FileOperation(
                FOUND_MS + 9_000,
                2,
                1,
                "read",
                f"/home/shop/{PAPER.decode()}\u202egol",
                "",
                "ok",
                16,
                digest,
                ((0, 16),),
            ),
        ]
    )
    return told


def needing_root(session: SealedRecording) -> list[list[Event]]:
    """Administrator's rights are asked for in the middle, and given."""
    scopes = (*session.manifest.scopes, Scope.ROOT)
    asked = ConsentAsked(5_000, 1, scopes, 30, "the printer's driver", "T-1")
    given = ConsentAnswered(6_000, 1, "allowed", scopes, session.manifest.expires_at_ms)
    return [[asked, given], [TerminalOutput(8_000, ROOM_CHANNEL, "# 重启打印服务\r\n".encode())]]


async def test_from_a_word_to_a_submitted_review_and_a_wall(tmp_path: Path) -> None:
    """By search to the second; verified, pinned, scored. Nothing that was recorded runs; axe finds nothing serious."""
    async with make_house(tmp_path) as house, audit_with_a_monitor(house) as audit:
        recording = await record(house, mending)
        token = await audit.login("reviewer")
        await arrived(audit, token, recording.session_id, state="complete", condition="sound")
        address = f"https://127.0.0.1:{audit.server.port}/desk/"
        async with chromium() as browser:
            await review(browser, address)
            async with running_session(house, needing_root) as session:
                await session.send(2)
                await arrived(audit, token, session.recording.session_id, records=2)
                await ask_for_a_policy(audit)
                await pair_for_gold(house.broker.server.broker.services, session.recording.session_id)
                await watch(browser, address, session)


async def pair_for_gold(services: Services, session_id: bytes) -> None:
    """As if an engineer of Berlin had come in, to a customer of the tier `gold`."""
    mei = Participation(1, 1, "Mei Example", "E-17", services.clock.unix_ms(), team="Berlin")
    await services.session_store.add_participant(session_id, mei)
    await services.sessions.serves(session_id, "gold")


@asynccontextmanager
async def audit_with_a_monitor(house: House) -> AsyncIterator[RunningAudit]:
    monitor = '[[target]]\nname = "archive"\nto = "events.ndjson"\n'
    (house.audit_settings.data_folder / "siem.toml").write_text(monitor)
    async with house.audit() as audit:
        yield audit


async def ask_for_a_policy(audit: RunningAudit) -> None:
    body = {"retention": "short", "erase_when_due": True, "reason": "六个月，不得更久"}
    token = await audit.login("administrator")
    assert (await audit.request("POST", "/v1/retention/policies", body, token=token)).status == HTTPStatus.CREATED


@asynccontextmanager
async def signed_in(browser: Browser, address: str, user: str, **surroundings: Any) -> AsyncIterator[tuple[Page, Eye]]:
    """Whose browser asked nobody else, ran nothing that was recorded, and whose pages axe found nothing serious in."""
    context = await new_context(browser, **surroundings)
    page = await context.new_page()
    page.on("dialog", lambda _: eye.complaints.append("a dialog opened"))
    width = surroundings["viewport"]["width"]
    eye = Eye(page, f"{surroundings['locale']}-{surroundings['color_scheme']}-{width}")
    await page.goto(address)
    await page.locator("#user").fill(user)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    yield page, eye
    assert await page.evaluate("document.cookie") == ""
    assert eye.foreign == []
    assert eye.complaints == []
    await context.close()


async def review(browser: Browser, address: str) -> None:
    async with signed_in(
        browser, address, "reviewer", locale="en-GB", color_scheme="light", viewport={"width": 1440, "height": 900}
    ) as (page, eye):
        await expect(page.get_by_role("link", name="Mei Example")).to_contain_text("whole")
        await eye.look("desk-1-sessions")

        await page.get_by_role("link", name="Search").click()
        await page.locator("#words").fill("enabled")
        await page.locator("#search-purpose").fill("why receipts stayed away")
        await page.keyboard.press("Enter")
        hit = page.get_by_role("listitem").get_by_role("link", name="receipts is enabled")
        await expect(hit).to_contain_text("12:34")
        await eye.look("desk-2-search")
        await hit.press("Enter")

        rows = page.locator(".screen .xterm-rows")
        await expect(rows).to_contain_text("receipts is enabled")
        await expect(page.locator(".controls .time")).to_contain_text("12:34")
        badge = page.get_by_text("proved whole")
        await expect(badge).to_be_visible()
        await page.get_by_text("Begin or assign a review").click()
        await page.get_by_role("button", name="Review it myself").click()
        lines = page.locator("aside fieldset")
        await expect(lines.first).to_be_visible()
        for number in range(await lines.count()):
            await lines.nth(number).get_by_role("radio").nth(1).check()
        await lines.first.get_by_role("button", name="Pin").click()
        await expect(lines.first.get_by_role("button", name="12:34")).to_be_visible()
        await expect(page.get_by_text("draft saved")).to_be_visible()
        await eye.look("desk-3-review")
        await page.get_by_role("tab", name="Files").click()
        await expect(page.get_by_role("cell", name="onerror")).to_contain_text("\\u202egol")
        await expect(page.get_by_role("cell", name=sha256(b"08:14 paper jam\n").hexdigest())).to_be_visible()
        await badge.click()
        await eye.look("desk-4-files")
        await badge.click()
        await page.get_by_role("button", name="Submit …").press("Enter")
        await page.get_by_role("button", name="Submit for good").press("Enter")
        await expect(page.locator("aside .score")).to_be_visible()
        await eye.look("desk-5-submitted")
        assert await page.title() == "Consentry desk"


async def watch(browser: Browser, address: str, session: RunningSession) -> None:
    async with signed_in(
        browser, address, "supervisor", locale="zh-CN", color_scheme="dark", viewport={"width": 390, "height": 844}
    ) as (page, eye):
        await page.get_by_role("link", name="实时").click()
        await page.locator("#purpose").fill("值班")
        await page.keyboard.press("Enter")
        tile = page.get_by_role("article")
        await expect(tile).to_contain_text("Mei Example")
        await session.send(3)
        await expect(tile).to_contain_text("授予了管理员权限")
        await expect(tile).to_contain_text("Berlin · gold")
        await page.get_by_label("团队", exact=True).select_option("Berlin")
        await page.get_by_label("等级", exact=True).select_option("gold")
        await page.get_by_label("任何标记").select_option("授予了管理员权限")
        await expect(tile).to_contain_text("Mei Example")
        await eye.look("desk-6-wall")
        # Where one acts on it is the broker, in a page of its own.
        acting = tile.get_by_role("link", name="到服务器上处理")
        await expect(acting).to_have_attribute("href", re.compile(r"^https://[^/]+/console/#/sessions/[0-9a-f]{32}$"))
        await tile.get_by_role("link", name="Mei Example").click()
        await session.send(4)
        await expect(page.locator(".screen .xterm-rows")).to_contain_text("重启打印服务")
        await eye.look("desk-7-live")
        await session.send(len(session.recording.records))
        await expect(page.get_by_text("此会话已结束")).to_be_visible()
        await page.get_by_role("link", name="谁看过什么").click()
        await expect(page.get_by_role("listitem").first).to_contain_text("值班")
        await eye.look("desk-8-views")
        await page.get_by_role("link", name="报表").click()
        await expect(page.locator(".uplot canvas")).to_be_visible()
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="下载 CSV").click()
        assert (await downloading.value).suggested_filename.endswith(".csv")
        await eye.look("desk-9-reports")
        await page.get_by_role("combobox", name="分组").select_option("团队")
        await page.get_by_role("button", name="显示", exact=True).press("Enter")
        await expect(page.get_by_role("rowheader")).to_have_text(["无团队", "Berlin"])
        await eye.look("desk-9-teams")
        await page.get_by_label("团队", exact=True).select_option("Berlin")
        await page.get_by_role("combobox", name="分组").select_option("全部合计")
        await page.get_by_role("button", name="显示", exact=True).press("Enter")
        await expect(page.locator("main")).to_contain_text("· Berlin")
        await page.get_by_role("button", name="打开“客户回复率”背后的会话").click()
        await expect(page.get_by_role("link", name="Mei Example")).to_have_count(1)
        await page.get_by_label("团队", exact=True).select_option("所有团队")
        await page.get_by_role("button", name="显示", exact=True).press("Enter")
        await expect(page.locator("main")).not_to_contain_text("· Berlin")
        await page.get_by_role("button", name="打开“客户回复率”背后的会话").click()
        await expect(page.get_by_role("link", name="Mei Example")).to_have_count(2)
        await administer(page, eye, session)
        await page.get_by_role("link", name="会话", exact=True).click()
        await expect(page.get_by_role("link", name="Mei Example")).to_have_count(2)
        await eye.look("desk-10-sessions")


async def administer(page: Page, eye: Eye, session: RunningSession) -> None:
    """A plan is previewed and kept; an export is asked for, which the one who asked cannot confirm."""
    await page.get_by_role("link", name="管理", exact=True).click()
    await page.get_by_role("link", name="抽样", exact=True).click()
    await page.get_by_text("制定计划").click()
    plan = page.locator("details[open]")
    await plan.get_by_label("名称").fill("monthly")
    await plan.get_by_label("Reviewer", exact=False).first.check()
    await plan.get_by_role("button", name="预览").press("Enter")
    await expect(plan.get_by_role("cell", name="2", exact=True).first).to_be_visible()
    await eye.look("desk-11-sampling")
    await plan.get_by_role("button", name="保存计划").press("Enter")
    await expect(page.get_by_text("每层 2 个（按工程师）")).to_be_visible()
    await page.get_by_role("link", name="保留", exact=True).click()
    await expect(
        page.get_by_role("heading", level=1, name="保留")
    ).to_be_visible()  # the page of before has that field, too
    await page.get_by_label("会话编号").fill(session.recording.session_id.hex())
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="申请导出…").press("Enter")
    await page.get_by_role("dialog").get_by_label("理由").fill("法院要求")
    await page.get_by_role("button", name="申请", exact=True).press("Enter")
    await expect(page.get_by_text("这是您的申请，须由他人确认：Administrator或Second。")).to_be_visible()
    await expect(page.get_by_role("button", name="确认")).to_have_count(0)
    await eye.look("desk-12-retention")
    await decide_and_read(page, eye)
    await page.get_by_role("link", name="评分表", exact=True).click()
    await page.get_by_text("远程诊断").click()
    await eye.look("desk-13-scorecards")
    await page.get_by_role("link", name="状态", exact=True).click()
    await expect(page.get_by_text("从此处所见的日志")).to_be_visible()
    await eye.look("desk-14-state")


async def decide_and_read(page: Page, eye: Eye) -> None:
    """A policy of somebody else's is confirmed; the journal has it, to take away, and the monitor was told."""
    await page.get_by_role("link", name="保留", exact=True).click()
    policies = page.get_by_role("region", name="自动销毁")
    await expect(policies).to_contain_text("六个月，不得更久")
    await policies.get_by_role("button", name="确认").press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("公告 7 天之后")
    await page.get_by_role("dialog").get_by_role("button", name="确认").press("Enter")
    await expect(policies).to_contain_text("生效中")
    await policies.scroll_into_view_if_needed()
    await eye.look("desk-15-policies")
    await page.get_by_role("link", name="日志簿", exact=True).click()
    await page.get_by_label("事项").select_option(label="确认策略")
    await page.get_by_role("button", name="显示").press("Enter")
    entries = page.get_by_role("region", name="日志簿").get_by_role("listitem")
    await expect(entries).to_have_count(1)
    await expect(entries).to_contain_text("六个月，不得更久")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="CSV").click()
    assert (await (await downloading.value).path()).read_text().count("policy_confirmed") == 1
    await eye.look("desk-16-journal")
    await page.get_by_role("link", name="监控", exact=True).click()
    await expect(page.get_by_role("region", name="archive")).to_contain_text("已全部送达")
    await eye.look("desk-17-monitors")
