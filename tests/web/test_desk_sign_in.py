"""The ways to sign in at the desk, in the real Chromium: passkeys of its own device, and a real provider's process."""

import re
from pathlib import Path

import pyotp
from playwright.async_api import expect
from sqlalchemy import text

from audit.service.setup import tls_files
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone
from tests.broker.harness import PASSWORD
from tests.helpers.ports import free_port
from tests.web.chromium import chromium
from tests.web.test_sign_in import SECRET, at_provider, look_from, own_authenticator, provider_process

PEOPLE = {
    "ada": {"name": "王爱达", "preferred_username": "ada", "groups": ["quality"]},
    "eve": {"name": "Eve", "preferred_username": "eve", "groups": ["sales"]},
}


async def an_export_is_asked_for_and_an_hour_passes(audit: RunningAudit) -> None:
    """Since everybody signed in."""
    services = audit.server.service.services
    async with services.database.writing() as session:
        await session.execute(
            text("INSERT INTO sessions (session_id, opened_at_ms, problem) VALUES (zeroblob(16), 1, '')")
        )
        await session.execute(text("UPDATE tokens SET created_at_ms = created_at_ms - 3600000"))
    now_ms = services.clock.unix_ms()
    await services.request_store.add("export", bytes(16), "the customer asks for a copy", "supervisor", now_ms)


async def test_signing_in_at_the_desk(tmp_path: Path) -> None:
    """An administrator sets up a second factor and a passkey, signs in with it, and ends somebody else's login, who
    reads why; an export takes a sign-in of now; a program is let in by its code, another gets a token; the provider
    lets in whom it names, and of somebody else the page says why not. By keyboard."""
    port, provider_port, data = free_port(), free_port(), tmp_path / "data"
    (tmp_path / "secret").write_text(SECRET)
    certificate, key = tls_files(data)
    settings = make_audit_settings(
        data,
        listen_host="localhost",
        listen_port=port,
        public_address=f"https://localhost:{port}",
        oidc_issuer=f"https://localhost:{provider_port}",
        oidc_client_id="consentry",
        oidc_client_secret_file=tmp_path / "secret",
        oidc_name="Example ID",
        oidc_scopes="openid profile groups",
        oidc_roles="quality=reviewer",
        oidc_certificates=certificate,
    )
    set_up_alone(settings)
    await add_people(settings)
    desk = f"https://localhost:{port}/desk/"
    with provider_process(provider_port, desk, PEOPLE, certificate, key):
        async with running_audit(settings) as audit, chromium() as browser:
            small, small_eye = await look_from(browser, "desk", "zh-CN", "dark", {"width": 390, "height": 844})
            await small.goto(desk)
            await small.get_by_role("button", name="使用 Example ID 登录").press("Enter")
            await at_provider(small, "eve")
            await expect(small.get_by_role("alert")).to_contain_text("您所在的组都不能在此工作")
            await small_eye.look("desk-identity-1-refused")
            await small.context.clear_cookies()
            await small.get_by_role("button", name="使用 Example ID 登录").press("Enter")
            await at_provider(small, "ada")
            await small.get_by_role("link", name="账户").press("Enter")
            await expect(small.locator("main")).to_contain_text("王爱达 · ada")
            await expect(small.get_by_role("region", name="您在何处登录").get_by_role("listitem")).to_have_count(1)
            await small_eye.look("desk-identity-2-account")

            page, eye = await look_from(browser, "desk", "en-GB", "light", {"width": 1440, "height": 900})
            await own_authenticator(page)
            await page.goto(desk)
            await page.locator("#user").fill("administrator")
            await page.locator("#password").fill(PASSWORD)
            await page.keyboard.press("Enter")
            await page.get_by_role("link", name="Account").press("Enter")
            await page.get_by_role("button", name="Set up one-time numbers").press("Enter")
            secret = re.sub(r"\s", "", await page.locator("code").inner_text())
            await page.locator("#totp-password").fill(PASSWORD)
            # Last, because a number lasts for half a minute.
            await page.locator("#totp-number").fill(pyotp.TOTP(secret).now())
            await page.keyboard.press("Enter")
            codes = page.get_by_role("dialog", name="Your recovery codes")
            await expect(codes.get_by_role("listitem")).to_have_count(10)
            await codes.get_by_role("button").last.press("Enter")
            await page.get_by_role("button", name="Add a passkey").press("Enter")
            await expect(page.get_by_role("region", name="Passkeys").get_by_role("listitem")).to_have_count(1)
            await eye.look("desk-identity-3-account")
            await page.get_by_role("banner").get_by_role("button", name="Sign out").press("Enter")
            await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
            await eye.look("desk-identity-4-sign-in")
            await page.get_by_role("button", name="Sign in with a passkey").press("Enter")
            await page.get_by_role("link", name="Administration").press("Enter")
            await page.get_by_role("link", name="People").press("Enter")
            await page.get_by_role("button", name="Logins: 王爱达").press("Enter")
            await page.get_by_role("button", name="Log out everywhere").press("Enter")
            await eye.look("desk-identity-5-people")
            await page.get_by_role("dialog").get_by_role("button", name="Log out everywhere").press("Enter")
            await expect(page.get_by_text("Logged in nowhere.")).to_be_visible()
            await an_export_is_asked_for_and_an_hour_passes(audit)
            await page.get_by_role("link", name="Retention").press("Enter")
            await page.get_by_role("button", name="Confirm: 1").press("Enter")
            decide = page.get_by_role("dialog", name="Confirm this export?")
            await decide.get_by_role("button", name="Confirm").press("Enter")
            prove = page.get_by_role("dialog", name="Confirm that it is you")
            await prove.get_by_role("button", name="Sign in with a passkey").press("Enter")
            await decide.get_by_role("button", name="Confirm").press("Enter")
            await expect(page.get_by_text("Nothing waits for anybody.")).to_be_visible()
            begun = (await audit.request("POST", "/v1/device-login", {})).json
            await page.goto(begun["verification_uri_complete"])
            await expect(page.get_by_text(begun["user_code"])).to_be_visible()
            await eye.look("desk-identity-6-program")
            await page.get_by_role("button", name="Allow").press("Enter")
            await expect(page.get_by_role("status")).to_contain_text("The program is logged in.")
            asked = {"device_code": begun["device_code"]}
            login = (await audit.request("POST", "/v1/device-login/token", asked)).json
            assert (login["user_name"], login["role"]) == ("administrator", "administrator")
            await page.get_by_role("link", name="Account", exact=True).press("Enter")
            await page.get_by_text("New API token").press("Enter")
            await page.get_by_label("What is it for?").fill("monthly figures")
            await page.get_by_role("checkbox", name="read the figures of a period").press("Space")
            await eye.look("desk-identity-7-token")
            await page.get_by_role("button", name="Make the token").press("Enter")
            token = await page.get_by_role("dialog", name="Your API token").locator("code").inner_text()
            assert (await audit.request("GET", "/v1/report.csv", token=token)).status == 200
            await expect(small.get_by_role("alert")).to_contain_text("您已退出")
    assert [one.complaints for one in (eye, small_eye)] == [[], []]
