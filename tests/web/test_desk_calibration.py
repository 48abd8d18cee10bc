"""A calibration at the desk, in the real Chromium: given to two by their names, followed, and compared line by line."""

from http import HTTPStatus
from pathlib import Path

from playwright.async_api import expect

from tests.audit.service.house import arrived, make_house, record
from tests.web.chromium import chromium
from tests.web.test_desk import signed_in

LINES = ("reason-clear", "steps-announced", "waiting-explained", "cause-explained", "prevention", "open-points")
"""Of the scorecard `customer-communication`, but for the one that fails a session."""


def judged(points: int) -> dict[str, object]:
    lines = [{"criterion": line, "points": points} for line in LINES]
    return {"answers": [*lines, {"criterion": "respect", "points": 1}]}


async def test_a_calibration_is_followed_from_its_beginning_to_both_scores(tmp_path: Path) -> None:
    """Who gave it sees who has submitted, and no score before both have; then both, and where they differ."""
    async with make_house(tmp_path) as house, house.audit() as audit, chromium() as browser:
        recording = await record(house)
        lead = await audit.login("supervisor")
        await arrived(audit, lead, recording.session_id, state="complete", condition="sound")
        address = f"https://127.0.0.1:{audit.server.port}/desk/"
        light = {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1440, "height": 900}}

        async def submits(user: str, points: int) -> None:
            token = await audit.login(user)
            answer = await audit.request("GET", "/v1/reviews/next", token=token)
            path = f"/v1/reviews/{answer.json['review_id']}/submit"
            assert (await audit.request("POST", path, judged(points), token=token)).status == HTTPStatus.OK

        async with signed_in(browser, address, "supervisor", **light) as (page, eye):
            await page.get_by_role("link", name="Mei Example").click()
            await page.locator("#purpose").fill("calibration of November")
            await page.keyboard.press("Enter")
            await page.get_by_text("Begin or assign a review").click()
            await page.get_by_role("combobox", name="Reviewer", exact=True).select_option("reviewer")
            await page.get_by_role("combobox", name="Second reviewer").select_option("second")
            await page.get_by_role("button", name="Calibrate: both, blind").click()
            await expect(page.get_by_text("Nobody sees a score before both are in")).to_contain_text(
                "Given to Reviewer"
            )

            await submits("reviewer", 1)
            await page.get_by_role("link", name="Reports").click()
            given = page.get_by_role("region", name="Calibration")
            await expect(given).to_contain_text("Mei Example")
            await expect(given).to_contain_text("Reviewer submitted")
            await expect(given).to_contain_text("Second still to do")
            await expect(given).not_to_contain_text("%")

            await submits("second", 2)
            await page.reload()
            await expect(given).to_contain_text("Reviewer 25%")
            await expect(given).to_contain_text("Second 50%")
            await expect(given).to_contain_text("What came next was announced before it was done")
            await eye.look("desk-20-calibrations")
            await given.get_by_role("link", name="Mei Example").click()
            await page.locator("#purpose").fill("calibration of November")
            await page.keyboard.press("Enter")
            await page.get_by_label("Which review").select_option(label="Reviewer · submitted")
            await expect(page.get_by_text("Second: 50%.")).to_be_visible()
            await expect(page.get_by_text("Second: fair")).to_have_count(len(LINES))
            await eye.look("desk-21-compared")
