"""A log's tree as static files (c2sp.org/tlog-tiles): how they are named, what is in them, which ones a size needs.

checkpoint                   the signed root
tile/<L>/<N>[.p/<W>]         256 hashes of level 8·L, or W of them in the last, partial tile
tile/entries/<N>[.p/<W>]     the same 256 or W entries as in tile/0/<N>, each behind its length as u16
N                            decimal in groups of three, all but the last with an x: 1234067 is x001/x234/067
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from protocol.details import Detail
from protocol.errors import IntegrityError
from protocol.merkle import HASH_BYTES, Subtree, node_hash, root_hash

CHECKPOINT_PATH = "checkpoint"

TILE_HEIGHT = 8
TILE_WIDTH = 256
LEVEL_LIMIT = 63

ENTRY_LIMIT_BYTES = 2**16 - 1

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
INDEX_GROUPS_LIMIT = 6
"""1000^6 tiles hold more than 2^63 leaves."""


class TileError(IntegrityError):
    """A tile that is not what its name says."""

    sentence = "The log's file {path} is damaged: {problem}."


@dataclass(frozen=True, order=True)
class Tile:
    """One file. `level` None is a bundle of entries; `width` below 256 a partial one."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        groups: list[str] = []
        rest = self.index
        while True:
            rest, group = divmod(rest, 1000)
            groups.append(f"x{group:03}" if groups else f"{group:03}")
            if not rest:
                break
        kind = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{'/'.join(reversed(groups))}{partial}"

    @property
    def partial_folder(self) -> str:
        """Where the partial forms of this tile lie."""
        return f"{Tile(self.level, self.index).path}.p"


def parse_tile_path(path: str) -> Tile | None:
    """The tile of this name; None for anything that is not written exactly so."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    kind, high, low, width = found.groups()
    digits = high.replace("x", "").replace("/", "") + low
    if len(digits) > 3 * INDEX_GROUPS_LIMIT or (len(digits) > 3 and digits.startswith("000")):
        return None
    tile = Tile(None if kind == "entries" else int(kind), int(digits), int(width or TILE_WIDTH))
    if (tile.level or 0) > LEVEL_LIMIT or (width is not None and tile.width >= TILE_WIDTH):
        return None
    return tile


def last_tiles(size: int) -> list[Tile]:
    """The rightmost hash tile of each level of a tree, the lowest first; none for an empty tree."""
    tiles = []
    level = 0
    while size:
        full, rest = divmod(size, TILE_WIDTH)
        tiles.append(Tile(level, full, rest) if rest else Tile(level, full - 1))
        size, level = full, level + 1
    return tiles


def tile_with(level: int, index: int, size: int) -> Tile:
    """The hash tile of a tree of `size` leaves that holds the `index`-th hash of tile level `level`."""
    number = index // TILE_WIDTH
    return Tile(level, number, min((size >> TILE_HEIGHT * level) - number * TILE_WIDTH, TILE_WIDTH))


def entries_with(index: int, size: int) -> Tile:
    """The bundle of a tree of `size` leaves that holds entry `index`."""
    number = index // TILE_WIDTH
    return Tile(None, number, min(size - number * TILE_WIDTH, TILE_WIDTH))


def split_hashes(tile: Tile, data: bytes) -> list[bytes]:
    """A tile's hashes. Raises TileError."""
    if len(data) != tile.width * HASH_BYTES:
        raise TileError(
            path=tile.path,
            problem=Detail(
                "it has {size_bytes} bytes instead of {needed_bytes}",
                size_bytes=len(data),
                needed_bytes=tile.width * HASH_BYTES,
            ),
        )
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def join_entries(entries: Iterable[bytes]) -> bytes:
    """A bundle. Each entry has at most ENTRY_LIMIT_BYTES."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_entries(tile: Tile, data: bytes) -> list[bytes]:
    """A bundle's entries. Raises TileError."""
    entries = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise TileError(path=tile.path, problem="its last entry is cut off")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != tile.width:
        raise TileError(
            path=tile.path,
            problem=Detail("it has {count} entries instead of {needed}", count=len(entries), needed=tile.width),
        )
    return entries


def subtrees_in(size: int, read_hashes: Callable[[Tile], Sequence[bytes]]) -> Subtree:
    """Subtrees of a tree of `size` leaves that lies in tiles. `read_hashes` raises what it likes."""

    def subtree(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, TILE_HEIGHT)
        first = index << above
        hashes = read_hashes(tile_with(tile_level, first, size))
        at = first % TILE_WIDTH
        row = list(hashes[at : at + (1 << above)])
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    return subtree


class TreeEdge:
    """The right edge of a tree, from which it grows: of each level the hashes that are in no full tile yet.

    Not copied: whoever wants to go back keeps `copy()`.
    """

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._rows = [list(row) for row in rows]

    def copy(self) -> "TreeEdge":
        return TreeEdge(self.size, self._rows)

    def append(self, leaf_hashes: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Takes leaves; the tiles that the tree has now and had not before, in the order in which they fill."""
        before = self.size
        filled: list[tuple[Tile, bytes]] = []
        for leaf in leaf_hashes:
            self._push(0, leaf, filled)
            self.size += 1
        if self.size > before:
            for level, row in enumerate(self._rows):
                is_new = (self.size >> TILE_HEIGHT * level) > (before >> TILE_HEIGHT * level)
                if row and is_new:
                    number = (self.size >> TILE_HEIGHT * level) // TILE_WIDTH
                    filled.append((Tile(level, number, len(row)), b"".join(row)))
        return filled

    def _push(self, level: int, digest: bytes, filled: list[tuple[Tile, bytes]]) -> None:
        if level == len(self._rows):
            self._rows.append([])
        row = self._rows[level]
        row.append(digest)
        if len(row) == TILE_WIDTH:
            number = ((self.size + 1) >> TILE_HEIGHT * (level + 1)) - 1
            filled.append((Tile(level, number), b"".join(row)))
            top = list(row)
            row.clear()
            while len(top) > 1:
                top = [node_hash(top[i], top[i + 1]) for i in range(0, len(top), 2)]
            self._push(level + 1, top[0], filled)

    def root(self) -> bytes:
        """The root over all leaves so far."""
        # What is in no full tile stands in the rows; whatever a root asks for is a whole tile, or in such a row.
        return root_hash(self.size, self._subtree)

    def _subtree(self, level: int, index: int) -> bytes:
        tile_level, above = divmod(level, TILE_HEIGHT)
        first = index << above
        at = first - ((self.size >> TILE_HEIGHT * tile_level) // TILE_WIDTH) * TILE_WIDTH
        row = self._rows[tile_level][at : at + (1 << above)]
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]
