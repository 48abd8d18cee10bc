"""SQLite behind the interfaces that identity/, sessions/ and pairing/ declare.

    tables.py       every table, a comment per column
    database.py     opens the file, brings it up to date, gives connections and transactions
    users.py        UserStore and TokenStore
    sessions.py     SessionStore
    nameplates.py   NameplateStore
    migrations/     Alembic: how a database of an earlier version becomes one of this

Every commit is durable when it returns (WAL with synchronous=FULL). SQLite has one writer at a time; a transaction that
writes begins with BEGIN IMMEDIATE, so that two never deadlock half-way.
"""
