"""A witness: vouches that a log only ever grew (c2sp.org/tlog-witness, cosignature/v1).

    witness.py     Witness: judges one add-checkpoint request, with a store and a signer
    store.py       what it remembers of each log: the newest checkpoint that it signed, in SQLite
    own_key.py     its key, made once in its data folder
    serving.py     a witness as a process of its own: `consentry audit witness`
    router.py      `make_witness_router(store, signer)`: the interface over HTTP, to be mounted anywhere

The audit service is the first witness: it has the router in its application. Nothing here knows of sessions and
records: any C2SP log that it is configured for can ask it. Its key belongs to somebody else than the log's, on another
host, or its word is worth nothing.
"""

from audit.witness.own_key import own_signer
from audit.witness.router import make_witness_router
from audit.witness.store import WitnessStore
from audit.witness.witness import Witness, WitnessSigner

__all__ = ["Witness", "WitnessSigner", "WitnessStore", "make_witness_router", "own_signer"]
