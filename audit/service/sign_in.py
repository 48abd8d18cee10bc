"""What the audit service says of itself where its people sign in; for app.py."""

from audit.service.alerts import raise_alert
from audit.service.config import AuditSettings
from audit.service.identity_journal import noting_into
from audit.service.people import TOKENS_MAY, Auditor
from audit.service.setup import identity_key_file
from audit.storage.journal import SqlJournal
from audit.storage.users import TABLES, SqlProviderPeople, SqlUsers
from serving.clock import Clock
from serving.database import Database
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords
from serving.identity.secret_box import load_secret_box
from serving.identity.sign_in import OwnSide, SignIn, make_sign_in
from serving.limits import KeyedBuckets

TRIES_PER_MINUTE = 30
"""How often one address may begin a login through the browser, and one person look a code up."""

PASSKEY_PARTY = "Consentry audit"
"""What a device shows of whose passkey it is: the service may not know its organisation yet."""


def make_people(
    settings: AuditSettings,
    database: Database,
    journal: SqlJournal,
    clock: Clock,
    passwords: Passwords | None,
    provider_door: Door | None,
) -> tuple[SqlUsers, SignIn[Auditor]]:
    """Who works here, and how they sign in.

    Raises KeyFileUnusable, DataFolderUnusable, ProviderCertificatesUnusable.
    """
    box = load_secret_box(identity_key_file(settings.data_folder))
    users = SqlUsers(database, box)
    own = OwnSide(
        users=users,
        tables=TABLES,
        provider_people=SqlProviderPeople(database, users),
        tokens_may=TOKENS_MAY,
        origin=settings.public_address,
        name=PASSKEY_PARTY,
        staff_number_claim=None,
        tries=KeyedBuckets(per_minute=TRIES_PER_MINUTE, burst=2 * TRIES_PER_MINUTE),
        alert=raise_alert,
        tell=noting_into(journal, clock),
    )
    sign_in = make_sign_in(settings, database, box, clock, own, passwords=passwords, provider_door=provider_door)
    return users, sign_in
