"""The whole log, derived again from its entries: every tile must be what the entries make it, and so must the root.

Reads each bundle once, from the first entry on: a second for some hundred thousand entries. A log that is not whole is
refused with the first file that is wrong.
"""

from audit.log.errors import LogBroken
from audit.log.storage import LogStorage
from protocol.checkpoint import Checkpoint
from protocol.details import Detail
from protocol.merkle import leaf_hash
from protocol.tiles import TILE_WIDTH, Tile, TileError, TreeEdge, entries_with, last_tiles, split_entries


def inspect_log(storage: LogStorage, checkpoint: Checkpoint) -> tuple[TreeEdge, list[bytes]]:
    """The tree's edge and the entries of its last, partial bundle. Raises LogBroken."""
    edge = TreeEdge()
    needed = set(last_tiles(checkpoint.size))
    entries: list[bytes] = []
    for first in range(0, checkpoint.size, TILE_WIDTH):
        entries = read_entries(storage, entries_with(first, checkpoint.size))
        for tile, data in edge.append([leaf_hash(entry) for entry in entries]):
            if (tile.width == TILE_WIDTH or tile in needed) and storage.read(tile.path) != data:
                raise LogBroken(problem=Detail("{path} is missing or is not what the entries make it", path=tile.path))
    if edge.root() != checkpoint.root:
        raise LogBroken(problem=Detail("its {size} entries are not those that were signed", size=checkpoint.size))
    return edge, entries if len(entries) < TILE_WIDTH else []


def read_entries(storage: LogStorage, tile: Tile) -> list[bytes]:
    """A bundle's entries. Raises LogBroken."""
    data = storage.read(tile.path)
    if data is None:
        raise LogBroken(problem=Detail("{path} is missing", path=tile.path))
    try:
        return split_entries(tile, data)
    except TileError as error:
        raise LogBroken(
            problem=Detail("{path} is damaged, {problem}", path=error.fields["path"], problem=error.fields["problem"])
        ) from None
