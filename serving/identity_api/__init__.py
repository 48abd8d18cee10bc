"""HTTP routes about people and their logins, which every server has: the same at the broker and at the audit service.

services.py           what a server must have for them
caller.py             who is asking, and whether their role allows it
devices.py            what the other end says of itself
sign_in_ways.py       GET /v1/sign-in-ways
logins.py             what the ways to log in have in common; POST /v1/logout
device_logins.py      a program is logged in through the browser
presence.py           whether anybody is at the page, and how long a login lasts without
own_account.py        what /v1/me says of an account at every server
account.py            one's own logins, password, one-time numbers, recovery codes
tokens.py             API tokens, one's own and others'
passkeys.py           one's own passkeys, and in by one
openid.py             in and out by the organisation's own provider
logins_of_people.py   others' logins, for administrators
events.py             GET /v1/events
problems.py           which status their errors get
examples.py           one example of each body

Who somebody is, each server says in a model of its own (`/v1/me`): so the routes that end a way to sign in are there.
"""
