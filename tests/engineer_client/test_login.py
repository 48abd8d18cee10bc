"""Logging in and out: what is kept, what is asked, what is refused."""

import json
import stat

import pyotp
import pytest

from broker.config import Settings
from engineer_client.login import AddressNeeded, Login, find_login, log_in, log_in_through_browser
from protocol.profile import ProfileError
from protocol.share_url import parse_share_url
from tests.broker.harness import PASSWORD, RunningBroker, add_user
from tests.engineer_client.conftest import Desk
from tunnel.json_api import LoginNeeded, ServerRefused


def never() -> str:
    raise AssertionError("nothing was to be asked")


async def test_the_command_logs_in_and_out(desk: Desk) -> None:
    """The password comes from standard input; the token is printed nowhere, and gone after logging out."""
    done = await desk.run("login", desk.address, "--user", "wei", "--password-stdin", "--json", given=PASSWORD + "\n")
    assert done.status == 0, done.err
    token = find_login(desk.state, None).token
    assert json.loads(done.out)["staff_number"] == "E-1"
    assert token not in done.out + done.err
    assert (await desk.run("logout")).status == 0
    assert "consentry login" in (await desk.run("sessions")).err
    assert list(desk.state.logins.iterdir()) == []


async def test_the_browser_logs_a_program_in(desk: Desk, broker: RunningBroker) -> None:
    """No password on this machine: a link and a code are shown, and whoever allows it is who is logged in."""
    in_browser = await broker.login()
    shown: list[str] = []

    async def allow(_seconds: float) -> None:
        path = f"/v1/device-logins/{shown[-1]}"
        assert (await broker.request("POST", path, {"allow": True}, token=in_browser)).status == 204

    def show(link: str, code: str) -> None:
        assert link == f"{broker.organisation.profile.broker_origin}/console/#/link/{code}"
        shown.append(code)

    login = await log_in_through_browser(desk.state, desk.address, show, pause=allow)
    assert (login.user_name, login.staff_number) == ("wei", "E-1")
    assert find_login(desk.state, None) == login
    listed = json.loads((await desk.run("logins", "--json")).out)
    assert [one["method"] for one in listed if one["current"]] == ["browser"]
    assert (await desk.run("logins", "--end-others")).status == 0
    assert (await broker.request("GET", "/v1/me", token=in_browser)).status == 401
    assert (await broker.request("GET", "/v1/me", token=login.token)).status == 200


async def test_a_login_that_is_denied_in_the_browser_keeps_nothing(desk: Desk, broker: RunningBroker) -> None:
    """And says so in one sentence."""
    in_browser = await broker.login()
    shown: list[str] = []

    async def deny(_seconds: float) -> None:
        await broker.request("POST", f"/v1/device-logins/{shown[-1]}", {"allow": False}, token=in_browser)

    with pytest.raises(ServerRefused, match="denied"):
        await log_in_through_browser(desk.state, desk.address, lambda _link, code: shown.append(code), pause=deny)
    assert not desk.state.logins.exists()


async def test_a_wrong_password_is_told_in_the_readers_language(desk: Desk) -> None:
    """The broker's refusal, translated by its code; nothing is kept."""
    done = await desk.run(
        "login", desk.address, "--user", "wei", "--password-stdin", given="wrong\n", CONSENTRY_LANGUAGE="zh-CN"
    )
    assert done.status == 1
    assert "user name" not in done.err
    assert not desk.state.logins.exists()


async def test_only_the_owner_can_read_the_login(desk: Desk, login: Login) -> None:
    """Folder and file are private, and the token is not part of how a login prints."""
    (file,) = desk.state.logins.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.state.folder.stat().st_mode) == 0o700
    assert login.token not in repr(login)


async def test_the_second_time_needs_no_address(desk: Desk, login: Login) -> None:
    """The last broker is meant, with the root key that was pinned; a bare address of it will do, too."""
    again = await log_in(desk.state, None, "wei", lambda: PASSWORD, never)
    assert again.root_key == login.root_key
    bare = await log_in(desk.state, login.origin, "wei", lambda: PASSWORD, never)
    assert bare.root_key == login.root_key


async def test_the_first_time_needs_one(desk: Desk) -> None:
    """One sentence that says so."""
    with pytest.raises(AddressNeeded):
        await log_in(desk.state, None, "wei", never, never)
    with pytest.raises(LoginNeeded):
        find_login(desk.state, None)


async def test_an_expired_login_is_none(desk: Desk, login: Login) -> None:
    """Told here, before the broker has to."""
    assert find_login(desk.state, None, now_ms=login.expires_at_ms - 1) == login
    with pytest.raises(LoginNeeded):
        find_login(desk.state, None, now_ms=login.expires_at_ms)


async def test_a_password_never_goes_to_a_broker_of_another_root(desk: Desk) -> None:
    """An address with another organisation's key: the profile does not verify, and nothing was asked or sent."""
    other = desk.address.replace(desk.address.rpartition("#")[2], "A" * 43)
    assert parse_share_url(other).root_key == bytes(32)
    with pytest.raises(ProfileError):
        await log_in(desk.state, other, "wei", never, never)


async def test_six_digits_are_asked_for_when_the_account_needs_them(
    desk: Desk, broker: RunningBroker, settings: Settings
) -> None:
    """Only then, and only after the right password; given beforehand, nothing is asked."""
    secret = pyotp.random_base32()
    await add_user(settings, "mei", "E-2", totp_secret=secret)
    clock = broker.server.broker.services.clock
    asked: list[str] = []

    def ask() -> str:
        asked.append(pyotp.TOTP(secret).at(clock.unix_ms() // 1000))
        return asked[0]

    login = await log_in(desk.state, desk.address, "mei", lambda: PASSWORD, ask)
    assert (login.staff_number, len(asked)) == ("E-2", 1)
    with pytest.raises(ServerRefused):  # a number is good once
        await log_in(desk.state, desk.address, "mei", lambda: PASSWORD, never, totp=asked[0])


async def test_whoever_logs_in_with_a_recovery_code_reads_how_many_are_left(desk: Desk, broker: RunningBroker) -> None:
    """On the terminal and for programs; of any other login there is nothing to say, and nothing is kept of it."""
    own = await broker.login()
    secret = (await broker.request("POST", "/v1/account/totp", {}, token=own)).json["secret"]
    body = {"password": PASSWORD, "secret": secret, "totp": pyotp.TOTP(secret).now()}
    first, second, *_ = (await broker.request("PUT", "/v1/account/totp", body, token=own)).json["codes"]
    ask = ("login", desk.address, "--user", "wei", "--password-stdin", "--totp")
    done = await desk.run(*ask, first, given=PASSWORD + "\n")
    assert (done.status, "9 more are left" in done.err) == (0, True), done.err
    done = await desk.run(*ask, second, given=PASSWORD + "\n", CONSENTRY_LANGUAGE="zh-CN")
    assert "还剩 8 个恢复码" in done.err.replace("\u2068", "").replace("\u2069", "")
    assert find_login(desk.state, None).recovery_codes_left is None
    listed = (await broker.request("GET", "/v1/logins", token=find_login(desk.state, None).token)).json["logins"]
    assert len([one for one in listed if one["method"] == "recovery-code"]) == 1
