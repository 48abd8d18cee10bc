"""Signing in at the audit service: limits, logins, lockouts, second factors, the provider, passkeys, step-up."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyotp
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from audit.service.backup import back_up, restore
from audit.service.config import AuditSettings, AuditSettingUnusable
from audit.service.setup import identity_key_file
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone
from tests.broker.harness import PASSWORD, FakeClock
from tests.broker.http_api.test_api import assert_problem
from tests.helpers.authenticator import Authenticator
from tests.helpers.openid_provider import CLIENT_ID, CLIENT_SECRET, ISSUER, FakeProvider
from tests.helpers.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADDRESS = "https://audit.example.org"
MINUTE_MS = 60_000


@dataclass
class House:
    audit: RunningAudit
    clock: FakeClock
    provider: FakeProvider

    def visitor(self) -> Visitor:
        return Visitor(self.audit, ADDRESS)

    async def signed_in(self, user_name: str) -> Visitor:
        visitor = self.visitor()
        answer = await visitor.post("/v1/browser-login", {"user_name": user_name, "password": PASSWORD})
        assert answer.status == 200, answer.body
        return visitor

    async def by_provider(self, visitor: Visitor, **body: Any) -> str:
        """Where the service sends the browser that was at the provider."""
        begun = await visitor.post("/v1/oidc/begin", body)
        answer = await visitor.arrive(f"/v1/oidc/callback?{urlencode(self.provider.authorize(begun.json['url']))}")
        return answer.headers["location"]

    def column(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.audit.settings.database_file)) as database:
            return [row[0] for row in database.execute(query)]


def settings_in(folder: Path) -> AuditSettings:
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text(f"{CLIENT_SECRET}\n")
    return make_audit_settings(
        folder / "data",
        public_address=ADDRESS,
        oidc_issuer=ISSUER,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret_file=folder / "secret",
        oidc_name="Example ID",
        oidc_roles="leads=supervisor; cn=support,ou=groups=reviewer",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    settings = settings_in(tmp_path_factory.mktemp("identity"))
    set_up_alone(settings)
    await add_people(settings)
    clock = FakeClock()
    provider = FakeProvider(clock)
    del provider.person["staff_number"]
    async with running_audit(settings, clock=clock, provider_door=provider) as audit:
        yield House(audit, clock, provider)


@pytest_asyncio.fixture(loop_scope="module")
async def house(whole: House) -> House:
    """With nobody signed in, and nothing counted against anybody."""
    whole.clock.advance(24 * 60 * MINUTE_MS)
    return whole


async def test_a_login_ends_when_it_is_not_used_and_in_any_case_at_the_end_of_the_day(house: House) -> None:
    """60 minutes unused; eight hours, however much it is used."""
    audit, token = house.audit, await house.audit.login("reviewer")
    house.clock.advance(60 * MINUTE_MS)
    assert_problem(await audit.request("GET", "/v1/me", token=token), 401, "not-logged-in")
    token = await audit.login("reviewer")
    for _ in range(9):
        house.clock.advance(50 * MINUTE_MS)
        assert (await audit.request("GET", "/v1/me", token=token)).status == 200
    house.clock.advance(30 * MINUTE_MS)
    assert_problem(await audit.request("GET", "/v1/me", token=token), 401, "not-logged-in")


async def test_everybody_sees_where_they_are_logged_in_and_ends_it(house: House) -> None:
    """One login or all others; whoever was logged out there is out at once."""
    audit, own = house.audit, await house.audit.login("reviewer")
    others = [await audit.login("reviewer") for _ in range(3)]
    listed = (await audit.request("GET", "/v1/logins", token=own)).json["logins"]
    assert sorted(one["current"] for one in listed) == [False, False, False, True]
    other = next(one["login_id"] for one in listed if not one["current"])
    assert (await audit.request("DELETE", f"/v1/logins/{other}", token=own)).status == 204
    assert (await audit.request("DELETE", "/v1/logins", token=own)).json == {"ended": 2}
    assert {(await audit.request("GET", "/v1/me", token=one)).status for one in others} == {401}
    assert (await audit.request("GET", "/v1/me", token=own)).status == 200


async def test_administrators_end_the_logins_of_others_and_it_is_noted(house: House) -> None:
    """Nobody else may. Who did it to whom is among the events."""
    audit, theirs, admin = house.audit, await house.audit.login("reviewer"), await house.audit.login("administrator")
    people = (await audit.request("GET", "/v1/people", token=admin)).json["people"]
    assert {"reviewer", "administrator"} <= {one["user_name"] for one in people}
    path = "/v1/people/reviewer/logins"
    assert_problem(await audit.request("DELETE", path, token=await audit.login("supervisor")), 403, "not-allowed")
    (one,) = (await audit.request("GET", path, token=admin)).json["logins"]
    assert (await audit.request("DELETE", f"{path}/{one['login_id']}", token=admin)).status == 204
    assert (await audit.request("GET", "/v1/me", token=theirs)).status == 401
    events = (await audit.request("GET", "/v1/events?user=reviewer&limit=1", token=admin)).json["events"]
    assert [(one["kind"], one["actor"]) for one in events] == [("login_revoked", "administrator")]


async def test_whoever_guesses_is_locked_out_with_an_alert(house: House) -> None:
    """After five wrong passwords the right one has to wait, too; the log says `alert`, and so do the events."""
    body = {"user_name": "external-reviewer", "password": "wrong password here"}
    with capture_logs() as lines:
        answers = [await house.audit.request("POST", "/v1/login", body) for _ in range(6)]
    assert [one.status for one in answers] == [401] * 5 + [429]
    right = await house.audit.request("POST", "/v1/login", body | {"password": PASSWORD})
    assert_problem(right, 429, "login-locked")
    assert right.headers["retry-after"].isdecimal()
    assert ("login_locked", "external-reviewer") in {
        (line["event"], line.get("user")) for line in lines if line.get("alert")
    }
    assert "login_locked" in house.column("SELECT kind FROM identity_events WHERE subject = 'external-reviewer'")
    house.clock.advance(5 * MINUTE_MS)
    assert await house.audit.login("external-reviewer")


async def test_a_second_factor_lies_sealed_and_recovery_codes_stand_in_for_it_once(house: House) -> None:
    """Nothing of it is in the database as it is; a code is good once, and nobody's but theirs."""
    audit, own = house.audit, await house.audit.login("second")
    secret = (await audit.request("POST", "/v1/account/totp", token=own)).json["secret"]
    number = pyotp.TOTP(secret).at(house.clock.now_ms // 1000)
    body = {"password": PASSWORD, "secret": secret, "totp": number}
    codes = (await audit.request("PUT", "/v1/account/totp", body, token=own)).json["codes"]
    (kept,) = house.column("SELECT totp_secret FROM users WHERE user_name = 'second'")
    assert kept.startswith("sealed:")
    assert secret not in kept
    assert len(set(codes)) == len(house.column("SELECT digest FROM recovery_codes")) == 10
    login = {"user_name": "second", "password": PASSWORD}
    assert_problem(await audit.request("POST", "/v1/login", login), 401, "one-time-number-needed")
    assert (await audit.request("POST", "/v1/login", login | {"totp": codes[0]})).status == 200
    assert_problem(await audit.request("POST", "/v1/login", login | {"totp": codes[0]}), 401, "one-time-number-wrong")
    assert (await audit.request("GET", "/v1/me", token=own)).json["recovery_codes"] == 9
    assert (await audit.request("DELETE", "/v1/account/totp", {"password": PASSWORD}, token=own)).status == 204


async def test_second_factors_of_an_earlier_version_are_sealed_at_the_next_start(tmp_path: Path) -> None:
    """And go on to work; a backup keeps what opens them with the keys, apart from the database."""
    settings, secret = settings_in(tmp_path), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    set_up_alone(settings)
    await add_people(settings)
    with closing(sqlite3.connect(settings.database_file)) as database, database:
        database.execute("UPDATE users SET totp_secret = ? WHERE user_name = 'reviewer'", [secret])
    clock = FakeClock()
    async with running_audit(settings, clock=clock) as audit:
        body = {"user_name": "reviewer", "password": PASSWORD, "totp": pyotp.TOTP(secret).at(clock.now_ms // 1000)}
        assert (await audit.request("POST", "/v1/login", body)).status == 200
    assert secret.encode() not in settings.database_file.read_bytes()
    back_up(settings, tmp_path / "backup", tmp_path / "keys")
    assert not list((tmp_path / "backup").rglob("identity.key"))
    again = make_audit_settings(tmp_path / "again")
    restore(again, tmp_path / "backup", tmp_path / "keys", (), clock.now_ms)
    assert identity_key_file(again.data_folder).read_bytes() == identity_key_file(settings.data_folder).read_bytes()


async def test_the_providers_groups_say_what_somebody_is_here(house: House) -> None:
    """Added at the first sign-in, without a staff number; changed with their groups, which ends their logins."""
    visitor = house.visitor()
    assert (await visitor.get("/v1/sign-in-ways")).json == {
        "password": True,
        "passkey": True,
        "provider": "Example ID",
    }
    assert await house.by_provider(visitor, place="#/reports") == "/desk/#/reports"
    me = (await visitor.get("/v1/me")).json
    assert (me["user_name"], me["name"], me["role"], me["method"]) == ("ada", "Ada Example", "reviewer", "oidc-fresh")
    house.provider.person["groups"] = ["leads"]
    promoted = house.visitor()
    assert await house.by_provider(promoted) == "/desk/"
    assert (await promoted.get("/v1/me")).json["role"] == "supervisor"
    assert (await visitor.get("/v1/me")).status == 401
    house.provider.person["groups"] = ["everybody"]
    assert await house.by_provider(house.visitor()) == "/desk/#/refused/no-role-here"
    house.provider.person |= {"sub": "another", "preferred_username": "reviewer", "groups": ["leads"]}
    assert await house.by_provider(house.visitor()) == "/desk/#/refused/person-clashes"
    assert_problem(
        await house.audit.request("POST", "/v1/login", {"user_name": "ada", "password": ""}), 401, "login-refused"
    )


async def test_a_passkey_signs_in_and_one_that_was_copied_raises_an_alert(house: House) -> None:
    """Added right after a sign-in, for the service's public address alone."""
    owner = await house.signed_in("supervisor")
    device = Authenticator(ADDRESS, "audit.example.org")
    begun = (await owner.post("/v1/passkeys/begin")).json
    added = {"ceremony": begun["ceremony"], "credential": device.create(begun["options"]), "name": "Laptop"}
    assert (await owner.post("/v1/passkeys", added)).status == 201
    statuses, elsewhere = [], house.visitor()
    with capture_logs() as lines:
        for count, origin in ((7, ADDRESS), (8, "https://evil.example"), (3, ADDRESS)):
            begun = (await elsewhere.post("/v1/passkey-login/begin")).json
            credential = device.but(count=count, origin=origin).get(begun["options"])
            answer = await elsewhere.post(
                "/v1/passkey-login", {"ceremony": begun["ceremony"], "credential": credential}
            )
            statuses.append(answer.status)
    assert statuses == [200, 403, 403]
    assert [line["user"] for line in lines if line["event"] == "passkey_copied" and line["alert"]] == ["supervisor"]
    assert (await elsewhere.get("/v1/me")).json["method"] == "passkey"
    house.clock.advance(11 * MINUTE_MS)
    assert_problem(await owner.post("/v1/passkeys/begin"), 403, "fresh-sign-in-needed")


async def test_a_program_is_logged_in_by_who_is_signed_in_at_the_desk(house: House) -> None:
    """However they signed in, minutes ago; they see which device asks. The journal knows who allowed it."""
    audit, browser = house.audit, await house.signed_in("reviewer")
    house.clock.advance(16 * MINUTE_MS)
    begun = (await audit.request("POST", "/v1/device-login", {}, headers={"User-Agent": "consentry (rey-pc)"})).json
    assert begun["verification_uri_complete"] == f"{ADDRESS}/desk/#/link/{begun['user_code']}"
    poll, path = {"device_code": begun["device_code"]}, f"/v1/device-logins/{begun['user_code']}"
    pending = await audit.request("POST", "/v1/device-login/token", poll)
    assert_problem(pending, 400, "authorization-pending")
    assert (await browser.get(path)).json["device"] == "consentry, rey-pc"
    assert_problem(await browser.post(path, {"allow": True}), 403, "fresh-sign-in-needed")
    browser = await house.signed_in("reviewer")
    assert (await browser.post(path, {"allow": True})).status == 204
    login = (await audit.request("POST", "/v1/device-login/token", poll)).json
    assert (login["user_name"], login["role"]) == ("reviewer", "reviewer")
    assert (await audit.request("GET", "/v1/me", token=login["token"])).json["method"] == "browser"
    assert "browser_login_allowed" in house.column("SELECT kind FROM journal WHERE actor = 'reviewer'")


async def test_an_api_token_fetches_what_it_was_given_and_shows_nobody_a_recording(house: House) -> None:
    """Figures, for one; its last use is listed, it ends with its day, and with its maker's word. Shown once."""
    audit, own = house.audit, await house.audit.login("supervisor")
    body: dict[str, Any] = {"name": "monthly figures", "permissions": ["reports"], "days": 30}
    assert (await audit.request("GET", "/v1/tokens", token=own)).json["grantable"] == ["list", "reports", "who-saw"]
    for wanted in (["view"], ["search"], ["lead"], ["request"], ["events"], ["reports", "account"]):
        refused = await audit.request("POST", "/v1/tokens", body | {"permissions": wanted}, token=own)
        assert_problem(refused, 422, "token-too-powerful")
    made = (await audit.request("POST", "/v1/tokens", body, token=own)).json
    token = made["token"]
    assert (await audit.request("GET", "/v1/report.csv", token=token)).status == 200
    assert (await audit.request("GET", "/v1/me", token=token)).json["permissions"] == ["reports"]
    for path in ("/v1/sessions", "/v1/journal", f"/v1/sessions/{'0' * 32}/transcript", "/v1/tokens"):
        assert_problem(await audit.request("GET", path, token=token), 403, "token-not-allowed")
    (listed,) = (await audit.request("GET", "/v1/tokens", token=own)).json["tokens"]
    assert (listed["last_used_at_ms"], listed["address"]) == (house.clock.now_ms, "127.0.0.1")
    kept = b"".join(file.read_bytes() for file in audit.settings.data_folder.glob("audit.sqlite3*"))
    assert token.encode() not in kept
    assert "api_token_made" in house.column("SELECT kind FROM journal WHERE actor = 'supervisor'")
    house.clock.advance(30 * 24 * 60 * MINUTE_MS)
    assert_problem(await audit.request("GET", "/v1/report.csv", token=token), 401, "api-token-over")


async def test_an_administrator_ends_the_tokens_of_others(house: House) -> None:
    """And nobody else does. Who is not asked for a password has signed in minutes ago."""
    audit, own, admin = house.audit, await house.audit.login("second"), await house.audit.login("administrator")
    house.clock.advance(10 * MINUTE_MS)
    body: dict[str, Any] = {"name": "list", "permissions": ["list"], "days": 7}
    assert_problem(await audit.request("POST", "/v1/tokens", body, token=own), 403, "fresh-sign-in-needed")
    made = (await audit.request("POST", "/v1/tokens", body | {"password": PASSWORD}, token=own)).json
    path = f"/v1/people/second/tokens/{made['entry']['token_id']}"
    assert_problem(await audit.request("DELETE", path, token=own), 403, "not-allowed")
    every = (await audit.request("GET", "/v1/all-tokens", token=admin)).json["tokens"]
    assert made["entry"]["token_id"] in {one["token_id"] for one in every if one["user_name"] == "second"}
    assert (await audit.request("DELETE", path, token=admin)).status == 204
    assert_problem(await audit.request("GET", "/v1/sessions", token=made["token"]), 401, "api-token-over")


async def test_the_second_person_has_just_signed_in(house: House) -> None:
    """A page that was left open confirms no export and no erase; the provider's word counts if it asked just now."""
    token, path = await house.audit.login("second"), "/v1/requests/1/confirm"
    assert_problem(await house.audit.request("POST", path, token=token), 409, "request-not-open")
    house.clock.advance(16 * MINUTE_MS)
    assert_problem(await house.audit.request("POST", path, token=token), 403, "fresh-sign-in-needed")
    house.provider.person |= {"sub": "248289761001", "preferred_username": "ada", "groups": ["leads"]}
    visitor = house.visitor()
    house.provider.signed_in_seconds_ago = 3600
    await house.by_provider(visitor)
    assert_problem(await visitor.post(path), 403, "fresh-sign-in-needed")
    house.provider.signed_in_seconds_ago = 5
    await house.by_provider(visitor, fresh=True)
    assert_problem(await visitor.post(path), 409, "request-not-open")


@pytest.mark.parametrize(
    "change",
    [{"public_address": "http://audit.example.org"}, {"public_address": "https://audit.example.org/"},
     {"public_address": "audit.example.org"}, {"oidc_roles": "staff=engineer"},
     {"oidc_issuer": ISSUER, "oidc_client_id": "x", "oidc_roles": "a=reviewer"}],
)  # fmt: skip
async def test_settings_that_let_nobody_in_stop_the_service(tmp_path: Path, change: dict[str, object]) -> None:
    """A provider needs an address to send people back to; the broker's roles are not this service's."""
    with pytest.raises(AuditSettingUnusable):
        make_audit_settings(tmp_path, **change)
