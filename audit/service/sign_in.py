"""Puts together what the service's people sign in with; for app.py."""

from dataclasses import dataclass

from audit.service.alerts import raise_alert
from audit.service.config import AuditSettings
from audit.service.identity_journal import noting_into
from audit.service.people import TOKENS_MAY, Auditor
from audit.service.setup import identity_key_file
from audit.storage.journal import SqlJournal
from audit.storage.users import TABLES, SqlProviderPeople, SqlTokens, SqlUsers
from serving.clock import Clock
from serving.database import Database
from serving.identity.api_tokens import ApiTokens
from serving.identity.device_logins import DeviceLogins
from serving.identity.kept_events import IdentityEvents
from serving.identity.login import Logins
from serving.identity.openid.admission import OpenId
from serving.identity.openid.door import Door
from serving.identity.passkeys import Passkeys
from serving.identity.passwords import Passwords
from serving.identity.recovery import RecoveryCodes
from serving.identity.secret_box import load_secret_box
from serving.identity.settings import HOUR_MS, MINUTE_MS
from serving.identity.sql_api_tokens import SqlApiTokens
from serving.identity.sql_events import SqlIdentityEvents
from serving.identity.sql_passkeys import SqlPasskeys
from serving.identity.sql_recovery import SqlRecoveryCodes
from serving.identity.ways import make_openid, make_passkeys
from serving.limits import KeyedBuckets

TRIES_PER_MINUTE = 30
"""How often one address may begin a login through the browser, and one person look a code up."""

PASSKEY_PARTY = "Consentry audit"
"""What a device shows of whose passkey it is: the service may not know its organisation yet."""


@dataclass(frozen=True)
class SignIn:
    users: SqlUsers
    passwords: Passwords
    logins: Logins[Auditor]
    api_tokens: ApiTokens[Auditor]
    device_logins: DeviceLogins
    recovery: RecoveryCodes
    events: IdentityEvents
    passkeys: Passkeys[Auditor] | None
    openid: OpenId[Auditor] | None


def make_sign_in(
    settings: AuditSettings,
    database: Database,
    journal: SqlJournal,
    clock: Clock,
    passwords: Passwords | None,
    provider_door: Door | None,
) -> SignIn:
    """Raises KeyFileUnusable, DataFolderUnusable, ProviderCertificatesUnusable."""
    box = load_secret_box(identity_key_file(settings.data_folder))
    users, recovery = SqlUsers(database, box), RecoveryCodes(SqlRecoveryCodes(database, TABLES), box)
    events = IdentityEvents(
        SqlIdentityEvents(database, TABLES),
        clock,
        on_locked=lambda one: raise_alert("login_locked", user=one.subject or None, address=one.address),
        tell=noting_into(journal, clock),
    )
    passwords = passwords or Passwords()
    return SignIn(
        users=users,
        passwords=passwords,
        logins=Logins(
            users,
            SqlTokens(database),
            passwords,
            clock,
            login_life_ms=settings.login_hours * HOUR_MS,
            login_idle_ms=settings.login_idle_minutes * MINUTE_MS,
            recovery=recovery,
            note=events.note,
        ),
        api_tokens=ApiTokens(SqlApiTokens(database, TABLES), clock, TOKENS_MAY),
        device_logins=DeviceLogins(KeyedBuckets(per_minute=TRIES_PER_MINUTE, burst=2 * TRIES_PER_MINUTE)),
        recovery=recovery,
        events=events,
        passkeys=make_passkeys(
            settings,
            SqlPasskeys(database, TABLES),
            clock,
            origin=settings.public_address,
            name=PASSKEY_PARTY,
            on_copied=lambda user_name: raise_alert("passkey_copied", user=user_name),
        ),
        openid=make_openid(
            settings,
            SqlProviderPeople(database, users),
            clock,
            origin=settings.public_address,
            staff_number_claim=None,
            note=events.note,
            on_refused=lambda problem: raise_alert("provider_answer_refused", problem=problem),
            door=provider_door,
        ),
    )
