"""Logging in and out: what is kept, what is asked, what is refused."""

import json
import stat

import pyotp
import pytest

from broker.config import Settings
from engineer_client.login import AddressNeeded, Login, find_login, log_in
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
    now_ms = broker.server.broker.services.clock.unix_ms()
    asked: list[str] = []

    def ask() -> str:
        asked.append(pyotp.TOTP(secret).at(now_ms // 1000))
        return asked[0]

    login = await log_in(desk.state, desk.address, "mei", lambda: PASSWORD, ask)
    assert (login.staff_number, len(asked)) == ("E-2", 1)
    with pytest.raises(ServerRefused):  # a number is good once
        await log_in(desk.state, desk.address, "mei", lambda: PASSWORD, never, totp=asked[0])
