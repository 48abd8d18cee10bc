"""Passkeys over the API, with an authenticator that can lie about each thing that is checked."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio

from broker.config import Settings
from serving.identity.passkeys import LastPasskey
from tests.broker.harness import ORIGIN, Answer, FakeClock, RunningBroker, add_user, found, make_settings, running
from tests.broker.http_api.test_api import LOGIN, assert_problem
from tests.helpers.authenticator import HAS_KEY, PRESENT, VERIFIED, Authenticator, from_base64url, to_base64url
from tests.helpers.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Owner:
    """Wei, signed in with a password, and a device with one passkey that counts what it signs."""

    broker: RunningBroker
    clock: FakeClock
    visitor: Visitor
    device: Authenticator
    passkey_id: int
    elsewhere: Visitor
    """Another browser."""
    count: int = 0

    async def sign_in(
        self, change: Callable[[Authenticator], Authenticator] = lambda honest: honest, **how: str
    ) -> tuple[Visitor, Answer, dict[str, str]]:
        """In another browser. With what was sent."""
        visitor = self.elsewhere
        visitor.cookies.clear()
        begun = (await visitor.post("/v1/passkey-login/begin")).json
        self.count += 1
        credential = change(self.device.but(count=self.count)).get(begun["options"], **how)
        answer = await visitor.post("/v1/passkey-login", {"ceremony": begun["ceremony"], "credential": credential})
        return visitor, answer, {"ceremony": begun["ceremony"], "credential": credential}


async def signed_in(broker: RunningBroker, user_name: str = "wei") -> Visitor:
    visitor = Visitor(broker)
    answer = await visitor.post("/v1/browser-login", LOGIN | {"user_name": user_name})
    assert answer.status == 200, answer.body
    return visitor


async def register(visitor: Visitor, device: Authenticator, name: str = "Laptop") -> tuple[dict[str, str], Answer]:
    begun = (await visitor.post("/v1/passkeys/begin")).json
    made = device.create(begun["options"])
    return begun, await visitor.post("/v1/passkeys", {"ceremony": begun["ceremony"], "credential": made, "name": name})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Owner]:
    settings = make_settings(tmp_path_factory.mktemp("passkeys") / "data")
    organisation, clock = found(settings), FakeClock()
    await add_user(settings)
    async with running(settings, organisation, clock=clock) as broker:
        visitor = await signed_in(broker)
        begun, _ = await register(visitor, Authenticator(ORIGIN, "localhost"))
        handle = from_base64url(json.loads(begun["options"])["user"]["id"])
        device = Authenticator(ORIGIN, "localhost", user_handle=handle)
        _, answer = await register(visitor, device, "Counting key")
        yield Owner(broker, clock, visitor, device, answer.json["passkey_id"], Visitor(broker))


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def forgiven(owner: Owner) -> None:
    """What a test did wrong is not counted against the next one."""
    owner.clock.advance(1)
    assert (await owner.sign_in())[1].status == 200


async def test_a_passkey_signs_in_without_a_password(owner: Owner) -> None:
    """In a cookie like every browser's login; twice, and the list says when it was last used."""
    for _ in range(2):
        visitor, answer, _sent = await owner.sign_in()
        assert answer.json["user_name"] == "wei"
        assert await visitor.user_name() == "wei"
    listed = (await owner.visitor.get("/v1/passkeys")).json["passkeys"]
    used = next(one for one in listed if one["passkey_id"] == owner.passkey_id)
    assert used["name"] == "Counting key"
    assert used["last_used_at_ms"] > used["created_at_ms"]


async def test_what_is_asked_of_the_device(owner: Owner) -> None:
    """A person verified, a key that is found without a name; of them a random handle, the same for all their keys."""
    begun = json.loads((await owner.visitor.post("/v1/passkeys/begin")).json["options"])
    assert begun["rp"] == {"id": "localhost", "name": "Example Support"}
    assert begun["authenticatorSelection"]["userVerification"] == "required"
    assert begun["authenticatorSelection"]["residentKey"] == "required"
    assert begun["attestation"] == "none"
    assert len(begun["excludeCredentials"]) == 2
    assert from_base64url(begun["user"]["id"]) == owner.device.user_handle
    get = json.loads((await owner.elsewhere.post("/v1/passkey-login/begin")).json["options"])
    assert (get["rpId"], get["userVerification"], get.get("allowCredentials")) == ("localhost", "required", [])
    assert len(from_base64url(get["challenge"])) == 32


LIES: dict[str, Callable[[Authenticator], Authenticator]] = {
    "another origin": lambda one: one.but(origin="https://localhost:8444"),
    "an origin that begins alike": lambda one: one.but(origin=ORIGIN + ".evil.example"),
    "another place": lambda one: one.but(rp_id="evil.example"),
    "nobody verified": lambda one: one.but(flags=PRESENT),
    "nobody present": lambda one: one.but(flags=VERIFIED),
    "another key": lambda one: one.but(key=Authenticator("", "").key),
    "an unknown passkey": lambda one: one.but(credential_id=b"\x01" * 32),
    "another person": lambda one: one.but(user_handle=b"\x01" * 32),
    "flags without their data": lambda one: one.but(flags=PRESENT | VERIFIED | HAS_KEY),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_signs_nobody_in(owner: Owner, lie: str) -> None:
    """Each thing that is checked, wrong alone; all refusals sound alike."""
    visitor, answer, _ = await owner.sign_in(LIES[lie])
    assert_problem(answer, 403, "passkey-refused")
    assert visitor.cookies == {}


async def test_an_answer_is_for_its_own_challenge(owner: Owner) -> None:
    """Not for another's, nor for a registration's."""
    for how in ({"challenge": to_base64url(b"\x01" * 32)}, {"kind": "webauthn.create"}):
        _, answer, _ = await owner.sign_in(**how)
        assert_problem(answer, 403, "passkey-refused")


async def test_a_challenge_is_used_once(owner: Owner) -> None:
    """Whoever copied the whole answer gets nothing for it; the ceremony of a registration is none for signing in."""
    _, answer, sent = await owner.sign_in()
    assert answer.status == 200
    assert_problem(await owner.elsewhere.post("/v1/passkey-login", sent), 403, "ceremony-over")
    registration = (await owner.visitor.post("/v1/passkeys/begin")).json["ceremony"]
    answer = await owner.elsewhere.post("/v1/passkey-login", sent | {"ceremony": registration})
    assert_problem(answer, 403, "ceremony-over")


async def test_a_counter_that_goes_back_is_an_alert(owner: Owner) -> None:
    """There are two of that key: neither an old count nor the same again is taken, and somebody is told."""
    assert (await owner.sign_in())[1].status == 200
    for count in (owner.count, owner.count - 1, 0):
        _, answer, _ = await owner.sign_in(lambda one, count=count: one.but(count=count))
        assert_problem(answer, 403, "passkey-copied")
    metrics = (await owner.broker.request("GET", "/metrics")).body.decode()
    assert 'consentry_alerts_total{kind="passkey_copied"} 3.0' in metrics
    assert (await owner.sign_in())[1].status == 200


GARBAGE = ["", "null", "[]", "{}", '{"id":1}', "[" * 8000, '{"id":"a","rawId":"a","type":"public-key","response":{}}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {
        "clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA", "attestationObject": "v7-_"}}),
    json.dumps({"id": "é", "rawId": "%", "type": "x", "response": None})]  # fmt: skip


@pytest.mark.parametrize("credential", GARBAGE)
async def test_garbage_gets_one_sentence(owner: Owner, credential: str) -> None:
    """On both doors."""
    begun = (await owner.elsewhere.post("/v1/passkey-login/begin")).json["ceremony"]
    answer = await owner.elsewhere.post("/v1/passkey-login", {"ceremony": begun, "credential": credential})
    assert_problem(answer, 403, "passkey-refused")
    begun = (await owner.visitor.post("/v1/passkeys/begin")).json["ceremony"]
    body = {"ceremony": begun, "credential": credential, "name": "x"}
    assert_problem(await owner.visitor.post("/v1/passkeys", body), 403, "passkey-unusable")


@pytest.mark.parametrize(
    ("lie", "how"),
    [(LIES["another origin"], {}), (LIES["another place"], {}), (LIES["nobody verified"], {}),
     (lambda one: one, {"kind": "webauthn.get"}), (lambda one: one, {"attestation": "tpm"}),
     (lambda one: one, {"attestation": "android-safetynet"})],
)  # fmt: skip
async def test_a_lie_registers_nothing(
    owner: Owner, lie: Callable[[Authenticator], Authenticator], how: dict[str, str]
) -> None:
    """Formats of attestation that nobody asked for are not even parsed."""
    begun = (await owner.visitor.post("/v1/passkeys/begin")).json
    made = lie(Authenticator(ORIGIN, "localhost")).create(begun["options"], **how)
    answer = await owner.visitor.post(
        "/v1/passkeys", {"ceremony": begun["ceremony"], "credential": made, "name": "Key"}
    )
    assert_problem(answer, 403, "passkey-unusable")


async def test_only_whoever_has_just_signed_in_adds_one(owner: Owner) -> None:
    """A page that was left open, or a cookie that was stolen, gives nobody a key to keep."""
    await owner.visitor.post("/v1/browser-login", LOGIN)
    owner.clock.advance(10 * 60_000 - 1)
    assert (await owner.visitor.post("/v1/passkeys/begin")).status == 200
    owner.clock.advance(1)
    assert_problem(await owner.visitor.post("/v1/passkeys/begin"), 403, "fresh-sign-in-needed")
    await owner.visitor.post("/v1/browser-login", LOGIN)


async def test_one_persons_registration_is_no_other_persons(owner: Owner) -> None:
    """A ceremony belongs to whoever began it; a passkey to whoever added it first; only its owner changes it."""
    await add_user(owner.broker.settings, "li", "E-2")
    li = await signed_in(owner.broker, "li")
    begun = (await owner.visitor.post("/v1/passkeys/begin")).json
    made = Authenticator(ORIGIN, "localhost").create(begun["options"])
    stolen = {"ceremony": begun["ceremony"], "credential": made, "name": "x"}
    assert_problem(await li.post("/v1/passkeys", stolen), 403, "passkey-unusable")
    _, answer = await register(li, owner.device)
    assert_problem(answer, 403, "passkey-known")
    for what, body in (("remove", None), ("rename", {"name": "mine"})):
        answer = await li.post(f"/v1/passkeys/{owner.passkey_id}/{what}", body)
        assert_problem(answer, 404, "passkey-unknown")
    assert (await li.get("/v1/passkeys")).json == {"passkeys": []}


async def test_renamed_and_removed(owner: Owner) -> None:
    """The name is its owner's; what was removed signs nobody in."""
    device = Authenticator(ORIGIN, "localhost")
    _, answer = await register(owner.visitor, device)
    path = f"/v1/passkeys/{answer.json['passkey_id']}"
    assert_problem(await owner.visitor.post(f"{path}/rename", {"name": " "}), 422, "user-text-unusable")
    assert (await owner.visitor.post(f"{path}/rename", {"name": "王's phone"})).status == 204
    assert "王's phone" in [one["name"] for one in (await owner.visitor.get("/v1/passkeys")).json["passkeys"]]
    assert (await owner.visitor.post(f"{path}/remove")).status == 204
    assert_problem((await owner.sign_in(lambda _: device))[1], 403, "passkey-refused")


async def test_the_only_way_in_is_not_removed(owner: Owner) -> None:
    """Where there are neither passwords nor a provider, the last one stays; the one before it goes."""
    await add_user(owner.broker.settings, "mo", "E-3")
    services = owner.broker.server.broker.services
    assert services.passkeys is not None
    visitor, found_mo = await signed_in(owner.broker, "mo"), await services.users.find("mo")
    assert found_mo is not None
    mo, _ = found_mo
    answers = [(await register(visitor, Authenticator(ORIGIN, "localhost")))[1] for _ in range(2)]
    first, last = (answer.json["passkey_id"] for answer in answers)
    await services.passkeys.remove(mo, first, is_only_way=True)
    with pytest.raises(LastPasskey):
        await services.passkeys.remove(mo, last, is_only_way=True)
    assert (await visitor.post(f"/v1/passkeys/{last}/remove")).status == 204  # there are passwords here


async def test_passkeys_are_for_our_own_pages(owner: Owner) -> None:
    """Neither begun nor finished for another site, and listed for nobody who is not signed in."""
    for path in ("/v1/passkey-login/begin", "/v1/passkey-login"):
        body = {"ceremony": "x", "credential": "x"}
        answer = await owner.broker.request("POST", path, body, headers={"Origin": "https://evil.example"})
        assert_problem(answer, 403, "origin-foreign")
    assert_problem(await owner.broker.request("GET", "/v1/passkeys"), 401, "not-logged-in")


async def test_wrong_passkeys_slow_an_address_down(owner: Owner) -> None:
    """As wrong passwords do; and one that is right forgets them."""
    for _ in range(20):
        answer = await owner.elsewhere.post("/v1/passkey-login", {"ceremony": "x", "credential": "x"})
        assert_problem(answer, 403, "ceremony-over")
    assert_problem((await owner.sign_in())[1], 429, "login-locked")
    owner.clock.advance(2_000)
    assert (await owner.sign_in())[1].status == 200


async def test_passwords_can_be_turned_off(settings: Settings) -> None:
    """Then no password is asked for, and none is right; a broker at a bare number has no passkeys."""
    changed = settings.model_copy(update={"password_login": False})
    organisation = found(changed, origin="https://127.0.0.1:8443")
    await add_user(changed)
    async with running(changed, organisation) as broker:
        ways = (await broker.request("GET", "/v1/sign-in-ways")).json
        assert ways == {"password": False, "passkey": False, "provider": None}
        assert_problem(await broker.request("POST", "/v1/login", LOGIN), 403, "way-off")
        answer = await broker.request(
            "POST", "/v1/passkey-login/begin", {}, headers={"Origin": "https://127.0.0.1:8443"}
        )
        assert_problem(answer, 403, "way-off")


async def test_a_locked_account_is_told_so(owner: Owner) -> None:
    """To whoever proved that it is theirs, and only to them."""
    users = owner.broker.server.broker.services.users
    found_user = await users.find("wei")
    assert found_user
    await users.set_disabled(found_user[0].user_id, disabled=True)
    assert_problem((await owner.sign_in())[1], 403, "account-locked")
    assert_problem((await owner.sign_in(LIES["another key"]))[1], 403, "passkey-refused")
    await users.set_disabled(found_user[0].user_id, disabled=False)
