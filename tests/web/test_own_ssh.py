"""Paired in the browser, worked in with stock OpenSSH: ssh, scp, sftp and rsync through the broker's gateway."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.helpers.deployment import AS_ROOT, PASSWORD, Broker, Customer, plain_environment, run, sha256_of
from tests.helpers.ports import free_port
from tests.helpers.waiting import PATIENCE_SECONDS
from tests.web.chromium import Eye, chromium, new_context


@pytest.fixture
def broker(founded: Broker, tmp_path: Path) -> Iterator[Broker]:
    """One with a gateway."""
    broker = Broker(tmp_path / "organisation", like=founded)
    broker.environment["CONSENTRY_SSH_GATEWAY_PORT"] = str(free_port())
    broker.start()
    yield broker
    broker.stop()


async def test_what_the_page_says_is_all_that_ssh_needs(
    broker: Broker, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """The engineer pastes what the console shows; every tool works; what they did is recorded; a narrowing ends it."""
    customer = new_customer(broker)
    home = tmp_path / "sam"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    key = home / ".ssh" / "id_ed25519"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    async with chromium() as browser:
        context = await new_context(
            browser, locale="en-GB", color_scheme="light", viewport={"width": 1440, "height": 900}
        )
        page = await context.new_page()
        eye = Eye(page, "own-ssh")
        await page.goto(f"{broker.origin}/console/")
        await page.locator("#user").fill("sam")
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator("#code").press_sequentially(customer.code.replace("-", ""))
        await page.locator("#reason").fill("The scanner's driver has to be replaced")
        for scope in ("files:r", "files:w", "gateway", *(["root"] if AS_ROOT else [])):
            await page.locator(f'input[value="{scope}"]').check()
        await page.get_by_role("button", name="Use the code and ask").click()
        assert "gateway" in customer.heard("consent-question")["scopes"]
        await page.locator("summary", has_text="Your own SSH program").click()
        await page.locator("#ssh-key").fill(key.with_suffix(".pub").read_text())
        await page.get_by_role("button", name="Let this key in").click()
        await expect(page.get_by_text("The key may come in")).to_be_visible()
        await eye.look("own-ssh-wide")
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.emulate_media(color_scheme="dark")
        await eye.look("own-ssh-narrow")
        pasted = {name: await page.locator(f"[data-block={name}]").inner_text() for name in ("known-hosts", "config")}
        await asyncio.to_thread(work, home, pasted, customer, tmp_path)

        # Taken back by the customer: the open connection ends, a new one is refused.
        alias = pasted["config"].split()[1]
        process = await asyncio.create_subprocess_exec(
            "ssh", *options(home), alias, "echo begun; sleep 600", env=environment(home), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"begun\n"
        kept = ["view", "shell", "files:r", "files:w", *(["root"] if AS_ROOT else [])]
        customer.say("narrow", participant=1, scopes=kept)
        customer.heard("grant-changed", scopes=sorted(kept))
        assert await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) != 0
        await asyncio.to_thread(run, "ssh", *options(home), alias, "true", environment=environment(home), status=255)
        await expect(page.locator("summary", has_text="Your own SSH program")).to_be_hidden()
    assert eye.foreign == []
    assert eye.complaints == []
    customer.say("end")
    customer.heard("receipt-written")
    session = customer.receipt.stem.removeprefix("receipt-")
    broker.audit("verify", session)
    assert "needle-through-the-gateway" in broker.audit("export", session, "--format", "text").stdout
    assert b"needle-through-the-gateway" not in broker.log.read_bytes()


def options(home: Path) -> tuple[str, ...]:
    """OpenSSH finds a home by the password file, not by HOME: so its files are named."""
    ssh = home / ".ssh"
    return ("-F", str(ssh / "config"), "-o", "BatchMode=yes")


def environment(home: Path) -> dict[str, str]:
    return plain_environment(HOME=str(home))


def work(home: Path, pasted: dict[str, str], customer: Customer, folder: Path) -> None:
    """Everything that the page offers, as a person would do it."""
    ssh = home / ".ssh"
    (ssh / "known_hosts").write_text(pasted["known-hosts"] + "\n")
    everywhere = f"Host *\n    UserKnownHostsFile {ssh}/known_hosts\n    IdentityFile {ssh}/id_ed25519\n"
    (ssh / "config").write_text(f"{pasted['config']}\n{everywhere}    IdentityAgent none\n")
    alias = pasted["config"].split()[1]

    def do(program: str, *arguments: str | Path) -> str:
        return run(program, *options(home), *arguments, environment=environment(home)).stdout

    assert do("ssh", alias, "echo needle-through-the-$((0))gateway | tr -d 0") == "needle-through-the-gateway\n"
    original = folder / "driver.bin"
    original.write_bytes(os.urandom(3_000_000))
    do("scp", "-q", original, f"{alias}:there")
    do("scp", "-q", f"{alias}:there", folder / "back")
    assert sha256_of(customer.home / "there") == sha256_of(folder / "back") == sha256_of(original)
    (folder / "batch").write_text("mkdir made-by-sftp\n")
    do("sftp", "-q", "-b", folder / "batch", alias)
    run(
        "rsync", "-a", "-e", " ".join(("ssh", *options(home))), f"{customer.home}/made-by-sftp", f"{alias}:synced/",
        environment=environment(home),
    )  # fmt: skip
    assert (customer.home / "synced" / "made-by-sftp").is_dir()
