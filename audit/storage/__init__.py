"""The audit service's own database, `audit.sqlite3`: its people, what it pulled, who saw what, what was asked for.

    tables.py      every table, a comment per column; each subject may keep its tables in a file of its own beside it
    users.py       UserStore and TokenStore
    sessions.py    what is known of each session, and how far the broker's feed was read
    views.py       who saw what
    seals.py       what people wrote about a session, sealed under its key
    log_entries.py    what the transparency log is to hear, and where it stands there
    journal.py     what was decided or noticed, by the broker and here, in one order
    siem_places.py how far each security monitor has been told
    erase_policies.py   for which classes two people decided that what is due is erased
    feed_places.py how far each part of the broker's feed was read
    ended_requests.py   requests for help that ended at the broker, for the reports
    newest.py      pages of tables that only grow, the newest first
    requests.py    exports and erases that wait for a second person
    quality_tables.py   scorecards, sessions as quality knows them, plans, assignments, reviews, disputes
    quality.py     QualityStore of audit/quality/
    migrations/    Alembic: how a database of an earlier version becomes one of this

Deleted text is overwritten (`secure_delete`), so that an erase leaves nothing behind in the file.
"""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"
DATABASE_FILE = "audit.sqlite3"
