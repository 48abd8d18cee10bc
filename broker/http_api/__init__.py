"""What an engineer's tools ask over HTTP. JSON in and out; errors are problem documents (RFC 9457).

application.py   the FastAPI application: exact paths only, no documentation pages, small bodies
problems.py      errors as problem documents, and which status each gets
caller.py        who is asking: the bearer token
profile.py       GET  /v1/profile
logins.py        POST /v1/login, POST /v1/logout, GET /v1/me
certificates.py  POST /v1/certificate
sessions.py      GET  /v1/sessions, /v1/sessions/{id}; notes; end
audit_feed.py    /v1/audit/…: what the audit service pulls, by its service token
ratings.py       PUT  /v1/sessions/{id}/rating, by the customer
"""
