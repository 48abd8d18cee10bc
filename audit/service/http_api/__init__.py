"""What reviewers' tools ask over HTTP. JSON in and out; errors are problem documents (RFC 9457).

application.py   the FastAPI application: exact paths only, no documentation pages, small bodies
caller.py        who is asking: an auditor
origins.py       whose page asks, and the cookie
problems.py      errors as problem documents, and which status each gets
logins.py        the ends of all ways to log in, GET /v1/me
people.py        GET /v1/people
pages.py         GET /desk/…: the page for browsers
health.py        GET /healthz, /readyz
sessions.py      GET /v1/sessions, /v1/sessions/{id}; records, verify, replay, files
session_answers.py   what is said of a session
moments.py       GET /v1/sessions/{id}/commands, timeline, moment, live: from the index
wall.py          GET /v1/live: several running sessions in one answer
search.py        POST /v1/search
views.py         GET /v1/views: who saw what
journal.py       GET /v1/journal: what was decided or noticed; monitoring.py: GET /v1/siem
requests.py      exports and erases: one asks, another confirms
policies.py      erasing by itself what is due
reviews.py       scorecards, reviews, disputes
quality.py       sampling, calibration, mystery sessions
reports.py       GET /v1/report
state.py         GET /v1/state: the feed, the log as it was seen, keys, copies of keys
staff.py         who may do something
struct_bodies.py bodies and answers that are msgspec structs
examples.py      one of each body, for the description in OpenAPI
"""
