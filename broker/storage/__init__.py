"""SQLite behind the interfaces that identity/, sessions/ and pairing/ declare.

    tables.py       every table, a comment per column
    users.py        UserStore and TokenStore; which tables serving/identity/ finds its own in
    provider_people.py    ProviderPeople
    sessions.py     SessionStore
    whispers.py     WhisperStore; requests.py: RequestStore
    nameplates.py   NameplateStore
    audit_feed.py   AuditServiceStore, ChangedSessions
    webhooks.py     WebhookStore; kept_answers.py: AnswerStore
    migrations/     Alembic: how a database of an earlier version becomes one of this

The file is opened and brought up to date by `serving/database.py`. Every commit is durable when it returns (WAL with
synchronous=FULL). SQLite has one writer at a time; a transaction that writes begins with BEGIN IMMEDIATE, so that two
never deadlock half-way.
"""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"
