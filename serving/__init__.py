"""What a server of ours stands on, the broker and the audit service alike: it knows neither sessions nor recordings.

clock.py      the two clocks, so that a test can own them
database.py   opens a SQLite file, brings it up to date, gives connections and transactions
identity/     people who log in: passwords, one-time numbers, tokens, lockouts
http/         small bodies, safe headers, errors as problem documents
logs.py       structlog, for our own events and the libraries'
"""
