"""An OpenID provider inside the test, which can be as hostile as a test wants. A real one is in web/end_to_end/."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from serving.clock import Clock
from serving.identity.openid.door import Answer

ISSUER = "https://id.example.org/realm"
CLIENT_ID = "consentry"
CLIENT_SECRET = "s3cret/+&="
PERSON = {
    "sub": "248289761001",
    "preferred_username": "ada@example.org",
    "name": "Ada Example",
    "staff_number": "E-100",
    "groups": ["cn=support,ou=groups", "everybody"],
}


@dataclass
class FakeProvider:
    """`claims` changes an ID token before it is signed; `sign` signs it otherwise. Everything else is as configured."""

    clock: Clock
    person: dict[str, Any] = field(default_factory=lambda: dict(PERSON))
    userinfo: dict[str, Any] = field(default_factory=dict)
    claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda honest: honest
    sign: Callable[["FakeProvider", dict[str, Any]], str] = lambda self, claims: self.signed(claims)
    discovery: dict[str, Any] = field(default_factory=dict)
    signed_in_seconds_ago: int = 5
    acr: str | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    shown: list[Any] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, url: str) -> dict[str, str]:
        """What the person's browser does there: the query with which it comes back."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def signed(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one", **header}, claims, key or self.key)

    def new_key(self) -> None:
        """Rotates: the old key is gone."""
        self.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
        self.sign = lambda self, claims: self.signed(claims, kid="two")

    async def get(self, url: str, *, bearer: str = "") -> Answer:
        self.requests.append(url)
        match url.removeprefix(ISSUER):
            case "/.well-known/openid-configuration":
                return Answer(200, self._discovery())
            case "/keys":
                return Answer(200, {"keys": [*self.shown, self.key.as_dict(private=False)]})
            case "/userinfo":
                assert bearer == "access"
                return Answer(200, {"sub": self.person["sub"], **self.userinfo})
        raise AssertionError(url)

    async def post(self, url: str, form: Mapping[str, str], *, basic: str = "") -> Answer:
        self.requests.append(url)
        assert url == f"{ISSUER}/token"
        assert base64.b64decode(basic).decode() == f"{CLIENT_ID}:s3cret%2F%2B%26%3D"
        asked = self._codes.pop(form["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != proof or asked["redirect_uri"] != form["redirect_uri"]:
            return Answer(400, {"error": "invalid_grant"})
        return Answer(200, {"id_token": self.sign(self, self.claims(self._claims(asked))), "access_token": "access"})

    def _claims(self, asked: Mapping[str, str]) -> dict[str, Any]:
        now = self.clock.unix_ms() // 1000
        claims = {"iss": ISSUER, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.person}
        claims["auth_time"] = now if asked.get("prompt") == "login" else now - self.signed_in_seconds_ago
        return claims if self.acr is None else {**claims, "acr": self.acr}

    def _discovery(self) -> dict[str, Any]:
        endpoints = {
            "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "end_session_endpoint": f"{ISSUER}/logout",
        }
        more = {
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "none", "HS256"],
            "authorization_response_iss_parameter_supported": True,
            "unknown": [1],
        }
        return {"issuer": ISSUER, **endpoints, **more, **self.discovery}


def unsigned(_: FakeProvider, claims: dict[str, Any]) -> str:
    """`alg: none` (RFC 7519, section 6)."""
    parts = [{"alg": "none", "kid": "one"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts) + "."


def signed_with_public_key_as_secret(provider: FakeProvider, claims: dict[str, Any]) -> str:
    """The confusion of algorithms: HMAC, with what everybody can read as the key."""
    parts = [{"alg": "HS256", "kid": "one"}, claims]
    text = ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts)
    mac = hmac.new(provider.key.as_pem(private=False), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
