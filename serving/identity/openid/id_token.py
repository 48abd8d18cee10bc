"""What makes an ID token one that we believe (OpenID Connect Core 1.0, section 3.1.3.7). Pure: time is an argument."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey, import_key

from protocol.details import Detail
from protocol.errors import IntegrityError

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""Signatures with a public key alone: with `none` anybody, with HMAC whoever has our secret, could write tokens."""

SigningKey = RSAKey | ECKey | OKPKey

TOKEN_LIMIT_CHARACTERS = 64 * 1024
LEEWAY_SECONDS = 60
"""How far the provider's clock may be from ours."""

OLDEST_SECONDS = 600
"""A token that was made longer ago is not the answer to what we just asked."""

RSA_MIN_BITS = 2048


class IdTokenRefused(IntegrityError):
    """Nobody signs in by it. `problem` is for the administrator's log."""

    sentence = "Your organisation's sign-in gave an answer that cannot be trusted. Tell your administrator."


BAD_SIGNATURE = BadSignatureError.error
"""The problem of an ID token that the key with its name has not signed: forged, or the provider has another key under
that name, or under none, by now."""


class ProviderClockOff(IdTokenRefused):
    """It answers what we just asked, with times that cannot be: its clock or ours is wrong."""

    sentence = "Your organisation's sign-in and this server do not have the same time. Tell your administrator."


class SigningKeyUnknown(IdTokenRefused):
    """Signed by a key that we do not have: perhaps the provider has a new one."""

    sentence = "Your organisation's sign-in uses a key that it does not show. Try again, or tell your administrator."


@dataclass(frozen=True)
class Expected:
    """Of the token that answers one request. `max_age_seconds` None: any age of the sign-in at the provider will do."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: Collection[str]
    max_age_seconds: int | None = None


def usable_keys(document: dict[str, Any]) -> KeySet:
    """The public keys of a JWKS (RFC 7517) that can sign; others are passed over, as are keys that are too short."""
    keys: list[Key] = []
    listed = document.get("keys")
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, dict) or one.get("use", "sig") != "sig":
            continue
        try:
            key = import_key(one)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        is_short = isinstance(key, RSAKey) and key.public_key.key_size < RSA_MIN_BITS
        if isinstance(key, SigningKey) and not is_short:
            keys.append(key)
    return KeySet(keys)


def verify_id_token(text: str, keys: KeySet, expected: Expected, now_seconds: int) -> dict[str, Any]:
    """Its claims. Raises IdTokenRefused, ProviderClockOff, SigningKeyUnknown."""
    algorithms = ALGORITHMS.intersection(expected.algorithms)
    if len(text) > TOKEN_LIMIT_CHARACTERS:
        raise IdTokenRefused(problem="too long")
    try:
        claims = jwt.decode(
            text, lambda signed: _key_for(signed.headers(), keys, algorithms), algorithms=sorted(algorithms)
        ).claims
        _check_clock(claims, expected, now_seconds)
        jwt.JWTClaimsRegistry(
            now=now_seconds,
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": expected.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": expected.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise IdTokenRefused(problem=_words(error)) from None
    _check_rest(claims, expected, now_seconds)
    return claims


def _key_for(header: Mapping[str, Any], keys: KeySet, algorithms: Collection[str]) -> SigningKey:
    """Named by `kid`; without one, the only key there is. Raises IdTokenRefused, SigningKeyUnknown."""
    if header.get("alg") not in algorithms:
        raise IdTokenRefused(problem="signed in a way that is not allowed")
    named = [
        key
        for key in keys
        if isinstance(key, SigningKey)
        and ("kid" not in header or key.kid == header["kid"])
        and key.get("alg") in (None, header["alg"])
    ]
    if "kid" not in header and len(named) > 1:
        raise IdTokenRefused(problem="does not say which key signed it")
    if not named:
        raise SigningKeyUnknown(problem="signed by an unknown key")
    return named[0]


def _check_clock(claims: dict[str, Any], expected: Expected, now_seconds: int) -> None:
    """Said apart from all else that may be wrong with times, and only of a token for this very request."""
    issued_at, ends_at = claims.get("iat"), claims.get("exp")
    if not (isinstance(issued_at, int | float) and isinstance(ends_at, int | float)):
        return
    if not _same(claims.get("nonce"), expected.nonce):
        return
    if issued_at > now_seconds + LEEWAY_SECONDS:
        ahead = issued_at - now_seconds
        raise ProviderClockOff(problem=Detail("it was made {seconds} seconds from now", seconds=ahead))
    if issued_at < now_seconds - OLDEST_SECONDS or ends_at <= now_seconds - LEEWAY_SECONDS:
        raise ProviderClockOff(problem=Detail("it was made {seconds} seconds ago", seconds=now_seconds - issued_at))


def _check_rest(claims: dict[str, Any], expected: Expected, now_seconds: int) -> None:
    subject, audience = claims["sub"], claims["aud"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
        raise IdTokenRefused(problem="names nobody")
    if isinstance(audience, list) and len(audience) > 1 and "azp" not in claims:
        raise IdTokenRefused(problem="is for several, and does not say who asked")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise IdTokenRefused(problem="was asked for by somebody else")
    if not _same(claims["nonce"], expected.nonce):
        raise IdTokenRefused(problem="answers another request")
    signed_in_at = claims.get("auth_time")
    if signed_in_at is not None and (isinstance(signed_in_at, bool) or not isinstance(signed_in_at, int | float)):
        raise IdTokenRefused(problem="has no usable auth_time")
    if expected.max_age_seconds is not None:
        if signed_in_at is None:
            raise IdTokenRefused(problem="does not say when the person signed in")
        if now_seconds - signed_in_at > expected.max_age_seconds + LEEWAY_SECONDS:
            raise IdTokenRefused(problem="the person signed in too long ago")
    if signed_in_at is not None and signed_in_at > now_seconds + LEEWAY_SECONDS:
        raise IdTokenRefused(problem="the person signed in in the future")


def _same(one: object, other: str) -> bool:
    return isinstance(one, str) and hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _words(error: Exception) -> str:
    return error.error if isinstance(error, JoseError) else type(error).__name__
