"""What the audit service is told, and nobody else. It asks; the broker calls it for nothing
but its word as a witness (broker/transparency/).

    services.py   audit services and their tokens: made on this machine, hashed at rest
    changes.py    what it is told of sessions that changed
    feed.py       wakes whoever waits for changes, and remembers which recordings grew

The routes are broker/http_api/audit_feed.py; which sessions changed stands in the database, so that a service that was
away reads on where it stopped.
"""
