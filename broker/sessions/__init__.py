"""The life of a session at the broker: metadata only, never its contents.

session.py     what a session is, its states, participants, notes and ratings; the store that must exist
lines.py       which agent is connected, and how to speak to it
legs.py        its legs at the relay: tickets for them, and the cut
goodbyes.py    what an agent is told of the end
whispers.py    what staff say to each other about it, out of the customer's sight
ratings.py     the customer's rating: signed, in time, newest
registry.py    opens, attaches, admits, ends; abandons agents that do not come back; survives a restart
"""
