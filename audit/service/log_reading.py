"""Reads the organisation's log from its first entry to its last, as anybody may (c2sp.org/tlog-tiles).

Nothing of it counts before all of it was read and has the root that the log signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from audit.service.broker_feed import BrokerFeed, BrokerUnavailableError
from protocol.checkpoint import CheckpointError, open_checkpoint
from protocol.log_leaves import Leaf, LeafError, decode_leaf
from protocol.merkle import leaf_hash
from protocol.signed_note import NoteKey
from protocol.tiles import CHECKPOINT_PATH, TILE_WIDTH, Tile, TreeEdge, entries_with, split_entries


@dataclass(frozen=True)
class LogEntryRead:
    place: int
    leaf: Leaf


async def read_log(feed: BrokerFeed, log_key: NoteKey) -> list[LogEntryRead]:
    """Every entry that this version knows. Raises as `BrokerFeed.changes`, CheckpointError and TileError."""
    note = await feed.log_file(CHECKPOINT_PATH)
    if note is None:
        raise BrokerUnavailableError(origin=feed.origin, problem="it shows no log")
    checkpoint = open_checkpoint(note, log_key)
    tree, found = TreeEdge(), list[LogEntryRead]()
    while tree.size < checkpoint.size:
        entries = await _bundle(feed, entries_with(tree.size, checkpoint.size))
        found += _known(tree.size, entries)
        tree.append([leaf_hash(entry) for entry in entries])
    if tree.root() != checkpoint.root:
        raise CheckpointError(problem="its entries are not those that it signed")
    return found


async def _bundle(feed: BrokerFeed, tile: Tile) -> list[bytes]:
    """A partial one may have been filled, and is gone then: its entries are the first of the full one."""
    data = await feed.log_file(tile.path)
    if data is not None:
        return split_entries(tile, data)
    full = Tile(None, tile.index)
    data = await feed.log_file(full.path) if tile.width < TILE_WIDTH else None
    if data is None:
        raise BrokerUnavailableError(origin=feed.origin, problem="a part of its log is not there")
    return split_entries(full, data)[: tile.width]


def _known(first: int, entries: list[bytes]) -> Iterator[LogEntryRead]:
    for place, entry in enumerate(entries, first):
        try:
            yield LogEntryRead(place, decode_leaf(entry))
        except LeafError:
            continue  # of a later version
