"""Puts the ways to sign in together that stand beside passwords, as the settings ask for them; for app.py."""

from broker.config import Settings
from broker.observability.alerts import Alerts
from broker.organisation.admission import Admission, OpenId, ProviderPeople
from broker.organisation.engineers import Engineer
from broker.organisation.organisation import Organisation
from broker.storage.passkeys import SqlPasskeys
from serving.clock import Clock
from serving.database import Database
from serving.identity.ceremonies import Ceremonies
from serving.identity.events import NoteEvent
from serving.identity.openid.claims import ClaimNames
from serving.identity.openid.door import Door, HttpsDoor
from serving.identity.openid.provider import Client, Provider
from serving.identity.openid.sign_in import ProviderSignIn
from serving.identity.passkeys import Passkeys, relying_party
from serving.private_files import read_file

CALLBACK_PATH = "/v1/oidc/callback"
PASSKEY_LIFE_MS = 3 * 60_000
"""A little more than browsers wait for a person."""

PROVIDER_LIFE_MS = 10 * 60_000
"""Long enough to look for a second factor."""


def make_passkeys(
    settings: Settings, organisation: Organisation, database: Database, clock: Clock, alerts: Alerts
) -> Passkeys[Engineer] | None:
    """None where they are turned off, or where the broker's address is a bare number."""
    profile = organisation.profile
    party = relying_party(profile.broker_origin, profile.organisation) if settings.passkeys else None
    if party is None:
        return None
    return Passkeys(
        SqlPasskeys(database),
        party,
        Ceremonies(clock, life_ms=PASSKEY_LIFE_MS),
        clock,
        on_copied=lambda user_name: alerts.raised("passkey_copied", user=user_name),
    )


def make_openid(
    settings: Settings,
    organisation: Organisation,
    people: ProviderPeople,
    clock: Clock,
    note: NoteEvent,
    alerts: Alerts,
    door: Door | None = None,
) -> OpenId | None:
    """None where no provider is configured. Raises KeyFileUnusable, ProviderCertificatesUnusable."""
    if not settings.oidc_issuer:
        return None
    secret_file = settings.oidc_client_secret_file
    client = Client(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        redirect_uri=organisation.profile.broker_origin + CALLBACK_PATH,
        scopes=settings.oidc_scopes,
        client_secret=read_file(secret_file).decode("utf-8", "replace").strip() if secret_file else "",
    )
    names = ClaimNames(
        user_name=settings.oidc_user_name_claim,
        name=settings.oidc_name_claim,
        staff_number=settings.oidc_staff_number_claim,
        groups=settings.oidc_groups_claim,
    )
    sign_in = ProviderSignIn(
        Provider(client, door or HttpsDoor(settings.oidc_certificates), clock),
        Ceremonies(clock, life_ms=PROVIDER_LIFE_MS),
        clock,
        names,
        on_refused=lambda problem: alerts.raised("provider_answer_refused", problem=problem),
        acr_values=tuple(settings.oidc_acr_values.split()),
    )
    admission = Admission(people, settings.oidc_role_pairs, settings.oidc_add_people, clock, note)
    return OpenId(sign_in, admission, PROVIDER_LIFE_MS // 1000)
