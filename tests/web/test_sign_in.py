"""The ways to sign in, in the real Chromium: passkeys of its own device, and a real OpenID provider's process."""

import contextlib
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect
from sqlalchemy import text

from broker.organisation.folder import OrganisationFolder
from serving.identity.tokens import Visit
from tests.broker.harness import PASSWORD, RunningBroker, add_user, found, make_settings, running
from tests.helpers.deployment import plain_environment
from tests.helpers.ports import free_port
from tests.web.chromium import Eye, chromium, new_context
from tests.web.conftest import NPM, WEB

SECRET = "a secret of forty characters, as it should be"
AT_PROVIDER = "open sesame"
PEOPLE = {
    "ada": {"name": "王爱达", "preferred_username": "ada", "staff_number": "E-100", "groups": ["support"]},
    "eve": {"name": "Eve", "preferred_username": "eve", "staff_number": "E-666", "groups": ["sales"]},
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RunningBroker]:
    """A broker in this process, and the provider that it sends people to in another."""
    port, provider_port = free_port(), free_port()
    (tmp_path / "secret").write_text(SECRET)
    folder = OrganisationFolder(tmp_path / "data")
    settings = make_settings(
        tmp_path / "data",
        listen_host="localhost",
        listen_port=port,
        oidc_issuer=f"https://localhost:{provider_port}",
        oidc_client_id="consentry",
        oidc_client_secret_file=tmp_path / "secret",
        oidc_name="Example ID",
        fresh_minutes=30,
        oidc_scopes="openid profile groups",
        oidc_roles="support=engineer",
        oidc_certificates=folder.tls_certificate,
    )
    organisation = found(settings, origin=f"https://localhost:{port}")
    await add_user(settings, name="Wei Example")
    with provider_process(
        provider_port, f"{organisation.profile.broker_origin}/console/", PEOPLE, folder.tls_certificate, folder.tls_key
    ):
        async with running(settings, organisation) as broker:
            yield broker


@contextlib.contextmanager
def provider_process(port: int, page: str, people: Any, certificate: Path, key: Path) -> Iterator[None]:
    """A provider that sends people back to the server of this page, and after signing out to the page."""
    address = urlsplit(page)
    environment = {
        "PROVIDER_PORT": str(port),
        "CONSENTRY_ORIGIN": f"https://{address.netloc}",
        "PROVIDER_BACK_TO": address.path,
        "PROVIDER_PEOPLE": json.dumps(people),
        "PROVIDER_PASSWORD": AT_PROVIDER,
        "PROVIDER_SECRET": SECRET,
        "PROVIDER_TLS_KEY": str(key),
        "PROVIDER_TLS_CERTIFICATE": str(certificate),
    }
    process = subprocess.Popen(
        ["sh", str(NPM), "run", "--silent", "openid-provider"],
        cwd=WEB,
        env=plain_environment(**{key: os.environ[key] for key in ("PYTHON",) if key in os.environ}, **environment),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield
    finally:
        os.killpg(process.pid, 15)
        process.wait()


async def look_from(browser: Browser, name: str, language: str, colours: Any, window: ViewportSize) -> tuple[Page, Eye]:
    context = await new_context(browser, locale=language, color_scheme=colours, viewport=window)
    page = await context.new_page()
    return page, Eye(page, f"{name}-{language}-{colours}-{window['width']}")


async def own_authenticator(page: Page) -> None:
    """Chromium's: it keeps keys, and its owner has a finger."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def an_hour_passes(house: RunningBroker) -> None:
    """Since everybody signed in."""
    async with house.server.broker.services.database.writing() as session:
        await session.execute(text("UPDATE tokens SET created_at_ms = created_at_ms - 3600000"))


async def at_provider(page: Page, name: str) -> None:
    await page.locator("[name=login]").fill(name)
    await page.locator("[name=password]").fill(AT_PROVIDER)
    await page.get_by_role("button").press("Enter")


async def in_a_window(page: Page, name: str) -> None:
    """Confirms at the provider that it is them, or somebody else, beside the page on which they work."""
    async with page.expect_popup() as opened:
        await page.get_by_role("dialog").get_by_role("button", name="使用 Example ID 登录").press("Enter")
    window = await opened.value
    await at_provider(window, name)
    await expect(page.get_by_role("status")).to_have_count(0)
    await window.close()


async def test_every_way_in_and_every_way_out(house: RunningBroker) -> None:
    """A passkey is added and signs in; a revoked session and a locked account say so in one sentence; the provider lets
    in whom it names, and of somebody else the page says why not. By keyboard, in both languages."""
    services = house.server.broker.services
    console = f"{house.organisation.profile.broker_origin}/console/"
    async with chromium() as browser:
        page, eye = await look_from(browser, "sign-in", "en-GB", "light", {"width": 1440, "height": 900})
        await own_authenticator(page)
        await page.goto(console)
        await expect(page.locator("#user")).to_be_focused()
        await page.keyboard.type("wei")
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="Account").press("Enter")
        await expect(page.get_by_text("No passkey yet")).to_be_visible()
        await page.get_by_label("Name for the new passkey").fill("Work laptop")
        await page.get_by_role("button", name="Add a passkey").press("Enter")
        await expect(page.get_by_role("region", name="Passkeys")).to_contain_text("Work laptop")
        await eye.look("identity-1-passkeys")
        await page.get_by_role("button", name="Add a passkey").press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("This device has a passkey of yours already.")
        await page.get_by_role("banner").get_by_role("button", name="Sign out").press("Enter")
        await page.get_by_role("button", name="Sign in with a passkey").press("Enter")
        await expect(page.locator("header")).to_contain_text("Wei Example")

        await an_hour_passes(house)
        await page.locator("#code").press_sequentially("48291377551")
        await page.locator("#reason").fill("Receipts have not arrived")
        await page.get_by_role("button", name="Use the code and ask").press("Enter")
        confirm = page.get_by_role("dialog", name="Confirm that it is you")
        await expect(confirm.locator("#password")).to_be_focused()
        await eye.look("identity-2-confirm")
        await confirm.get_by_role("button", name="Sign in with a passkey").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("There is no such code")  # it was asked after all

        wei = (await services.users.all())[0]
        await services.logins.revoke(wei, wei, None, Visit("the administrator's"))
        over = page.get_by_role("dialog", name="Sign in")
        await expect(over.get_by_role("alert")).to_contain_text("You have been signed out")
        await eye.look("identity-2-signed-out")
        await services.users.set_disabled(wei.user_id, disabled=True)
        await page.keyboard.press("Escape")
        await over.get_by_role("button", name="Sign in with a passkey").press("Enter")
        await expect(over.get_by_role("alert")).to_have_text("Your account is locked. Ask your administrator.")
        await services.users.set_disabled(wei.user_id, disabled=False)
        await over.get_by_role("button", name="Sign in with a passkey").press("Enter")
        await expect(over).to_have_count(0)
        await expect(page.locator("#reason")).to_have_value("Receipts have not arrived")
        await page.get_by_role("link", name="Account").press("Enter")
        await page.get_by_role("button", name="Remove: Work laptop").press("Enter")
        await page.get_by_role("button", name="Remove it").press("Enter")
        await expect(page.get_by_text("No passkey yet")).to_be_visible()

        small, small_eye = await look_from(browser, "sign-in", "zh-CN", "dark", {"width": 390, "height": 844})
        await small.goto(console)
        await small.get_by_role("button", name="使用 Example ID 登录").press("Enter")
        await at_provider(small, "eve")
        await expect(small.get_by_role("alert")).to_contain_text("您所在的组都不能在此工作")
        await small_eye.look("identity-3-refused")
        await small.context.clear_cookies()
        await small.get_by_role("button", name="使用 Example ID 登录").press("Enter")
        await at_provider(small, "ada")
        await small.get_by_role("link", name="账户").press("Enter")
        await expect(small.locator("main")).to_contain_text("王爱达 · ada")
        await own_authenticator(small)
        await an_hour_passes(house)
        await small.get_by_role("button", name="添加通行密钥").press("Enter")
        await in_a_window(small, "eve")
        await expect(small.get_by_role("dialog").get_by_role("alert")).to_contain_text("您所在的组都不能在此工作")
        await in_a_window(small, "ada")
        await expect(small.get_by_role("region", name="通行密钥").get_by_role("listitem")).to_have_count(1)
        await small_eye.look("identity-4-account")
        await small.get_by_role("banner").get_by_role("button", name="退出登录").press("Enter")
        await small.get_by_role("link", name="在那里也退出").press("Enter")
        await small.get_by_role("button", name="Yes, sign me out").press("Enter")
        await expect(small.get_by_role("button", name="使用 Example ID 登录")).to_be_visible()
    assert [one.complaints for one in (eye, small_eye)] == [[], []]
