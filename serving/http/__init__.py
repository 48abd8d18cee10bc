"""Manners of an HTTP server of ours.

guards.py     small whole bodies, safe headers
heads.py      heads of requests, within limits of size, time and number
encoding.py   bytes in JSON, strict bodies
own_pages.py  whose page asks, and the cookie of our own
site.py       built pages, by exact name
shared_tls.py TLS whose buffers belong to the listener
server.py     uvicorn on one port, with TLS or without
problems.py   errors as problem documents (RFC 9457)
openapi.py    a server's description; routes.py: its routes; permissions.py: which one each asks for
idempotency.py, etags.py   the same request twice; two people who edit the same
numbers.py    numbers in addresses
outgoing.py   requests that we send, in their time
renewal.py    takes up a TLS certificate that was renewed
"""
