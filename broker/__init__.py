"""The broker: it introduces two people and carries bytes that it cannot read.

It knows who its engineers are and which sessions exist. It never learns a code's secret, a key or a session's contents,
and holds no module that could open a record.

Where to look first:

    app.py           with sign_in.py the only file that chooses implementations
    lifecycle.py     starts, keeps house, stops
    services.py      what one running broker consists of
    watching.py      gauges, and who has to hear that a session ended
    server.py        one port: uvicorn, TLS, and the relay's legs beside the API
    commands.py      `consentry admin`; people_commands.py, team_commands.py: its parts
                     (command_line.py, people_tools.py: what they share)
    config.py        every setting, its default and its environment variable
    organisation/    founded once on the machine itself: root key, engineer CA and its certificates, signed profile, TLS
    pairing/         nameplates and the mailbox in which two ends prove a code to each other
    sessions/        the life of a session: who is in it, what was allowed, how it ended
    relay/           the hot path: leg to leg, blind
    ssh_gateway/     `ssh -J`: stock SSH programs beside a session that was paired in a browser
    webhooks/        tells other systems of sessions and ratings, signed
    websockets/      the three conversations: /v1/agent, /v1/pairing, /v1/records
    http_api/        what an engineer's tools ask over HTTP
    storage/         SQLite behind the interfaces that the other folders declare
    observability/   figures, health
"""
