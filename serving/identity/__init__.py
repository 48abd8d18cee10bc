"""Who may log in. Users are made on the machine itself, never over the network.

users.py       what a user is, the rules for names, and the store that must exist
passwords.py   argon2id, in a worker thread and bounded
asking.py      asks an administrator for a new password
totp.py        one-time numbers (RFC 6238), each usable once
lockouts.py    how long a name or an address waits after failures
tokens.py      opaque login tokens, hashed at rest
tables.py      columns of the tables for users and tokens
sql.py         both stores in SQL, for whatever kind of user a server has
login.py       puts these together: log in, authenticate, log out
"""
