"""What the broker says of itself where its people sign in; for app.py."""

from broker.config import Settings
from broker.observability.alerts import Alerts
from broker.organisation.engineers import Engineer
from broker.organisation.people import TOKENS_MAY
from broker.organisation.teams import ProviderTeams
from broker.storage.provider_people import SqlProviderPeople
from broker.storage.users import TABLES, SqlUsers
from protocol.profile import Profile
from serving.clock import Clock
from serving.database import Database
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords
from serving.identity.secret_box import SecretBox
from serving.identity.sign_in import OwnSide, SignIn, make_sign_in
from serving.limits import KeyedBuckets


def make_people(
    settings: Settings,
    profile: Profile,
    database: Database,
    box: SecretBox,
    alerts: Alerts,
    tries: KeyedBuckets[str],
    clock: Clock,
    passwords: Passwords | None,
    provider_door: Door | None,
) -> tuple[SqlUsers, SignIn[Engineer]]:
    """Who works here, and how they sign in. Raises KeyFileUnusable, ProviderCertificatesUnusable."""
    users = SqlUsers(database, box)
    own = OwnSide(
        users=users,
        tables=TABLES,
        provider_people=SqlProviderPeople(database, users),
        tokens_may=TOKENS_MAY,
        origin=profile.broker_origin,
        name=profile.organisation,
        staff_number_claim=settings.oidc_staff_number_claim,
        tries=tries,
        alert=alerts.raised,
        settle=ProviderTeams(settings.oidc_team_pairs, users).settle,
    )
    sign_in = make_sign_in(settings, database, box, clock, own, passwords=passwords, provider_door=provider_door)
    return users, sign_in
