"""Gives `protocol` sockets: what the customer's and the engineer's side share to reach each other through a broker.

    trust.py              whom to trust: the organisation's profile, fetched and proved; TLS by that profile
    api_tokens.py         tokens for programs, at either server
    browser_login.py      a command is logged in through the browser, at either server
    json_api.py           a server's HTTP API, as commands use it; pinned_tls.py: TLS by a pinned certificate
    log_memory.py         what was seen of each log; log_asking.py: asks one for a proof
    control.py            websockets for the conversations with the broker (messages)
    leg.py                one relay leg: a websocket that is a byte pipe
    tls_pipe.py           TLS between two memory buffers, for legs that have the socket themselves
    blocking_leg.py       a leg for threads, for `ssh-proxy`
    stream_connection.py  a resumable stream as an asyncio transport, or as read/write/drain
    agent_legs.py         the customer's end: spare legs, openings, resumption
    engineer_stream.py    the engineer's end: opens a stream and keeps it alive
    unanswered.py         streams whose other end acknowledges nothing: somebody should know
    paired_session.py     what an engineer's process must know of a session, as a file
    whole_files.py        files that are replaced whole
    ssh_tuning.py         what is changed in asyncssh, for the SSH server of the agent and the gateway of the broker
    ssh_bulk.py           a short way for bulk through asyncssh, for the SSH servers of agent and gateway
    backoff.py            how long to wait before the next try
    patience.py           that wait, which the success of another connection cuts short
    event_loop.py         which event loop a client runs on
    tasks.py              tasks with names that are not forgotten
    lazy_logger.py        a logger that imports structlog with its first line

A leg breaks, a stream does not: `leg` and `stream_connection` know each other through three callbacks, and everything
about offsets and generations is `protocol/stream.py`. Nothing here is imported by `consentry ssh-proxy` but
`paired_session`, `whole_files`, `blocking_leg`, `tls_pipe`, `pinned_tls` and `backoff`, which need the standard library
alone.
"""
