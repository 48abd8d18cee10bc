"""There and back: what is sent to the provider, and what must come back with the same browser."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
import structlog

from protocol.errors import PeerError, RefusedError
from serving.clock import Clock
from serving.identity.ceremonies import Ceremonies
from serving.identity.openid.claims import ClaimNames, ProviderPerson, person_of
from serving.identity.openid.id_token import IdTokenRefused
from serving.identity.openid.provider import Provider

log = structlog.get_logger(__name__)

CODE_LIMIT_CHARACTERS = 4096
JUST_NOW_SECONDS = 60
"""A sign-in at the provider that is not older counts as one for us."""


class SignInNotOurs(PeerError):
    """Another request's answer, another provider's, or none that this browser asked for."""

    sentence = "That was not the answer to a sign-in that was begun here. Begin again."


class ProviderSaidNo(RefusedError):
    sentence = "Your organisation's sign-in refused. Try again, or tell your administrator."


class SignInStronger(RefusedError):
    """What was asked for in `acr_values` was not done."""

    sentence = "Your organisation's sign-in was not strong enough for this. Sign in there with your second factor."


class _Begun(msgspec.Struct, frozen=True):
    """Kept by the browser, sealed, until it comes back."""

    state: str
    nonce: str
    verifier: str
    fresh: bool
    place: str
    former: bytes | None


@dataclass(frozen=True)
class Proven:
    """`fresh`: they were asked for their password, or more, just now, and as strongly as is configured."""

    person: ProviderPerson
    fresh: bool
    place: str
    """Of our page, where they were when they left."""
    former: bytes | None = None
    """The login that the browser had when it left: it does not bring the cookie along when it comes back."""


class ProviderSignIn:
    """`acr_values` are the strengths of which one is needed to be `fresh`; empty: any. `on_refused` hears why an ID
    token was not believed."""

    def __init__(
        self,
        provider: Provider,
        ceremonies: Ceremonies,
        clock: Clock,
        names: ClaimNames,
        *,
        on_refused: Callable[[str], None],
        acr_values: tuple[str, ...] = (),
    ) -> None:
        self.provider = provider
        self._ceremonies = ceremonies
        self._clock = clock
        self._names = names
        self._on_refused = on_refused
        self._acr_values = acr_values

    async def begin(self, *, fresh: bool, place: str = "", former: bytes | None = None) -> tuple[str, str]:
        """Where to go, and what the browser keeps meanwhile. With `fresh`, whoever is signed in there is asked again.

        Raises ProviderUnreachable, ProviderBroken.
        """
        state, nonce, verifier = (secrets.token_urlsafe(count) for count in (32, 32, 48))
        begun = _Begun(state, nonce, verifier, fresh, place, former)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=")
        parameters = {
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        if fresh:
            parameters |= {"max_age": "0", "prompt": "login"}
            if self._acr_values:
                parameters["acr_values"] = " ".join(self._acr_values)
        return await self.provider.sign_in_url(parameters), self._ceremonies.begin(begun)

    async def finish(self, kept: str, answer: Mapping[str, str]) -> Proven:
        """`answer` is the query with which the browser came back.

        Raises CeremonyOver, SignInNotOurs, ProviderSaidNo, CodeRefused, IdTokenRefused, ClaimMissing, SignInStronger,
        ProviderBroken, ProviderUnreachable.
        """
        begun = self._ceremonies.finish(kept, _Begun)
        if not hmac.compare_digest(answer.get("state", "").encode("utf-8", "replace"), begun.state.encode()):
            raise SignInNotOurs
        await self._check_issuer(answer.get("iss"))
        if "error" in answer:
            log.warning("provider_said_no", problem=answer["error"][:80])
            raise ProviderSaidNo
        code = answer.get("code", "")
        if not 1 <= len(code) <= CODE_LIMIT_CHARACTERS:
            raise SignInNotOurs
        id_token, access_token = await self.provider.redeem(code, begun.verifier)
        try:
            claims = await self.provider.verify(
                id_token, nonce=begun.nonce, max_age_seconds=JUST_NOW_SECONDS if begun.fresh else None
            )
        except IdTokenRefused as error:
            self._on_refused(str(error.fields.get("problem", "")))
            raise
        is_strong = not self._acr_values or claims.get("acr") in self._acr_values
        if begun.fresh and not is_strong:
            raise SignInStronger
        signed_in_at = claims.get("auth_time")
        is_fresh = signed_in_at is not None and self._clock.unix_ms() / 1000 - signed_in_at <= JUST_NOW_SECONDS
        if self._names.missing_in(claims):
            # What the ID token says goes before what is said without a signature.
            claims = {**await self.provider.userinfo(access_token, claims["sub"]), **claims}
        return Proven(person_of(claims, self._names), is_strong and is_fresh, begun.place, begun.former)

    async def _check_issuer(self, issuer: str | None) -> None:
        """RFC 9207: with several providers, one could pass on another's answer."""
        if issuer is None and not await self.provider.names_itself():
            return
        if issuer != self.provider.client.issuer:
            raise SignInNotOurs
