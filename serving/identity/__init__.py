"""Who may log in, and what is remembered of it. The first administrator is made on the machine itself.

users.py       what a user is, the rules for names, and the store that must exist
passwords.py   argon2id, in a worker thread and bounded
asking.py      asks an administrator for a new password
totp.py        one-time numbers (RFC 6238), each usable once
lockouts.py    how long a name or an address waits after failures
tokens.py      opaque login tokens, hashed at rest; what is known of each login
device_logins.py a program is logged in through the browser
api_tokens.py  tokens for programs: less than their maker may, with an end
recovery.py    codes for those who lost their phone, each usable once
secret_box.py  what the database holds and a thief of it must not read
events.py      every decision, told to whoever keeps it
roles.py       what is said to those who may not
live_logins.py connections that end when their login is revoked
tables.py      columns of the tables for users, tokens, and all else that is kept of them
sql.py         users and tokens in SQL, for whatever kind of user a server has
sql_*.py       API tokens, recovery codes, events and passkeys there
kept_events.py every decision kept, and an alert for some
settings.py    settings of signing in, which each server has under a prefix of its own
sign_in.py     puts all of it together, for a server that says what is its own
ways.py        puts passkeys and an OpenID provider together, as the settings say
on_machine.py  what command lines of servers do to people
ceremonies.py  what was begun travels sealed, and is finished once
passkeys.py    WebAuthn: register, sign in, counters that go back
openid/        sign in by an OpenID provider
freshness.py   who signed in only minutes ago
login.py       puts these together: log in, authenticate, log out, list, revoke
"""
