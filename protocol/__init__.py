"""Bytes and rules, no I/O: what agent, engineer, broker and audit must agree on.

Every module takes bytes and a time and returns events and bytes. Nothing here opens a socket or a file, reads a clock
or starts a task: whoever drives it passes the time in, so that a test can own the clock.

Where to look first:

    codes.py              the one-time code that two people read to each other
    cpace.py              CPACE-X25519-SHA512, proved against the published vectors
    pairing.py            the two pairing machines: code in, confirmed keys out
    key_schedule.py       every derived key and its one purpose
    messages/             every message of every conversation
    control_channel.py    the sealed channel between engineer and agent
    access_requests.py    the engineer's signed request, and the only way to accept one
    chat.py               what may be said, how often
    grants.py             scopes, and the state machine of what a customer allowed
    stream.py             the resumable byte stream: offsets, acks, generations
    send_buffer.py        its sending half: kept until the other end has it
    stream_frames.py      its frames, byte by byte
    legs.py               how a leg is dialled and refused
    websocket_frames.py   the little of RFC 6455 that a leg needs
    events.py             what a recording can contain
    records.py            the sealed record, byte by byte (record_epochs.py: the body that begins an epoch)
    record_chain.py       what a row of records proves to whoever cannot open one
    record_sealing.py     how the agent seals one
    attestation.py        the engineer's signed word about what they saw
    ratings.py            the customer's signed rating
    rating_links.py       the link by which it may be changed later
    receipts.py           what the customer keeps
    engineer_receipts.py  what the engineer keeps
    receipt_verification.py  what a receipt proves, judged with nothing but the file
    certificates.py       who an engineer is, signed by the organisation
    ssh_keys.py           OpenSSH public keys, as people write and read them
    signed_note.py        C2SP signed notes: text that says who signed it
    merkle.py             the log's tree: roots, proofs, and who checks them
    tiles.py              the tree as static files
    checkpoint.py         the log's signed root
    cosignature.py        a witness's word on it
    log_proof.py          that an entry is in the log: what a receipt carries
    log_leaves.py         what an entry can say
    witness_messages.py   what a log asks of a witness
    profile.py            what an organisation is, signed by its root
    share_url.py          the address that a customer is given
    calendar_time.py      Unix milliseconds as a calendar has them
    errors.py             every way in which this can fail, as sentences
    details.py            parts of their sentences; decoding.py: what msgspec raises
    kept_errors.py        errors as text that is kept, and told later
"""
