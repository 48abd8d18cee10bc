"""The transparency log: append-only, signed, witnessed, and refused by us before anybody else could refuse it.

    log.py         TransparencyLog, what the broker talks to: an asyncio face on one thread
    keeper.py      LogKeeper, what that thread does: the commit order, recovery, proofs
    inspection.py  the whole log re-derived from its entries: what start-up demands
    storage.py     where files lie: what the log needs of a storage, and the folder that gives it
    ledger.py      the one value that is compared and swapped: what the log needs of it, and SQLite
    cosigning.py   asks every witness for its word on every checkpoint
    errors.py      the ways in which the log says no

The commit order is Sunlight's (github.com/FiloSottile/sunlight): entries are staged, read back, hashed again and only
then signed; the checkpoint is swapped into the ledger; then come tiles, then the published checkpoint, then the answer.
The ledger is trusted, storage is not: whatever does not fit what the ledger says stops the log, with the reason.
"""

from audit.log.cosigning import WitnessDoor, WitnessUnreachable
from audit.log.errors import LogBroken, LogBusy, LogFailed
from audit.log.keeper import EntryKey
from audit.log.ledger import SqliteLedger
from audit.log.log import TransparencyLog
from audit.log.storage import FolderStorage

__all__ = [
    "EntryKey",
    "FolderStorage",
    "LogBroken",
    "LogBusy",
    "LogFailed",
    "SqliteLedger",
    "TransparencyLog",
    "WitnessDoor",
    "WitnessUnreachable",
]
