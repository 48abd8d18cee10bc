"""What somebody may do about their own account, over real connections."""

import asyncio

import pyotp
import pytest

from broker.config import Settings
from broker.storage import MIGRATIONS
from broker.storage.users import SqlTokens
from serving.database import open_database
from tests.broker.harness import PASSWORD, RunningBroker
from tests.broker.http_api.test_api import assert_problem

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
NEW_PASSWORD = "staple battery horse"


async def login(broker: RunningBroker, user_agent: str, **more: str) -> str:
    body = {"user_name": "wei", "password": PASSWORD} | more
    answer = await broker.request("POST", "/v1/login", body, headers={"User-Agent": user_agent})
    assert answer.status == 200, answer.body
    return str(answer.json["token"])


async def test_logins_are_listed_with_device_and_address_and_end_one_by_one(broker: RunningBroker) -> None:
    """The one that asks is marked; the one that is revoked is out at once, the others go on."""
    own, other = await login(broker, CHROME), await login(broker, "consentry (ada-laptop)")
    listed = (await broker.request("GET", "/v1/logins", token=own)).json["logins"]
    assert [(one["device"], one["current"]) for one in sorted(listed, key=lambda one: one["device"])] == [
        ("Chrome, Linux", True),
        ("consentry, ada-laptop", False),
    ]
    assert {(one["address"], one["method"]) for one in listed} == {("127.0.0.1", "password")}
    assert all(one["expires_at_ms"] > one["last_used_at_ms"] >= one["created_at_ms"] > 0 for one in listed)
    theirs = next(one["login_id"] for one in listed if not one["current"])
    assert (await broker.request("DELETE", f"/v1/logins/{theirs}", token=own)).status == 204
    assert_problem(await broker.request("GET", "/v1/me", token=other), 401, "not-logged-in")
    assert (await broker.request("GET", "/v1/me", token=own)).status == 200
    assert_problem(await broker.request("DELETE", f"/v1/logins/{theirs}", token=own), 404, "login-unknown")


async def test_all_other_logins_end_together(broker: RunningBroker) -> None:
    """The one that asks stays."""
    own, *others = [await login(broker, CHROME) for _ in range(3)]
    assert (await broker.request("DELETE", "/v1/logins", token=own)).json == {"ended": 2}
    for token in others:
        assert (await broker.request("GET", "/v1/me", token=token)).status == 401
    assert len((await broker.request("GET", "/v1/logins", token=own)).json["logins"]) == 1


@pytest.mark.usefixtures("silence_is_heard_out")
async def test_a_revoked_login_is_hung_up_in_the_middle_of_a_conversation(broker: RunningBroker) -> None:
    """By its own user in the console, or by an administrator on the machine itself, which is another process."""
    own = await broker.login()
    for from_elsewhere in (False, True):
        token = await login(broker, "consentry (lost-laptop)")
        async with broker.dial("/v1/pairing", token=token) as client:
            listed = (await broker.request("GET", "/v1/logins", token=own)).json["logins"]
            lost = next(one["login_id"] for one in listed if one["device"] == "consentry, lost-laptop")
            if from_elsewhere:
                await revoke_on_the_machine(broker.settings, bytes.fromhex(lost))
            else:
                await broker.request("DELETE", f"/v1/logins/{lost}", token=own)
            await client.closed()


async def revoke_on_the_machine(settings: Settings, token_hash: bytes) -> None:
    database = await open_database(settings.database_file, MIGRATIONS)
    assert await SqlTokens(database).revoke(1, token_hash) == [token_hash]
    await database.aclose()


async def test_a_new_password_needs_the_old_one_and_ends_all_other_logins(broker: RunningBroker) -> None:
    """A page that was left open is not its owner."""
    own, other = await broker.login(), await broker.login()
    path = "/v1/account/password"
    wrong = await broker.request("POST", path, {"password": "wrong password", "new_password": NEW_PASSWORD}, token=own)
    assert_problem(wrong, 403, "password-wrong")
    short = await broker.request("POST", path, {"password": PASSWORD, "new_password": "short"}, token=own)
    assert_problem(short, 422, "password-unusable")
    assert (await broker.request("GET", "/v1/me", token=other)).status == 200
    done = await broker.request("POST", path, {"password": PASSWORD, "new_password": NEW_PASSWORD}, token=own)
    assert done.status == 204, done.body
    assert (await broker.request("GET", "/v1/me", token=own)).status == 200
    assert (await broker.request("GET", "/v1/me", token=other)).status == 401
    body = {"user_name": "wei", "password": NEW_PASSWORD}
    assert (await broker.request("POST", "/v1/login", body)).status == 200


async def test_one_time_numbers_are_set_up_only_with_a_number_of_the_app(broker: RunningBroker) -> None:
    """And come with ten recovery codes, each of which logs in once where the phone is lost."""
    own = await broker.login()
    no_factor = await broker.request("POST", "/v1/account/recovery-codes", {"password": PASSWORD}, token=own)
    assert_problem(no_factor, 403, "second-factor-missing")
    offered = (await broker.request("POST", "/v1/account/totp", {}, token=own)).json
    assert offered["secret"] in offered["uri"]
    body = {"password": PASSWORD, "secret": offered["secret"], "totp": "000000"}
    assert_problem(await broker.request("PUT", "/v1/account/totp", body, token=own), 422, "number-wrong")
    body["totp"] = pyotp.TOTP(offered["secret"]).now()
    codes = (await broker.request("PUT", "/v1/account/totp", body, token=own)).json["codes"]
    assert len(set(codes)) == 10
    me = (await broker.request("GET", "/v1/me", token=own)).json
    assert (me["totp"], me["recovery_codes"]) == (True, 10)

    answer = await broker.request("POST", "/v1/login", {"user_name": "wei", "password": PASSWORD})
    assert_problem(answer, 401, "one-time-number-needed")
    typed = f" {codes[3].upper()} "
    racing = [
        broker.request("POST", "/v1/login", {"user_name": "wei", "password": PASSWORD, "totp": typed}) for _ in range(2)
    ]
    assert sorted(answer.status for answer in await asyncio.gather(*racing)) == [200, 401]
    assert (await broker.request("GET", "/v1/me", token=own)).json["recovery_codes"] == 9

    again = await broker.request("POST", "/v1/account/recovery-codes", {"password": PASSWORD}, token=own)
    assert not set(again.json["codes"]) & set(codes)
    used = {"user_name": "wei", "password": PASSWORD, "totp": codes[4]}
    assert_problem(await broker.request("POST", "/v1/login", used), 401, "one-time-number-wrong")


async def test_second_factors_are_not_to_be_read_from_the_database(broker: RunningBroker) -> None:
    """Neither the secret nor a code stands in any file of the database; the key is a file of its own."""
    own = await broker.login()
    offered = (await broker.request("POST", "/v1/account/totp", {}, token=own)).json
    body = {"password": PASSWORD, "secret": offered["secret"], "totp": pyotp.TOTP(offered["secret"]).now()}
    codes = (await broker.request("PUT", "/v1/account/totp", body, token=own)).json["codes"]
    data = b"".join(path.read_bytes() for path in broker.settings.data_folder.glob("broker.sqlite3*"))
    assert b"sealed:" in data
    for secret in (offered["secret"], own, *codes, *(code.replace("-", "") for code in codes)):
        assert secret.encode() not in data


async def test_a_login_is_named_by_its_hash_alone(broker: RunningBroker) -> None:
    """Anything else names nothing."""
    token = await broker.login()
    for login_id in ("0" * 63, "g" * 64, "0" * 64 + "/x", "../me", "%00"):
        answer = await broker.request("DELETE", f"/v1/logins/{login_id}", token=token)
        assert answer.status in (404, 405, 422), answer.body
