"""Tells other systems of sessions and ratings: signed HTTP requests in the form of Standard Webhooks.

    messages.py   what is told: a few facts of a session, never a name, a note or a word of a customer's
    signing.py    secrets, signatures, and when to try again; pure
    sender.py     one request, to no address inside the house unless that is allowed
    courier.py    finds what is new, and delivers what is due
    hooks.py      what the others need of a storage

What has happened is read from the sessions themselves, on from each webhook's own cursor: a crash between an event and
its message loses nothing. A message may come twice, with the same `webhook-id`; it never comes from anybody else.
"""
