"""What an engineer's tools ask over HTTP. JSON in and out; errors are problem documents (RFC 9457).

application.py   the FastAPI application: exact paths only, no documentation pages, small bodies
problems.py      errors as problem documents, and which status each gets
caller.py        who is asking: a bearer token, or a browser's cookie
waiting.py       questions that stay open until there is news
origins.py       whose page asks, and the cookie
profile.py       GET  /v1/profile
organisation.py  GET  /v1/organisation: keys by their fingerprints, for administrators
logins.py        POST /v1/login, /v1/browser-login, /v1/logout, GET /v1/me
certificates.py  POST /v1/certificate
sessions.py      GET  /v1/sessions, /v1/sessions/{id}; end
notes.py         /v1/sessions/{id}/notes: of engineers, for each other
audit_feed.py    /v1/audit/…: what the audit service pulls, by its service token
ratings.py       PUT  /v1/sessions/{id}/rating, by the customer
console.py       GET  /console/…: the console's files
people.py        /v1/people; teams.py: teams as a whole, for administrators
requests.py      /v1/requests: the queue
whispers.py      /v1/sessions/{id}/whispers: between staff
ssh_gateway.py   /v1/sessions/{id}/ssh-gateway
log.py           GET /log/…; receipt_proofs.py: the log's word for a receipt
webhooks.py      webhooks, for administrators
health.py        GET /v1/health
examples.py      one of each body, for the description in OpenAPI
"""
