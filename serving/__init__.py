"""What a server of ours stands on, the broker and the audit service alike: it knows neither sessions nor recordings.

clock.py           the two clocks, so that a test can own them
database.py        opens a SQLite file, brings it up to date, gives connections and transactions
migrations.py      Alembic behind it
tables.py          what tables of every database have in common
private_files.py   files that only their owner may read
limits.py          how often a thing may be tried
bells.py           wakes whoever waits for news
descriptors.py     how many files may be open
certificate.py     a TLS certificate of a server's own
identity/          people who log in: passwords, one-time numbers, tokens, lockouts, passkeys, providers
identity_api/      its routes, the same at every server
http/              a server that listens; heads and bodies within limits; safe headers; errors as problem documents
waiting.py         requests for help that ended, as both servers count them
percentiles.py     nearest rank
background.py      work that goes on for as long as a server serves
quick_start.py     imports without the garbage collector
lifeline.py        a process that ends with the one that started it
logs.py            structlog, for our own events and the libraries'
"""
