"""Administrators at work: people, their logins and tokens, and what was decided."""

from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

import pyotp
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from protocol.receipt_verification import root_fingerprint
from tests.broker.harness import PASSWORD, Answer, RunningBroker, add_user, found, make_settings, running
from tests.broker.http_api.test_api import assert_problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW = {"user_name": "Mei", "name": "Mei Example", "staff_number": "E-7", "role": "engineer", "max_scopes": ["view"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBroker]:
    settings = make_settings(tmp_path_factory.mktemp("people") / "data")
    organisation = found(settings)
    await add_user(settings, "ada", "A-1", role="administrator")
    await add_user(settings, "eve", "A-2", role="administrator")
    await add_user(settings, "wei", "E-1")
    await add_user(settings, "sue", "S-1", role="supervisor")
    async with running(settings, organisation) as broker:
        yield broker


@pytest_asyncio.fixture(loop_scope="module")
async def ada(broker: RunningBroker) -> str:
    return await broker.login("ada")


async def change(broker: RunningBroker, token: str, user: str, etag: str | None = None, **changes: Any) -> Answer:
    seen = await broker.request("GET", f"/v1/people/{user}", token=token)
    facts = {key: seen.json[key] for key in ("name", "role", "max_scopes", "disabled")}
    headers = {"If-Match": seen.headers["etag"] if etag is None else etag}
    return await broker.request("PATCH", f"/v1/people/{user}", facts | changes, token=token, headers=headers)


async def test_somebody_new_logs_in_with_the_password_that_was_shown_once(broker: RunningBroker, ada: str) -> None:
    """And can do nothing but choose another, which nobody else has seen."""
    added = await broker.request("POST", "/v1/people", NEW, token=ada)
    assert added.status == 201, added.body
    assert (added.json["person"]["user_name"], added.json["person"]["max_scopes"]) == ("mei", ["view"])
    body = {"user_name": "mei", "password": added.json["password"]}
    token = (await broker.request("POST", "/v1/login", body)).json["token"]
    me = (await broker.request("GET", "/v1/me", token=token)).json
    assert (me["password_provisional"], me["permissions"]) == (True, ["account"])
    assert_problem(await broker.request("GET", "/v1/sessions", token=token), 403, "own-password-first")
    body = {"password": added.json["password"], "new_password": PASSWORD}
    assert (await broker.request("POST", "/v1/account/password", body, token=token)).status == 204
    assert (await broker.request("GET", "/v1/sessions", token=token)).status == 200
    assert added.json["password"] not in (await broker.request("GET", "/v1/people", token=ada)).body.decode()
    assert_problem(await broker.request("POST", "/v1/people", NEW, token=ada), 409, "user-exists")
    for wrong in ({"role": "king"}, {"max_scopes": ["all"]}, {"user_name": "m m"}, {"name": "\u202e"}, {"extra": 1}):
        assert (await broker.request("POST", "/v1/people", NEW | wrong, token=ada)).status == 422, wrong


async def test_of_two_administrators_the_second_has_to_look_again(broker: RunningBroker, ada: str) -> None:
    """Without a version nothing is changed, with an old one neither (RFC 9110, RFC 6585)."""
    seen = (await broker.request("GET", "/v1/people/wei", token=ada)).headers["etag"]
    first = await change(broker, await broker.login("eve"), "wei", name="Wei One")
    assert (first.status, first.json["name"]) == (200, "Wei One")
    assert_problem(await change(broker, ada, "wei", seen, name="Wei Two"), 412, "changed-meanwhile")
    for etag in ("", "*", '"v"', "v1", '"v999999999999999999999"'):
        assert_problem(await change(broker, ada, "wei", etag, name="Wei Two"), 428, "version-missing")
    assert (await change(broker, ada, "wei", first.headers["etag"], name="Wei Example")).status == 200


@pytest.mark.usefixtures("silence_is_heard_out")
async def test_another_role_counts_from_the_next_question(broker: RunningBroker, ada: str) -> None:
    """Logins of before have ended, and with them what they could."""
    token = await broker.login("wei")
    async with broker.dial("/v1/pairing", token=token) as client:
        assert (await change(broker, ada, "wei", role="reviewer")).json["role"] == "reviewer"
        await client.closed()
    assert (await broker.request("GET", "/v1/me", token=token)).status == 401
    assert (await broker.request("GET", "/v1/sessions", token=await broker.login("wei"))).status == 403
    assert (await change(broker, ada, "wei", role="engineer")).status == 200
    assert (await broker.request("GET", "/v1/sessions", token=await broker.login("wei"))).status == 200


async def test_nobody_changes_their_own_role(broker: RunningBroker, ada: str) -> None:
    """So one administrator is always left."""
    assert_problem(await change(broker, ada, "ada", role="engineer"), 403, "not-yourself")
    for method, path in (("POST", "/v1/people/ada/password"), ("DELETE", "/v1/people/ada/totp")):
        assert_problem(await broker.request(method, path, token=ada), 403, "not-yourself")
    assert_problem(await broker.request("GET", "/v1/people/nobody", token=ada), 404, "person-unknown")


async def test_somebody_locked_out_is_out_with_all_they_made(broker: RunningBroker, ada: str) -> None:
    """Logins and API tokens; and back in with neither the old login nor a new password."""
    token = await broker.login("sue")
    body = {"password": PASSWORD, "name": "wall display", "permissions": ["sessions", "health"], "days": 30}
    made = (await broker.request("POST", "/v1/tokens", body, token=token)).json["token"]
    assert (await broker.request("GET", "/v1/health", token=made)).status == 200
    assert (await change(broker, ada, "sue", disabled=True)).json["disabled"] is True
    for dead in (token, made):
        assert (await broker.request("GET", "/v1/me", token=dead)).status == 401
    assert (await broker.request("POST", "/v1/login", {"user_name": "sue", "password": PASSWORD})).status == 401
    assert (await change(broker, ada, "sue", disabled=False)).status == 200
    assert (await broker.request("GET", "/v1/me", token=token)).status == 401
    (listed,) = (await broker.request("GET", "/v1/people/sue/tokens", token=ada)).json["tokens"]
    every = (await broker.request("GET", "/v1/all-tokens", token=ada)).json["tokens"]
    assert every == [listed | {"user_name": "sue", "person": "Wei Example", "disabled": False}]
    assert (await broker.request("DELETE", f"/v1/people/sue/tokens/{listed['token_id']}", token=ada)).status == 204
    assert (await broker.request("GET", "/v1/me", token=made)).status == 401


async def test_a_lost_phone_and_a_forgotten_password_are_mended(broker: RunningBroker, ada: str) -> None:
    """The administrator takes the second factor away and hands over a new password; both end all logins."""
    token = await broker.login("wei")
    secret = (await broker.request("POST", "/v1/account/totp", {}, token=token)).json["secret"]
    body = {"password": PASSWORD, "secret": secret, "totp": pyotp.TOTP(secret).now()}
    assert (await broker.request("PUT", "/v1/account/totp", body, token=token)).status == 200
    assert (await broker.request("DELETE", "/v1/people/wei/totp", token=ada)).status == 204
    assert (await broker.request("GET", "/v1/me", token=token)).status == 401
    token = await broker.login("wei")
    logins = (await broker.request("GET", "/v1/people/wei/logins", token=ada)).json["logins"]
    assert [one["current"] for one in logins] == [False]
    assert (await broker.request("DELETE", "/v1/people/wei/logins", token=ada)).json == {"ended": 1}
    assert (await broker.request("GET", "/v1/me", token=token)).status == 401
    password = (await broker.request("POST", "/v1/people/wei/password", token=ada)).json["password"]
    refused = await broker.request("POST", "/v1/login", {"user_name": "wei", "password": PASSWORD})
    assert_problem(refused, 401, "login-refused")
    token = (await broker.request("POST", "/v1/login", {"user_name": "wei", "password": password})).json["token"]
    body = {"password": password, "new_password": PASSWORD}
    assert (await broker.request("POST", "/v1/account/password", body, token=token)).status == 204


async def test_an_api_token_does_what_it_was_given_and_no_more(broker: RunningBroker, ada: str) -> None:
    """Less than its maker may; never their account, people or customers; shown once, and not to be found afterwards."""
    wei = await broker.login("wei")
    body = {"password": PASSWORD, "name": "ticket system", "permissions": ["sessions"], "days": 30}
    assert (await broker.request("GET", "/v1/tokens", token=wei)).json["grantable"] == [
        "end",
        "notes",
        "queue",
        "sessions",
    ]
    for permissions in ([], ["health"], ["connect"], ["account"], ["people"], ["sessions", "events"]):
        refused = await broker.request("POST", "/v1/tokens", body | {"permissions": permissions}, token=wei)
        assert_problem(refused, 422, "token-too-powerful")
    wrong = await broker.request("POST", "/v1/tokens", body | {"password": "wrong password"}, token=wei)
    assert_problem(wrong, 403, "password-wrong")
    made = (await broker.request("POST", "/v1/tokens", body, token=wei)).json
    token, entry = made["token"], made["entry"]
    assert token.startswith("csk_")
    assert (await broker.request("GET", "/v1/sessions", token=token)).status == 200
    for path in ("/v1/certificate", "/v1/logout", "/v1/tokens", "/v1/account/totp"):
        assert_problem(await broker.request("POST", path, {}, token=token), 403, "token-not-allowed")
    assert_problem(await broker.request("GET", "/v1/people", token=token), 403, "not-allowed")
    (listed,) = (await broker.request("GET", "/v1/tokens", token=wei)).json["tokens"]
    assert (listed["name"], listed["address"]) == ("ticket system", "127.0.0.1")
    assert listed["last_used_at_ms"] >= entry["created_at_ms"]
    data = b"".join(path.read_bytes() for path in broker.settings.data_folder.glob("broker.sqlite3*"))
    assert token.encode() not in data
    assert (await broker.request("DELETE", f"/v1/tokens/{entry['token_id']}", token=wei)).status == 204
    assert_problem(await broker.request("GET", "/v1/sessions", token=token), 401, "api-token-over")
    assert_problem(await broker.request("DELETE", f"/v1/tokens/{entry['token_id']}", token=wei), 404, "token-unknown")


async def test_a_supervisor_sees_sessions_that_are_not_theirs(broker: RunningBroker) -> None:
    """In the list when they ask for all, and by its number; an engineer does not."""
    async with broker.agent() as (_, opened):
        session = opened.session_id.hex()
        sue, wei = await broker.login("sue"), await broker.login("wei")
        assert (await broker.request("GET", "/v1/sessions", token=sue)).json["sessions"] == []
        listed = (await broker.request("GET", "/v1/sessions?whose=all&state=open", token=sue)).json["sessions"]
        assert session in [one["session_id"] for one in listed]
        assert (await broker.request("GET", f"/v1/sessions/{session}", token=sue)).status == 200
        assert_problem(await broker.request("GET", "/v1/sessions?whose=all", token=wei), 403, "not-allowed")
        assert_problem(await broker.request("GET", f"/v1/sessions/{session}", token=wei), 404, "session-unknown")


async def test_every_decision_can_be_read_afterwards(broker: RunningBroker, ada: str) -> None:
    """Who did what to whom from where, the newest first, page by page; and nothing secret among it."""
    await broker.request("POST", "/v1/login", {"user_name": "wei", "password": "wrong password"})
    await change(broker, ada, "wei", role="supervisor")
    await change(broker, ada, "wei", role="engineer")
    newest = (await broker.request("GET", "/v1/events?limit=3", token=ada)).json
    kinds = [(one["kind"], one["actor"], one["user"]) for one in newest["events"]]
    assert kinds == [
        ("person_changed", "ada", "wei"), ("person_changed", "ada", "wei"), ("login_refused", "", "wei"),
    ]  # fmt: skip
    assert newest["events"][0]["facts"] == {"role": "engineer", "disabled": False}
    assert {one["address"] for one in newest["events"]} == {"127.0.0.1"}
    older = (await broker.request("GET", f"/v1/events?limit=3&before={newest['before']}", token=ada)).json
    assert max(one["event_id"] for one in older["events"]) < newest["events"][-1]["event_id"]
    everything = await broker.request("GET", "/v1/events?limit=500", token=ada)
    assert PASSWORD not in everything.body.decode()
    about_wei = (await broker.request("GET", "/v1/events?user=wei", token=ada)).json["events"]
    assert {one["user"] for one in about_wei} == {"wei"}


async def test_the_state_of_log_and_disk_is_shown_to_those_who_answer_for_it(broker: RunningBroker, ada: str) -> None:
    """A founded organisation's log holds its profile, and needs no witness where none is named."""
    shown = (await broker.request("GET", "/v1/health", token=ada)).json
    node, profile = shown["node"], broker.organisation.profile
    assert (node["address"], node["profile_version"]) == (profile.broker_origin, 1)
    # The certificate that was just made is neither late nor nothing.
    assert node["certificate"] is None or not node["certificate"]["is_late"]
    assert node["version"] == version("consentry")
    assert node["started_at_ms"] <= broker.server.broker.services.clock.unix_ms()
    assert (shown["log"]["size"], shown["log"]["whole"], shown["log"]["witnesses"]) == (1, True, [])
    assert shown["disk"]["takes_sessions"]
    assert shown["disk"]["free_bytes"] > 0


async def test_the_organisation_is_shown_by_what_people_compare(broker: RunningBroker, ada: str) -> None:
    """The root as receipts show it, the certificate as browsers do; what customers meet; nothing for engineers."""
    assert (await broker.request("GET", "/v1/organisation", token=await broker.login("wei"))).status == 403
    shown = (await broker.request("GET", "/v1/organisation", token=ada)).json
    organisation = broker.organisation
    keys = {one["name"]: one["fingerprint"] for one in shown["keys"]}
    assert keys["root"] == root_fingerprint(organisation.root_public_key)
    assert keys["engineer-ca"] == root_fingerprint(organisation.profile.engineer_ca_key)
    certificate = x509.load_pem_x509_certificate(organisation.profile.broker_certificate_pem.encode())
    assert keys["tls"].replace(":", "").lower() == certificate.fingerprint(hashes.SHA256()).hex()
    ends = {one["name"]: one["valid_until_ms"] for one in shown["keys"]}
    assert (ends["tls"], ends["root"]) == (certificate.not_valid_after_utc.timestamp() * 1000, None)
    assert "ssh-gateway" not in keys
    assert (shown["share_url"], shown["version"]) == (str(organisation.share_url), organisation.profile.version)
    assert (shown["recipients"], shown["ssh_gateway_open"], shown["audit_services"]) == ([], False, [])
