"""An OpenID provider: discovery, keys and their rotation, the code for tokens (OpenID Connect Core and Discovery)."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
import structlog
from joserfc.jwk import KeySet

from protocol.details import Detail
from protocol.errors import ConsentryError
from serving.clock import Clock
from serving.identity.openid.door import Answer, Door, ProviderBroken
from serving.identity.openid.id_token import (
    ALGORITHMS,
    BAD_SIGNATURE,
    Expected,
    IdTokenRefused,
    SigningKeyUnknown,
    usable_keys,
    verify_id_token,
)

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=msgspec.Struct)

FRESH_MS = 60 * 60_000
"""How long discovery and keys are believed without asking again."""

RETRY_MS = 5_000
"""A provider that is away is not asked by everybody who waits for it, one after the other."""

ROTATION_MS = 60_000
"""A key that we do not know makes us ask for the keys again, but no more often than this."""


@dataclass(frozen=True)
class Client:
    """What the provider knows us by. Without a secret we are a public client, which PKCE alone protects."""

    issuer: str
    client_id: str
    redirect_uri: str
    scopes: str = "openid profile"
    client_secret: str = field(default="", repr=False)


class _Metadata(msgspec.Struct, frozen=True):
    """As far as it concerns us. Unknown members are passed over, as the standard asks."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class CodeRefused(ProviderBroken):
    """The code was used, is too old, was meant for somebody else, or our secret is wrong."""

    sentence = "Your organisation's sign-in did not accept the way back to us ({problem}). Begin again."


class Provider:
    def __init__(self, client: Client, door: Door, clock: Clock) -> None:
        self.client = client
        self._door = door
        self._clock = clock
        self._metadata: tuple[int, _Metadata] | None = None
        self._keys: tuple[int, KeySet] | None = None
        self._failed: tuple[int, ConsentryError] | None = None
        self._asking = asyncio.Lock()

    async def sign_in_url(self, parameters: Mapping[str, str]) -> str:
        """Where the browser is sent. Raises ProviderUnreachable, ProviderBroken."""
        given = {
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "response_type": "code",
            "scope": self.client.scopes,
            **parameters,
        }
        return _with_query((await self._discovered()).authorization_endpoint, given)

    async def sign_out_url(self, back_to: str) -> str | None:
        """Where the browser is sent to sign out there too (RP-Initiated Logout 1.0); None: it has no such place."""
        endpoint = (await self._discovered()).end_session_endpoint
        if not endpoint:
            return None
        return _with_query(endpoint, {"client_id": self.client.client_id, "post_logout_redirect_uri": back_to})

    async def names_itself(self) -> bool:
        """Whether it says in each answer whose it is (RFC 9207): then one that does not is refused."""
        return (await self._discovered()).authorization_response_iss_parameter_supported

    async def redeem(self, code: str, verifier: str) -> tuple[str, str]:
        """ID token and access token. Raises CodeRefused, ProviderBroken, ProviderUnreachable."""
        metadata = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": verifier,
        }
        basic = ""
        if self.client.client_secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote_plus(self.client.client_id)}:{quote_plus(self.client.client_secret)}"
            basic = base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = self.client.client_id
            if self.client.client_secret:
                form["client_secret"] = self.client.client_secret
        answer = await self._door.post(metadata.token_endpoint, form, basic=basic)
        if answer.status != 200:
            said = str(answer.content.get("error", f"status {answer.status}"))
            log.warning("provider_refused_code", problem=said[:80])
            raise CodeRefused(problem=said[:80])
        tokens = _read(answer, _Tokens, "the token endpoint")
        return tokens.id_token, tokens.access_token

    async def verify(self, id_token: str, *, nonce: str, max_age_seconds: int | None) -> dict[str, Any]:
        """The claims of an ID token that answers our request. Raises IdTokenRefused, ProviderUnreachable."""
        metadata = await self._discovered()
        expected = Expected(
            self.client.issuer,
            self.client.client_id,
            nonce,
            metadata.id_token_signing_alg_values_supported,
            max_age_seconds,
        )
        now_seconds = self._clock.unix_ms() // 1000
        try:
            return verify_id_token(id_token, await self._signing_keys(FRESH_MS), expected, now_seconds)
        except IdTokenRefused as refused:
            if not isinstance(refused, SigningKeyUnknown) and refused.fields["problem"] != BAD_SIGNATURE:
                raise
            return verify_id_token(id_token, await self._signing_keys(ROTATION_MS), expected, now_seconds)

    async def userinfo(self, access_token: str, subject: str) -> dict[str, Any]:
        """More claims about the same person; none where there is no such endpoint. Raises ProviderBroken, …"""
        endpoint = (await self._discovered()).userinfo_endpoint
        if not endpoint or not access_token:
            return {}
        answer = await self._door.get(endpoint, bearer=access_token)
        # Core 1.0, section 5.3.4: without this, one person's claims could stand in for another's.
        if answer.status != 200 or answer.content.get("sub") != subject:
            raise ProviderBroken(problem="userinfo is not about the person who signed in")
        return answer.content

    async def _discovered(self) -> _Metadata:
        async with self._asking:
            now_ms = self._clock.monotonic_ms()
            if self._metadata is None or now_ms - self._metadata[0] >= FRESH_MS:
                if self._failed is not None and now_ms - self._failed[0] < RETRY_MS:
                    raise self._failed[1].with_traceback(None)
                try:
                    self._metadata = (now_ms, await self._discover())
                except ConsentryError as error:
                    log.warning("provider_unusable", problem=str(error))
                    self._failed = (self._clock.monotonic_ms(), error)
                    raise
            return self._metadata[1]

    async def _discover(self) -> _Metadata:
        answer = await self._door.get(f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration")
        metadata = _read(answer, _Metadata, "discovery")
        if metadata.issuer != self.client.issuer:
            raise ProviderBroken(problem="discovery names another issuer than the one that was configured")
        needed = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        for url in (*needed, *filter(None, (metadata.userinfo_endpoint, metadata.end_session_endpoint))):
            address = urlsplit(url)
            if address.scheme != "https" or not address.hostname or address.username or address.fragment:
                raise ProviderBroken(problem="discovery names an address that is not https")
        if not ALGORITHMS.intersection(metadata.id_token_signing_alg_values_supported):
            raise ProviderBroken(problem="it signs in no way that is allowed here")
        return metadata

    async def _signing_keys(self, oldest_ms: int) -> KeySet:
        metadata = await self._discovered()
        async with self._asking:
            now_ms = self._clock.monotonic_ms()
            if self._keys is None or now_ms - self._keys[0] >= oldest_ms:
                answer = await self._door.get(metadata.jwks_uri)
                self._keys = (now_ms, usable_keys(answer.content))
                log.info("provider_keys_fetched", keys=len(self._keys[1].keys))
            return self._keys[1]


def _with_query(url: str, parameters: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(parameters)}"


def _read(answer: Answer, kind: type[T], what: str) -> T:
    try:
        if answer.status == 200:
            return msgspec.convert(answer.content, kind)
    except msgspec.ValidationError:
        pass
    raise ProviderBroken(problem=Detail("{what} did not answer as the standard asks", what=what))
