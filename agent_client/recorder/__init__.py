"""Remembers what happens in a session, sealed so that only the organisation's audit side can open it.

recorder.py   gathers events, seals them in order, spools, uploads; says when the shell has to wait
recorded_session.py   what it is given, what it tells, what it hands back
gathering.py  when a heap of events becomes a record (pure)
window.py     what is sealed but not acknowledged, and how long already (pure)
limits.py     when a record is sealed, and how far the recording may run ahead
sealing.py    the thread that seals; totals.py: what the FINAL record says of all before it
spool.py      sealed records on this machine's disk until the broker holds them
upload.py     one websocket to /v1/records, resumed for as long as it takes
deliver.py    at the next start: what a dead agent left behind
redaction.py  secrets are blotted out before anybody sees or records them
secret_starts.py   where in a stream a secret may begin (pure)
errors.py     how recording can fail
"""
