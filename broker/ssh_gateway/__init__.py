"""The SSH gateway: `ssh -J user@broker SESSION` reaches a session that was paired in a browser, and nothing else.

    openings.py   which SSH keys may reach which sessions, as their engineers' browsers have named them; in memory
    server.py     the SSH server: one public key, one kind of channel, one kind of destination
    carrier.py    a channel of the outer SSH, piped into a stream to the customer's agent
    leg.py        the stream's leg: the same place in the relay as a websocket's, without one
    host_key.py   the gateway's own key

What is carried is the inner SSH between the engineer's `ssh` and the agent, end to end: the gateway reads as little of
it as the relay does. It opens streams with an id and a key that an engineer's browser drew and told the agent; they
come from no pairing, and on them the agent lets nothing in but SSH by the one key that the engineer named
([why](docs/decisions/0031-ssh-gateway.md)).
"""
