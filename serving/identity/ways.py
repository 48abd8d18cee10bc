"""Puts the ways to sign in together that stand beside passwords, as the settings of a server ask for them."""

from collections.abc import Callable
from typing import Any, TypeVar

from serving.clock import Clock
from serving.identity.ceremonies import Ceremonies
from serving.identity.events import NoteEvent
from serving.identity.openid.admission import Admission, OpenId, ProviderPeople, Settle, nothing_else
from serving.identity.openid.claims import ClaimNames
from serving.identity.openid.door import Door, HttpsDoor
from serving.identity.openid.provider import Client, Provider
from serving.identity.openid.sign_in import ProviderSignIn
from serving.identity.passkeys import Passkeys, PasskeyStore, relying_party
from serving.identity.settings import SignInSettings
from serving.identity.users import User
from serving.private_files import read_file

CALLBACK_PATH = "/v1/oidc/callback"
PASSKEY_LIFE_MS = 3 * 60_000
"""A little more than browsers wait for a person."""

PROVIDER_LIFE_MS = 10 * 60_000
"""Long enough to look for a second factor."""

U = TypeVar("U", bound=User)


def make_passkeys(
    settings: SignInSettings,
    store: PasskeyStore[U],
    clock: Clock,
    *,
    origin: str,
    name: str,
    on_copied: Callable[[str], None],
) -> Passkeys[U] | None:
    """None where they are turned off, or where `origin`, the server's own, is a bare number or not known."""
    party = relying_party(origin, name) if settings.passkeys else None
    if party is None:
        return None
    return Passkeys(store, party, Ceremonies(clock, life_ms=PASSKEY_LIFE_MS), clock, on_copied=on_copied)


def make_openid(
    settings: SignInSettings,
    people: ProviderPeople[U, Any],
    clock: Clock,
    *,
    origin: str,
    staff_number_claim: str | None,
    note: NoteEvent,
    on_refused: Callable[[str], None],
    door: Door | None = None,
    settle: Settle[U] = nothing_else,
) -> OpenId[U] | None:
    """None where no provider is configured. `staff_number_claim` is None where nobody needs such a number;
    `settle` is Admission's.

    Raises KeyFileUnusable, ProviderCertificatesUnusable.
    """
    if not settings.oidc_issuer:
        return None
    secret_file = settings.oidc_client_secret_file
    client = Client(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        redirect_uri=origin + CALLBACK_PATH,
        scopes=settings.oidc_scopes,
        client_secret=read_file(secret_file).decode("utf-8", "replace").strip() if secret_file else "",
    )
    names = ClaimNames(
        user_name=settings.oidc_user_name_claim,
        name=settings.oidc_name_claim,
        staff_number=staff_number_claim,
        groups=settings.oidc_groups_claim,
    )
    sign_in = ProviderSignIn(
        Provider(client, door or HttpsDoor(settings.oidc_certificates), clock),
        Ceremonies(clock, life_ms=PROVIDER_LIFE_MS),
        clock,
        names,
        on_refused=on_refused,
        acr_values=tuple(settings.oidc_acr_values.split()),
    )
    admission = Admission(people, settings.oidc_role_pairs, settings.oidc_add_people, clock, note, settle)
    return OpenId(sign_in, admission, PROVIDER_LIFE_MS // 1000, settings.oidc_name, settings.oidc_role_hours)
