"""Signing in by an OpenID provider, over the API, with a provider that can be hostile in every way that is checked."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, OctKey, RSAKey

from broker.storage.provider_people import SqlProviderPeople
from serving.http.encoding import encode_bytes
from tests.broker.harness import (
    ORIGIN,
    PASSWORD,
    Answer,
    FakeClock,
    RunningBroker,
    add_user,
    found,
    make_settings,
    running,
)
from tests.broker.http_api.test_api import assert_problem
from tests.broker.http_api.test_passkeys import register, signed_in
from tests.helpers.authenticator import Authenticator
from tests.helpers.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    ISSUER,
    FakeProvider,
    signed_with_public_key_as_secret,
    unsigned,
)
from tests.helpers.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLBACK = "/v1/oidc/callback"
HOUR_MS = 3_600_000


@dataclass
class House:
    broker: RunningBroker
    clock: FakeClock
    provider: FakeProvider
    visitor: Visitor
    first_key: RSAKey

    async def begin(self, **body: Any) -> str:
        answer = await self.visitor.post("/v1/oidc/begin", body)
        assert answer.status == 200, answer.body
        return str(answer.json["url"])

    async def come_back(self, query: dict[str, str]) -> str:
        """Where the broker sends the browser then."""
        answer = await self.visitor.arrive(f"{CALLBACK}?{urlencode(query)}")
        assert answer.status == 303
        assert answer.body == b""
        return answer.headers["location"]

    async def alerts(self) -> float:
        text = (await self.broker.request("GET", "/metrics")).body.decode()
        found = re.search(r'alerts_total{kind="provider_answer_refused"} (\S+)', text)
        return float(found[1]) if found else 0.0

    async def sign_in(self, **body: Any) -> str:
        return await self.come_back(self.provider.authorize(await self.begin(**body)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("openid")
    (folder / "secret").write_text(f"{CLIENT_SECRET}\n")
    settings = make_settings(
        folder / "data",
        oidc_issuer=ISSUER,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret_file=folder / "secret",
        oidc_name="Example ID",
        oidc_acr_values="phr phrh",
        fresh_minutes=15,
        oidc_roles="leads=supervisor; cn=support,ou=groups=engineer",
        oidc_teams="berlin=Berlin; ou=muc,dc=x=München",
    )
    organisation, clock = found(settings), FakeClock()
    await add_user(settings)
    provider = FakeProvider(clock)
    async with running(settings, organisation, clock=clock, provider_door=provider) as broker:
        yield House(broker, clock, provider, Visitor(broker), provider.key)


@pytest_asyncio.fixture(loop_scope="module")
async def house(whole: House) -> House:
    """With an honest provider, nobody signed in, and nothing counted against anybody."""
    for name, value in vars(FakeProvider(whole.clock, key=whole.first_key)).items():
        setattr(whole.provider, name, value)
    whole.clock.advance(3_600_000)
    whole.visitor.cookies.clear()
    return whole


async def test_the_page_learns_how_people_sign_in_here(house: House) -> None:
    """Before anybody has signed in."""
    ways = (await house.visitor.get("/v1/sign-in-ways")).json
    assert ways == {"password": True, "passkey": True, "provider": "Example ID"}


async def test_somebody_who_comes_for_the_first_time_is_added(house: House) -> None:
    """With the name and the staff number that the provider says; the next time they are the same person, renamed."""
    assert await house.sign_in() == "/console/"
    me = (await house.visitor.get("/v1/me")).json
    assert (me["user_name"], me["name"], me["staff_number"]) == ("ada", "Ada Example", "E-100")
    house.provider.person |= {"name": "Ada Married", "preferred_username": "a.married"}
    assert await house.sign_in() == "/console/"
    me = (await house.visitor.get("/v1/me")).json
    assert (me["user_name"], me["name"]) == ("ada", "Ada Married")


async def test_people_come_back_to_where_they_were(house: House) -> None:
    """On our page, and nowhere else."""
    assert await house.sign_in(place="#/account") == "/console/#/account"
    for place in ("https://evil.example", "//evil.example", "#/a\r\nx: y", "/account", "#/" + 61 * "a"):
        answer = await house.visitor.post("/v1/oidc/begin", {"place": place})
        assert_problem(answer, 422, "request-malformed")


async def test_what_the_browser_is_given(house: House) -> None:
    """On the way: state, nonce and challenge, new each time; a cookie for the way back; at the end that one is taken,
    and the login's cookie is Strict."""
    house.provider.acr = "phr"
    first, second = await house.begin(), await house.begin(fresh=True)
    assert first.startswith(f"{ISSUER}/authorize?tenant=1&")
    asked, asked_again = (dict(parse_qsl(urlsplit(url).query)) for url in (first, second))
    assert asked["redirect_uri"] == ORIGIN + CALLBACK
    assert (asked["client_id"], asked["scope"]) == (CLIENT_ID, "openid profile")
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert asked[name] != asked_again[name]
    assert "prompt" not in asked
    assert (asked_again["prompt"], asked_again["max_age"]) == ("login", "0")
    kept = house.visitor.set_cookies[0].lower()
    assert kept.startswith("__host-consentry-oidc=")
    assert all(word in kept for word in ("httponly", "secure", "samesite=lax", "path=/", "max-age=600"))
    await house.come_back(house.provider.authorize(second))
    login, gone = house.visitor.set_cookies
    assert "samesite=strict" in login.lower()
    assert gone.startswith("__Host-consentry-oidc=")
    assert "Max-Age=0" in gone


def changed(**claims: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """With these claims instead; None leaves one out."""
    return lambda honest: {name: value for name, value in {**honest, **claims}.items() if value is not None}


CLAIMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another nonce": changed(nonce="x" * 43),
    "no nonce": changed(nonce=None),
    "a nonce that is no text": changed(nonce=5),
    "for somebody else": changed(aud="other"),
    "for nobody": changed(aud=None),
    "for us and others, unasked": changed(aud=[CLIENT_ID, "other"]),
    "asked for by somebody else": changed(azp="other"),
    "for us and others, asked by others": changed(aud=[CLIENT_ID, "other"], azp="other"),
    "by another issuer": changed(iss="https://evil.example"),
    "by an issuer with a slash more": changed(iss=ISSUER + "/"),
    "by no issuer": changed(iss=None),
    "about nobody": changed(sub=None),
    "about an empty somebody": changed(sub=""),
    "about a number": changed(sub=5),
    "without an end": changed(exp=None),
    "with an end that is text": changed(exp="tomorrow"),
    "without a beginning": changed(iat=None),
    "auth_time in words": changed(auth_time="now"),
    "not yet good": lambda honest: {**honest, "nbf": honest["iat"] + 3600},
    "signed in tomorrow": lambda honest: {**honest, "auth_time": honest["iat"] + 86_400},
}


@pytest.mark.parametrize("kind", CLAIMS)
async def test_a_token_with_a_wrong_claim_is_refused(house: House, kind: str) -> None:
    """Signed rightly, each of them; nobody is signed in, and the page has words for it."""
    house.provider.claims = CLAIMS[kind]
    assert await house.sign_in() == "/console/#/refused/id-token-refused"
    assert house.visitor.cookies == {}


@pytest.mark.parametrize(("seconds", "off"), [(61, True), (86_400, True), (-360, True), (60, False), (-359, False)])
async def test_a_provider_with_another_clock_is_called_so(house: House, seconds: int, off: bool) -> None:
    """Its tokens live for five minutes, and a minute is forgiven; the alert says how far the two are apart."""
    house.provider.claims = lambda honest: honest | {name: honest[name] + seconds for name in ("iat", "exp")}
    alerts = await house.alerts()
    assert await house.sign_in() == f"/console/{'#/refused/provider-clock-off' if off else ''}"
    assert await house.alerts() == alerts + off


async def test_a_token_from_yesterday_without_an_end_in_sight_is_of_another_clock(house: House) -> None:
    """It answers what was asked a moment ago."""
    house.provider.claims = lambda honest: {**honest, "iat": honest["iat"] - 86_400}
    assert await house.sign_in() == "/console/#/refused/provider-clock-off"


async def test_a_token_of_another_request_says_nothing_of_clocks(house: House) -> None:
    """It may be as old as it likes."""
    house.provider.claims = changed(nonce="x" * 43, iat=1, exp=2)
    assert await house.sign_in() == "/console/#/refused/id-token-refused"


SIGNED: dict[str, Callable[[FakeProvider, dict[str, Any]], str]] = {
    "by nobody": unsigned,
    "with the public key as a secret": signed_with_public_key_as_secret,
    "with our secret": lambda one, claims: one.signed(claims, OctKey.import_key(CLIENT_SECRET * 4), alg="HS256"),
    "by another key of the same name": lambda one, claims: one.signed(claims, RSAKey.generate_key(2048)),
    "by a key of another kind": lambda one, claims: one.signed(claims, ECKey.generate_key(), alg="ES256"),
    "with a key that it brings along": lambda one, claims: one.signed(
        claims, (own := RSAKey.generate_key(2048)), jwk=own.as_dict(private=False)
    ),
    "cut": lambda one, claims: one.signed(claims)[:-10],
    "changed": lambda one, claims: one.signed(claims).replace(".", ".A", 1),
    "without a signature": lambda one, claims: one.signed(claims).rpartition(".")[0] + ".",
    "as no token": lambda one, claims: "x.y.z",
    "as nothing": lambda one, claims: "",
    "as a flood": lambda one, claims: "x" * 100_000,
    "with critical unknowns": lambda one, claims: one.signed(claims).replace("eyJ", "eyI", 1),
}


@pytest.mark.parametrize("kind", SIGNED)
async def test_a_token_that_the_provider_did_not_sign_is_refused(house: House, kind: str) -> None:
    """Also where discovery says that anything goes: which algorithms count is ours to say."""
    house.provider.sign = SIGNED[kind]
    alerts = await house.alerts()
    assert await house.sign_in() == "/console/#/refused/id-token-refused"
    assert house.visitor.cookies == {}
    assert await house.alerts() == alerts + 1


async def test_an_unknown_key_makes_us_look_for_new_ones_but_not_often(house: House) -> None:
    """A provider that rotates its keys loses nobody; one that names keys at random gets one request a minute."""
    assert await house.sign_in() == "/console/"
    house.provider.new_key()
    house.clock.advance(60_000)
    assert await house.sign_in() == "/console/"
    house.provider.requests.clear()
    house.provider.sign = lambda one, claims: one.signed(claims, kid="three")
    for _ in range(3):
        assert await house.sign_in() == "/console/#/refused/signing-key-unknown"
    assert house.provider.requests.count(f"{ISSUER}/keys") == 0
    house.clock.advance(60_000)
    for _ in range(3):
        assert await house.sign_in() == "/console/#/refused/signing-key-unknown"
    assert house.provider.requests.count(f"{ISSUER}/keys") == 1


async def test_another_key_under_the_name_of_the_old_one_is_looked_for_too(house: House) -> None:
    """A provider that was set up anew loses nobody for an hour; one that signs wrongly gets one request a minute."""
    assert await house.sign_in() == "/console/"
    house.provider.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    house.clock.advance(60_000)
    assert await house.sign_in() == "/console/"
    house.provider.requests.clear()
    forger = RSAKey.generate_key(2048, {"kid": "one"})
    house.provider.sign = lambda one, claims: one.signed(claims, forger)
    house.clock.advance(60_000)
    for _ in range(3):
        assert await house.sign_in() == "/console/#/refused/id-token-refused"
    assert house.provider.requests.count(f"{ISSUER}/keys") == 1


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_keys_that_are_too_weak_or_of_another_kind_are_passed_over(house: House) -> None:
    """Secrets, short keys, keys for encryption and nonsense among the keys harm nobody, and count for nothing."""
    weak = RSAKey.generate_key(1024, {"kid": "weak"})
    secret = {"kty": "oct", "kid": "secret", "k": "AAAA"}
    house.provider.shown = [weak.as_dict(private=False), secret, {"kty": "RSA"}, {"kty": 5}, None, "x", {"use": "enc"}]
    house.clock.advance(3_600_000)
    assert await house.sign_in() == "/console/"
    house.provider.sign = lambda one, claims: one.signed(claims, weak, kid="weak")
    assert await house.sign_in() == "/console/#/refused/signing-key-unknown"


async def test_an_answer_is_for_the_browser_that_asked(house: House) -> None:
    """Neither with somebody else's cookie, nor with none: else a thief could sign others in as themselves."""
    answer = house.provider.authorize(await house.begin())
    stolen = dict(house.visitor.cookies)
    await house.begin()
    assert await house.come_back(answer) == "/console/#/refused/sign-in-not-ours"
    house.visitor.cookies.clear()
    assert await house.come_back(answer) == "/console/#/refused/ceremony-over"
    house.visitor.cookies |= stolen
    assert await house.come_back(answer | {"state": ""}) == "/console/#/refused/sign-in-not-ours"


async def test_an_answer_counts_once(house: House) -> None:
    """A second time neither the cookie nor the code does, also together; and nobody loses the login they have."""
    answer = house.provider.authorize(await house.begin())
    kept = dict(house.visitor.cookies)
    assert await house.come_back(answer) == "/console/"
    house.visitor.cookies |= kept
    assert await house.come_back(answer) == "/console/#/refused/ceremony-over"
    again = house.provider.authorize(await house.begin())
    assert await house.come_back(again | {"code": answer["code"]}) == "/console/#/refused/code-refused"
    assert await house.visitor.user_name() == "ada"


async def test_a_code_of_another_sign_in_is_no_use(house: House) -> None:
    """PKCE: a code that was stolen on its way is bound to a secret that never left us."""
    stolen = house.provider.authorize(await house.begin())["code"]
    mine = house.provider.authorize(await house.begin())
    assert await house.come_back(mine | {"code": stolen}) == "/console/#/refused/code-refused"


async def test_a_late_answer_is_refused(house: House) -> None:
    """After ten minutes."""
    answer = house.provider.authorize(await house.begin())
    house.clock.advance(600_000)
    assert await house.come_back(answer) == "/console/#/refused/ceremony-over"


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
async def test_another_providers_answer_is_refused(house: House, issuer: str | None) -> None:
    """The mix-up (RFC 9207): a provider that says whose its answers are is held to it."""
    answer: dict[str, Any] = house.provider.authorize(await house.begin()) | {"iss": issuer}
    answer = {name: value for name, value in answer.items() if value is not None}
    house.provider.requests.clear()
    assert await house.come_back(answer) == "/console/#/refused/sign-in-not-ours"
    assert f"{ISSUER}/token" not in house.provider.requests


@pytest.mark.parametrize(
    ("query", "code"),
    [({"error": "access_denied"}, "provider-said-no"), ({"error": "\r\nx: y", "code": "c"}, "provider-said-no"),
     ({}, "sign-in-not-ours"), ({"code": ""}, "sign-in-not-ours"), ({"code": "x" * 5000}, "sign-in-not-ours")],
)  # fmt: skip
async def test_an_answer_without_a_code(house: House, query: dict[str, str], code: str) -> None:
    """The provider's own words are never shown: anybody could write them into a link."""
    state = house.provider.authorize(await house.begin())["state"]
    assert await house.come_back({"state": state, "iss": ISSUER, **query}) == f"/console/#/refused/{code}"


DISCOVERY: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "keys over plain http": {"jwks_uri": "http://id.example.org/keys"},
    "an address with a password": {"token_endpoint": "https://a:b@id.example.org/token"},
    "a script for an address": {"authorization_endpoint": "javascript:alert(1)"},
    "HMAC alone": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    "a number for an address": {"token_endpoint": 5},
}


@pytest.mark.parametrize("kind", DISCOVERY)
async def test_a_discovery_that_does_not_fit_begins_nothing(house: House, kind: str) -> None:
    """Nobody is sent anywhere by it."""
    house.provider.discovery = DISCOVERY[kind]
    house.clock.advance(3_600_000)
    assert_problem(await house.visitor.post("/v1/oidc/begin", {}), 400, "provider-broken")
    house.provider.discovery = {}


async def test_a_provider_that_is_away_is_not_asked_by_everybody(house: House) -> None:
    """Within five seconds all get the same answer; then it is asked again."""
    house.clock.advance(3_600_000)
    house.provider.discovery = DISCOVERY["another issuer"]
    house.provider.requests.clear()
    for _ in range(3):
        assert (await house.visitor.post("/v1/oidc/begin", {})).status == 400
    assert len(house.provider.requests) == 1
    house.provider.discovery = {}
    house.clock.advance(5_000)
    assert await house.sign_in() == "/console/"


@pytest.mark.parametrize(
    ("person", "code"),
    [({"groups": ["everybody"]}, "no-role-here"), ({"groups": []}, "no-role-here"), ({"groups": None}, "no-role-here"),
     ({"groups": "support"}, "no-role-here"), ({"groups": {"cn=support,ou=groups": 1}}, "no-role-here"),
     ({"staff_number": None}, "claim-missing"), ({"staff_number": ["E-1"]}, "claim-missing"),
     ({"name": "\u202eeve"}, "claim-missing"), ({"name": ""}, "claim-missing"), ({"name": True}, "claim-missing"),
     ({"preferred_username": "@example.org"}, "claim-missing"),
     ({"sub": "2", "preferred_username": "wei", "staff_number": "E-7"}, "person-clashes"),
     ({"sub": "3", "preferred_username": "eve", "staff_number": "E-1"}, "person-clashes")],
)  # fmt: skip
async def test_who_may_not_come_in_is_told_why(house: House, person: dict[str, Any], code: str) -> None:
    """In none of the groups, without what customers must read, or with somebody else's name: refused in a sentence."""
    house.provider.person |= person
    house.provider.person = {name: value for name, value in house.provider.person.items() if value is not None}
    assert await house.sign_in() == f"/console/#/refused/{code}"
    assert house.visitor.cookies == {}


async def test_somebody_who_was_linked_is_who_they_were(house: House) -> None:
    """By an administrator: the account that they had, with what the provider says of them from now on."""
    services = house.broker.server.broker.services
    wei = await services.users.find("wei")
    assert wei
    assert services.openid
    people = services.openid.admission.people
    assert isinstance(people, SqlProviderPeople)
    await people.link(ISSUER, "4711", wei[0].user_id, 1)
    house.provider.person |= {"sub": "4711", "preferred_username": "w.e", "name": "Wei E.", "staff_number": "E-1"}
    assert await house.sign_in() == "/console/"
    me = (await house.visitor.get("/v1/me")).json
    assert (me["user_name"], me["name"], me["role"]) == ("wei", "Wei E.", "engineer")


async def test_another_group_is_another_role_and_ends_what_was_begun_before(house: House) -> None:
    """Whoever was moved keeps no login with what they might do until then."""
    assert await house.sign_in() == "/console/"
    earlier = dict(house.visitor.cookies)
    house.provider.person["groups"] = ["leads"]
    assert await house.sign_in() == "/console/"
    assert (await house.visitor.get("/v1/me")).json["role"] == "supervisor"
    house.visitor.cookies = earlier
    assert await house.visitor.user_name() is None


async def test_whoever_lost_all_their_groups_is_logged_out_everywhere(house: House) -> None:
    """At the moment when the provider says so: nothing of before goes on; with a group they are back."""
    assert await house.sign_in() == "/console/"
    earlier, groups = dict(house.visitor.cookies), house.provider.person["groups"]
    house.provider.person["groups"] = ["everybody"]
    assert await house.sign_in() == "/console/#/refused/no-role-here"
    house.visitor.cookies = earlier
    assert await house.visitor.user_name() is None
    newest = await house.broker.server.broker.services.events.newest(None, 2)
    event = newest[1].event
    assert (event.kind, event.actor, event.subject) == ("login_revoked", "openid-provider", "ada")
    house.provider.person["groups"] = groups
    assert await house.sign_in() == "/console/"


async def test_whoever_came_by_the_provider_is_asked_for_no_password(house: House) -> None:
    """Also when they have signed in with a passkey: the page learns that they have none, and of others that they do."""
    house.provider.acr = "phr"
    assert await house.sign_in(fresh=True) == "/console/"
    assert (await house.visitor.get("/v1/me")).json["password"] is False
    device = Authenticator(ORIGIN, "localhost")
    _, added = await register(house.visitor, device)
    begun = (await house.visitor.post("/v1/passkey-login/begin")).json
    body = {"ceremony": begun["ceremony"], "credential": device.get(begun["options"])}
    me = (await house.visitor.post("/v1/passkey-login", body)).json
    assert (me["user_name"], me["method"], me["password"]) == ("ada", "passkey", False)
    path = f"/v1/passkeys/{added.json['passkey_id']}/remove"
    assert (await house.visitor.post(path)).status == 204  # the provider lets them in
    wei = (await Visitor(house.broker).post("/v1/browser-login", {"user_name": "wei", "password": PASSWORD})).json
    assert wei["password"] is True


async def with_passkey(visitor: Visitor, device: Authenticator) -> Answer:
    begun = (await visitor.post("/v1/passkey-login/begin")).json
    body = {"ceremony": begun["ceremony"], "credential": device.get(begun["options"])}
    return await visitor.post("/v1/passkey-login", body)


async def test_a_passkey_is_no_way_around_groups_that_are_gone(house: House) -> None:
    """A day after the provider last said what somebody may be, it is asked again; what it says then counts."""
    house.provider.acr = "phr"
    await house.sign_in(fresh=True)
    device, groups = Authenticator(ORIGIN, "localhost"), house.provider.person["groups"]
    await register(house.visitor, device)
    house.clock.advance(24 * HOUR_MS - 1)
    assert (await with_passkey(house.visitor, device)).status == 200
    house.clock.advance(1)
    house.visitor.cookies.clear()
    refused = await with_passkey(house.visitor, device)
    assert_problem(refused, 403, "provider-sign-in-needed")
    assert "Sign in with Example ID this time" in refused.json["detail"]
    assert house.visitor.cookies == {}
    house.provider.person["groups"] = ["everybody"]
    assert await house.sign_in() == "/console/#/refused/no-role-here"
    assert_problem(await with_passkey(house.visitor, device), 403, "provider-sign-in-needed")
    house.provider.person["groups"] = groups
    assert await house.sign_in() == "/console/"
    assert (await with_passkey(house.visitor, device)).status == 200


async def test_whoever_no_provider_knows_is_not_sent_there(house: House) -> None:
    """An administrator with a password of their own comes in while the provider is away."""
    await add_user(house.broker.settings, "root", "E-9")
    house.clock.advance(1000 * HOUR_MS)
    answer = await Visitor(house.broker).post("/v1/browser-login", {"user_name": "root", "password": PASSWORD})
    assert answer.status == 200


async def test_only_somebody_whom_the_provider_knows_can_do_without_a_passkey(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where passwords are off: a provider helps nobody whom nobody has linked."""
    services = house.broker.server.broker.services
    await add_user(services.settings, "mo", "E-3")
    mo = await services.users.find("mo")
    assert mo
    visitor = await signed_in(house.broker, "mo")
    _, added = await register(visitor, Authenticator(ORIGIN, "localhost"))
    path = f"/v1/passkeys/{added.json['passkey_id']}/remove"
    monkeypatch.setitem(vars(services.settings), "password_login", False)
    assert_problem(await visitor.post(path), 403, "last-passkey")
    assert services.openid
    people = services.openid.admission.people
    assert isinstance(people, SqlProviderPeople)
    await people.link(ISSUER, "mo at the provider", mo[0].user_id, 1)
    assert (await visitor.post(path)).status == 204


async def test_a_group_is_a_team_and_signs_nobody_out(house: House) -> None:
    """The first that fits, at every sign-in; without one of them they are in none, whatever was said here."""
    users = house.broker.server.broker.services.users
    for groups, team in ((["ou=muc,dc=x", "berlin"], "Berlin"), (["ou=muc,dc=x"], "München"), ([], "")):
        house.provider.person["groups"] = ["cn=support,ou=groups", *groups]
        earlier = dict(house.visitor.cookies)
        assert await house.sign_in() == "/console/"
        me = (await house.visitor.get("/v1/me")).json
        found = await users.find(me["user_name"])
        assert found
        assert found[0].team == team
        if earlier:
            house.visitor.cookies = earlier
            assert (await house.visitor.get("/v1/me")).status == 200
    events = await house.broker.server.broker.services.events.newest(None, 20)
    moves = [one.event.facts["team"] for one in reversed(events) if one.event.kind == "team_changed"]
    assert moves == ["Berlin", "München", ""]


async def test_what_the_token_leaves_out_userinfo_says(house: House) -> None:
    """About the same person alone; what the token says goes first."""
    for name in ("staff_number", "groups"):
        house.provider.userinfo[name] = house.provider.person.pop(name)
    house.provider.userinfo |= {"name": "Somebody Else", "iss": "https://evil.example"}
    assert await house.sign_in() == "/console/"
    assert (await house.visitor.get("/v1/me")).json["name"] == "Ada Example"
    house.provider.userinfo["sub"] = "another"
    assert await house.sign_in() == "/console/#/refused/provider-broken"


async def test_whoever_was_disabled_here_stays_out(house: House) -> None:
    """Whatever the provider says; and is told so, for they have proved who they are."""
    assert await house.sign_in() == "/console/"
    users = house.broker.server.broker.services.users
    ada = await users.find("ada")
    assert ada
    await users.set_disabled(ada[0].user_id, disabled=True)
    assert await house.sign_in() == "/console/#/refused/account-locked"
    await users.set_disabled(ada[0].user_id, disabled=False)
    assert await house.sign_in() == "/console/"


@pytest.mark.parametrize("password", ["", PASSWORD, "nobody has this password"])
async def test_no_password_is_right_for_whoever_came_by_the_provider(house: House, password: str) -> None:
    """They have none."""
    await house.sign_in()
    answer = await Visitor(house.broker).post("/v1/browser-login", {"user_name": "ada", "password": password})
    assert_problem(answer, 401, "login-refused")


async def test_a_certificate_takes_a_person_whom_the_provider_just_asked(house: House) -> None:
    """Where a fresh sign-in is configured: not one by a session that somebody has had there since the morning, but one
    that was asked for, in the strength that is configured, and for as long as is configured."""
    key = {"public_key": encode_bytes(b"\x01" * 32)}
    house.provider.acr = "phr"
    house.provider.signed_in_seconds_ago = 300
    assert await house.sign_in() == "/console/"
    assert_problem(await house.visitor.post("/v1/certificate", key), 403, "fresh-sign-in-needed")
    assert "acr_values=phr+phrh" in await house.begin(fresh=True)
    assert await house.sign_in(fresh=True) == "/console/"
    assert (await house.visitor.post("/v1/certificate", key)).status == 200
    house.clock.advance(15 * 60_000)
    assert_problem(await house.visitor.post("/v1/certificate", key), 403, "fresh-sign-in-needed")
    house.provider.signed_in_seconds_ago = 10
    assert await house.sign_in() == "/console/"
    assert (await house.visitor.post("/v1/certificate", key)).status == 200


async def test_a_program_is_let_in_by_a_person_whom_the_provider_just_asked(house: House) -> None:
    """Else a stolen cookie would make itself a login that counts as fresh; a login that was allowed so does."""
    house.provider.acr, house.provider.signed_in_seconds_ago = "phr", 300
    asked = (await house.broker.request("POST", "/v1/device-login", {})).json
    allowing = f"/v1/device-logins/{asked['user_code']}"
    await house.sign_in()
    assert_problem(await house.visitor.post(allowing, {"allow": True}), 403, "fresh-sign-in-needed")
    await house.sign_in(fresh=True)
    assert (await house.visitor.post(allowing, {"allow": True})).status == 204
    house.clock.advance(5_000)
    login = await house.broker.request("POST", "/v1/device-login/token", {"device_code": asked["device_code"]})
    key = {"public_key": encode_bytes(b"\x01" * 32)}
    assert (await house.broker.request("POST", "/v1/certificate", key, token=login.json["token"])).status == 200


async def test_a_fresh_sign_in_that_is_none_is_refused(house: House) -> None:
    """The provider let somebody through without asking, does not say when it asked, or asked for too little."""
    house.provider.acr = "phr"
    house.provider.claims = lambda honest: {**honest, "auth_time": honest["iat"] - 121}
    assert await house.sign_in(fresh=True) == "/console/#/refused/id-token-refused"
    house.provider.claims = changed(auth_time=None)
    assert await house.sign_in(fresh=True) == "/console/#/refused/id-token-refused"
    house.provider.claims = changed(acr="pwd")
    assert await house.sign_in(fresh=True) == "/console/#/refused/sign-in-stronger"


async def test_a_fresh_sign_in_there_takes_the_place_of_the_one_before(house: House) -> None:
    """Though the browser brings no cookie when it comes back from there."""
    house.provider.acr = "phr"
    await house.sign_in()
    before = (await house.visitor.get("/v1/logins")).json["logins"]
    assert await house.sign_in(fresh=True) == "/console/"
    after = (await house.visitor.get("/v1/logins")).json["logins"]
    assert len(after) == len(before)
    assert [one["method"] for one in after if one["current"]] == ["oidc-fresh"]


async def test_signing_out_leads_to_the_provider(house: House) -> None:
    """After the login here has ended, whatever happens there."""
    await house.sign_in()
    answer = await house.visitor.post("/v1/oidc/sign-out")
    query = urlencode({"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{ORIGIN}/console/"})
    assert answer.json == {"url": f"{ISSUER}/logout?{query}"}
    assert await house.visitor.user_name() is None


async def test_only_our_own_pages_begin(house: House) -> None:
    """Another site cannot send somebody off in our name."""
    answer = await house.broker.request("POST", "/v1/oidc/begin", {}, headers={"Origin": "https://evil.example"})
    assert_problem(answer, 403, "origin-foreign")


async def test_answers_without_an_end_slow_an_address_down(house: House) -> None:
    """Each could make us ask the provider."""
    for _ in range(20):
        assert await house.come_back({"code": "x", "state": "x"}) == "/console/#/refused/ceremony-over"
    assert await house.sign_in() == "/console/#/refused/login-locked"


async def test_without_a_provider_there_is_no_such_door(shared_broker: RunningBroker) -> None:
    """And the page is told."""
    visitor = Visitor(shared_broker)
    assert (await visitor.get("/v1/sign-in-ways")).json["provider"] is None
    assert_problem(await visitor.post("/v1/oidc/begin", {}), 403, "way-off")
    assert_problem(await visitor.arrive(f"{CALLBACK}?code=x&state=y"), 403, "way-off")
