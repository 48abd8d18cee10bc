"""Passkeys (WebAuthn Level 3): a key pair in somebody's device, which asks for finger, face or PIN before it signs.

That is two factors at once: what they have, and what they are or know. So no password and no one-time number is asked.
The challenge travels sealed with whoever asked for it, see ceremonies.py. Which origin and which relying party count is
ours to say, never the request's.
"""

import ipaddress
import secrets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog
import webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from webauthn.helpers import exceptions, parse_attestation_object, parse_registration_credential_json
from webauthn.helpers import parse_authentication_credential_json as parse_assertion
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from protocol.errors import RefusedError
from serving.clock import Clock
from serving.identity.ceremonies import Ceremonies
from serving.identity.users import User, check_shown_text

log = structlog.get_logger(__name__)

MAX_PASSKEYS = 20
"""Of one person: more devices than anybody has."""

CHALLENGE_BYTES = 32
USER_HANDLE_BYTES = 32
BROWSER_PATIENCE_MS = 120_000
"""How long a browser is asked to wait for the person."""

CREDENTIAL_LIMIT_CHARACTERS = 16 * 1024
CREDENTIAL_ID_LIMIT_BYTES = 1023

# With attestation "none" browsers send these two; the others' parsers are left alone.
_FORMATS = {AttestationFormat.NONE, AttestationFormat.PACKED}

_UNREADABLE = (
    exceptions.WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, KeyError, IndexError, AttributeError,
    OverflowError, RecursionError, struct.error,
)  # fmt: skip
"""What the library raises on bytes that no authenticator sent."""


class PasskeyRefused(RefusedError):
    """The same for one that is not known, not of this place, not verified, or signed wrongly."""

    sentence = "This passkey was not accepted. Sign in in another way, or tell your administrator."


class PasskeyCopied(RefusedError):
    """Its counter went back: there are two of it."""

    sentence = "This passkey seems to have been copied, and was not accepted. Remove it, and tell your administrator."


class PasskeyUnusable(RefusedError):
    sentence = "This device's passkey cannot be used here. Try another device, or another browser."


class PasskeyKnown(RefusedError):
    sentence = "This passkey is in use already."


class TooManyPasskeys(RefusedError):
    sentence = "You have {limit} passkeys. Remove one that you no longer use first."


class LastPasskey(RefusedError):
    """Of somebody who has neither a password that signs in nor the provider's word."""

    sentence = "Without this passkey you could not sign in any more. Add another one first."


class PasskeyUnknown(RefusedError):
    sentence = "There is no such passkey of yours."


class AccountLocked(RefusedError):
    """Said only to somebody who proved who they are: `user_name`."""

    sentence = "Your account is locked. Ask your administrator."


@dataclass(frozen=True)
class Passkey:
    """`sign_count` is 0 for ever where the device does not count. `synced`: it exists on several devices of theirs."""

    passkey_id: int
    user_id: int
    name: str
    credential_id: bytes
    public_key: bytes
    user_handle: bytes
    sign_count: int
    synced: bool
    created_at_ms: int
    last_used_at_ms: int | None


U = TypeVar("U", bound=User)
U_co = TypeVar("U_co", bound=User, covariant=True)


class PasskeyStore(Protocol[U_co]):
    """Each method returns when its change is on the disk."""

    async def of_user(self, user_id: int) -> Sequence[Passkey]:
        """The oldest first."""
        ...

    async def find(self, credential_id: bytes) -> "tuple[U_co, Passkey] | None": ...

    async def add(self, passkey: Passkey) -> Passkey:
        """With a `passkey_id` of its own. Raises PasskeyKnown."""
        ...

    async def used(self, passkey_id: int, sign_count: int, now_ms: int) -> bool:
        """False if it counts and was used with this count or a later one before: also when two race."""
        ...

    async def rename(self, user_id: int, passkey_id: int, name: str) -> None:
        """Raises PasskeyUnknown."""
        ...

    async def remove(self, user_id: int, passkey_id: int) -> None:
        """Raises PasskeyUnknown."""
        ...


@dataclass(frozen=True)
class RelyingParty:
    """To whom a passkey belongs: `rp_id` is a host name, `origin` the only one from which it is used."""

    rp_id: str
    origin: str
    name: str


def relying_party(origin: str, name: str) -> RelyingParty | None:
    """None where browsers make no passkeys: for a bare network address."""
    host = urlsplit(origin).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return RelyingParty(host, origin, name) if host else None
    return None


class _Registration(msgspec.Struct, frozen=True):
    challenge: bytes
    user_id: int
    user_handle: bytes


class _SignIn(msgspec.Struct, frozen=True):
    challenge: bytes


class Passkeys(Generic[U]):
    """`on_copied` is told whose passkey's counter went back."""

    def __init__(
        self,
        store: PasskeyStore[U],
        party: RelyingParty,
        ceremonies: Ceremonies,
        clock: Clock,
        *,
        on_copied: Callable[[str], None],
    ) -> None:
        self._store = store
        self._party = party
        self._ceremonies = ceremonies
        self._clock = clock
        self._on_copied = on_copied

    async def of_user(self, user: User) -> Sequence[Passkey]:
        return await self._store.of_user(user.user_id)

    async def begin_registration(self, user: User) -> tuple[str, str]:
        """The ceremony, and JSON for `navigator.credentials.create`. Raises TooManyPasskeys."""
        present = await self._store.of_user(user.user_id)
        if len(present) >= MAX_PASSKEYS:
            raise TooManyPasskeys(limit=MAX_PASSKEYS)
        # Random, so that it tells nothing; the same for all of a person's, so that a device keeps one of each person.
        handle = present[0].user_handle if present else secrets.token_bytes(USER_HANDLE_BYTES)
        begun = _Registration(secrets.token_bytes(CHALLENGE_BYTES), user.user_id, handle)
        options = webauthn.generate_registration_options(
            rp_id=self._party.rp_id,
            rp_name=self._party.name,
            user_id=handle,
            user_name=user.user_name,
            user_display_name=user.name,
            challenge=begun.challenge,
            timeout=BROWSER_PATIENCE_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in present],
        )
        return self._ceremonies.begin(begun), webauthn.options_to_json(options)

    async def finish_registration(self, user: User, ceremony: str, credential: str, name: str) -> Passkey:
        """Raises CeremonyOver, PasskeyUnusable, PasskeyKnown, TooManyPasskeys, UserTextUnusable."""
        name = check_shown_text(name, "name")
        begun = self._ceremonies.finish(ceremony, _Registration)
        if begun.user_id != user.user_id:
            raise PasskeyUnusable
        try:
            parsed = parse_registration_credential_json(credential)
            if parse_attestation_object(parsed.response.attestation_object).fmt not in _FORMATS:
                raise PasskeyUnusable
            verified = webauthn.verify_registration_response(
                credential=parsed,
                expected_challenge=begun.challenge,
                expected_rp_id=self._party.rp_id,
                expected_origin=self._party.origin,
                require_user_verification=True,
            )
        except _UNREADABLE as error:
            log.warning("passkey_registration_refused", user=user.user_name, problem=type(error).__name__)
            raise PasskeyUnusable from None
        if len(verified.credential_id) > CREDENTIAL_ID_LIMIT_BYTES:
            raise PasskeyUnusable
        if len(await self._store.of_user(user.user_id)) >= MAX_PASSKEYS:
            raise TooManyPasskeys(limit=MAX_PASSKEYS)
        return await self._store.add(
            Passkey(
                passkey_id=0,
                user_id=user.user_id,
                name=name,
                credential_id=verified.credential_id,
                public_key=verified.credential_public_key,
                user_handle=begun.user_handle,
                sign_count=verified.sign_count,
                synced=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
                created_at_ms=self._clock.unix_ms(),
                last_used_at_ms=None,
            )
        )

    def begin_sign_in(self) -> tuple[str, str]:
        """The ceremony, and JSON for `navigator.credentials.get`: the device says who it is."""
        begun = _SignIn(secrets.token_bytes(CHALLENGE_BYTES))
        options = webauthn.generate_authentication_options(
            rp_id=self._party.rp_id,
            challenge=begun.challenge,
            timeout=BROWSER_PATIENCE_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return self._ceremonies.begin(begun), webauthn.options_to_json(options)

    async def finish_sign_in(self, ceremony: str, credential: str) -> U:
        """Whose passkey it is. Raises CeremonyOver, PasskeyRefused, PasskeyCopied, AccountLocked."""
        begun = self._ceremonies.finish(ceremony, _SignIn)
        try:
            parsed = parse_assertion(credential)
            found = await self._store.find(parsed.raw_id[:CREDENTIAL_ID_LIMIT_BYTES])
            if found is None:
                raise PasskeyRefused
            user, passkey = found
            verified = webauthn.verify_authentication_response(
                credential=parsed,
                expected_challenge=begun.challenge,
                expected_rp_id=self._party.rp_id,
                expected_origin=self._party.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,  # counted below, where going back is told from everything else
                require_user_verification=True,
            )
        except _UNREADABLE as error:
            log.warning("passkey_refused", problem=type(error).__name__)
            raise PasskeyRefused from None
        if parsed.response.user_handle not in (None, b"", passkey.user_handle):
            raise PasskeyRefused
        if not await self._store.used(passkey.passkey_id, verified.new_sign_count, self._clock.unix_ms()):
            self._on_copied(user.user_name)
            raise PasskeyCopied
        if user.disabled:
            raise AccountLocked(user_name=user.user_name)
        return user

    async def rename(self, user: User, passkey_id: int, name: str) -> None:
        """Raises PasskeyUnknown, UserTextUnusable."""
        await self._store.rename(user.user_id, passkey_id, check_shown_text(name, "name"))

    async def remove(self, user: User, passkey_id: int, *, is_only_way: bool) -> None:
        """`is_only_way`: they sign in in no other way here. Raises PasskeyUnknown, LastPasskey."""
        if is_only_way and [one.passkey_id for one in await self._store.of_user(user.user_id)] == [passkey_id]:
            raise LastPasskey
        await self._store.remove(user.user_id, passkey_id)
