"""The relay: pairs an engineer's leg with an agent's leg and pipes bytes that it cannot read.

    tickets.py   what admits a leg: short, signed by us, checked without a lookup
    relay.py     which sessions are open, who waits for whom, who is piped to whom, and when that ends
    pump.py      the hot path: websocket frames in, one frame out per read, strict back-pressure
    upgrade.py   the door: takes /relay/* from uvicorn at protocol level, leaves it everything else

It knows no storage, no HTTP API, no identity, no stream and no message. It counts bytes and never looks into them, and
it logs legs, not frames. A leg that waits for its partner is not read from; a partner that does not drain is not fed:
what a pair holds in memory is one read (READ_BUFFER_BYTES) per direction.
"""
