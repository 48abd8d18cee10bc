"""LogKeeper: the log itself, in the hands of one thread. Plain and synchronous.

The story of an append, and what remains if the power goes:

    1. entries are staged in one file, synced           a staging file that no checkpoint knows: removed at the start
    2. that file is read from the medium and hashed      the same. A bit that flipped on the way is noticed here, before
                                                        it is signed (Certificate Transparency's Yeti 2022 was not so
                                                        lucky, and could never be verified again)
    3. the new checkpoint is signed and swapped into     it is appended, whether or not anybody hears of it; the start
       the ledger                                       finds what the tiles lack in the staging file
    4. tiles and bundles are written                     the start writes those that are missing
    5. the checkpoint is published                       the same
    6. the staging file is removed                       the start removes it
    7. whoever waits is told

Start-up walks the same steps from 4 on, and then demands that the whole log is what its entries make it.
"""

import errno
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.ingest.errors import DiskFullError
from audit.log.errors import LogBroken
from audit.log.inspection import inspect_log, read_entries
from audit.log.ledger import EntryKey, Ledger
from audit.log.storage import LogStorage
from protocol.checkpoint import Checkpoint, CheckpointError, open_checkpoint, sign_checkpoint
from protocol.details import Detail
from protocol.log_proof import LogProof
from protocol.merkle import EMPTY_ROOT, consistency_proof, inclusion_proof, leaf_hash
from protocol.signed_note import NoteKey
from protocol.tiles import (
    CHECKPOINT_PATH,
    TILE_WIDTH,
    Tile,
    TileError,
    TreeEdge,
    entries_with,
    join_entries,
    split_entries,
    split_hashes,
    subtrees_in,
)

__all__ = ["EntryKey", "LogKeeper", "Pending"]

log = structlog.get_logger(__name__)

STAGING = "staging"

TILES_REMEMBERED = 512
"""Tiles kept in memory for proofs: up to 19 KiB each, taken apart. Full ones never change, and partial ones have names
of their own."""

FULL_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Pending:
    """An entry to be appended. With a `key` it is appended once, however often it is asked for."""

    entry: bytes
    key: EntryKey | None = None


class LogKeeper:
    """Raises LogBroken, and what storage and ledger raise; after either nothing of it may be used any more."""

    def __init__(self, storage: LogStorage, ledger: Ledger, origin: str, key: Ed25519PrivateKey) -> None:
        self._storage = storage
        self._ledger = ledger
        self._key = key
        self._log_key = NoteKey(origin, key.public_key().public_bytes_raw())
        self._edge = TreeEdge()
        self._bundle: list[bytes] = []
        self._tiles: OrderedDict[Tile, list[bytes]] = OrderedDict()
        self._note: bytes | None = None

    @property
    def note(self) -> bytes:
        """The newest checkpoint, signed by the log alone."""
        assert self._note is not None
        return self._note

    @property
    def size(self) -> int:
        return self._edge.size

    # ── start ───────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Takes the log, finishes what a crash interrupted, and inspects all of it. Raises LogBusy, LogBroken."""
        self._storage.open()
        self._ledger.open()
        note = self._ledger.newest()
        if note is None:
            note = self._begin()
        checkpoint = self._own(note, "the ledger's checkpoint")
        published_note = self._storage.read(CHECKPOINT_PATH)
        published = self._own(published_note, "the published checkpoint") if published_note is not None else None
        self._compare(checkpoint, published)
        if published != checkpoint:
            self._finish(checkpoint)
        if published_note != note:
            self._storage.replace(CHECKPOINT_PATH, note)
        self._edge, self._bundle = inspect_log(self._storage, checkpoint)
        self._note = note
        self._clear_staging()

    def _begin(self) -> bytes:
        """The first checkpoint of a new log, of nothing."""
        if self._storage.read(CHECKPOINT_PATH) is not None:
            raise LogBroken(problem="it has a published checkpoint, and its ledger has lost all of them")
        note = sign_checkpoint(Checkpoint(self._log_key.name, 0, EMPTY_ROOT), self._key)
        self._ledger.swap(None, note, {})
        return note

    def _own(self, note: bytes, what: str) -> Checkpoint:
        try:
            return open_checkpoint(note, self._log_key)
        except CheckpointError as error:
            raise LogBroken(
                problem=Detail("{what} is not its own, {problem}", what=what, problem=error.fields["problem"])
            ) from None

    def _compare(self, newest: Checkpoint, published: Checkpoint | None) -> None:
        if published is None or published.size < newest.size:
            return
        if published.size > newest.size:
            raise LogBroken(
                problem=Detail(
                    "{size} entries were published, and the ledger knows {own_size}: the ledger was rolled back",
                    size=published.size,
                    own_size=newest.size,
                )
            )
        if published.root != newest.root:
            raise LogBroken(problem=Detail("two different logs of {size} entries were signed", size=newest.size))

    def _finish(self, checkpoint: Checkpoint) -> None:
        """Step 4 of the append that the ledger knows of."""
        if checkpoint.size == 0:
            return
        data = self._storage.read(_staging_path(checkpoint))
        if data is None:
            raise LogBroken(
                problem=Detail(
                    "the ledger knows {size} entries, and the files end before: the files were rolled back",
                    size=checkpoint.size,
                )
            )
        first, entries = _unpack(checkpoint, data)
        self._load_edge(first)
        if self._copy_with(entries).root() != checkpoint.root:
            raise LogBroken(problem="its staged entries are not those that were signed")
        self._write_files(entries)
        log.info("log_recovered", size=checkpoint.size)

    def _load_edge(self, size: int) -> None:
        """The edge of the tree as it was with `size` leaves, out of its bundles; inspection checks it later."""
        self._edge, self._bundle = TreeEdge(), []
        for first in range(0, size, TILE_WIDTH):
            entries = read_entries(self._storage, entries_with(first, size))
            self._edge.append([leaf_hash(entry) for entry in entries])
            self._bundle = entries if len(entries) < TILE_WIDTH else []

    def _clear_staging(self) -> None:
        for name in self._storage.names(STAGING):
            self._storage.remove(f"{STAGING}/{name}")

    # ── append ──────────────────────────────────────────────────────────────────────────────────────────────────

    def append(self, pool: Sequence[Pending]) -> list[int]:
        """The entries' places, in the pool's order; when this returns they are signed, stored and published.

        Raises DiskFullError, which has changed nothing.
        """
        places, fresh, made = self._arrange(pool)
        if not fresh:
            return places
        edge = self._copy_with(fresh)
        checkpoint = Checkpoint(self._log_key.name, edge.size, edge.root())
        staged = self._stage(checkpoint, fresh)
        note = sign_checkpoint(checkpoint, self._key)
        self._ledger.swap(self._note, note, made)
        full_tiles = self._write_files(staged)
        self._storage.replace(CHECKPOINT_PATH, note)
        self._storage.remove(_staging_path(checkpoint))
        self._remove_partial_forms(full_tiles)
        self._note = note
        return places

    def _arrange(self, pool: Sequence[Pending]) -> tuple[list[int], list[bytes], dict[EntryKey, int]]:
        """Where each entry is or will be; those that are new; and which key each new one has."""
        places: list[int] = []
        fresh: list[bytes] = []
        made: dict[EntryKey, int] = {}
        for pending in pool:
            place = None
            if pending.key is not None:
                place = made.get(pending.key)
                place = self._ledger.place_of(pending.key) if place is None else place
            if place is None:
                place = self._edge.size + len(fresh)
                fresh.append(pending.entry)
                if pending.key is not None:
                    made[pending.key] = place
            places.append(place)
        return places, fresh, made

    def _stage(self, checkpoint: Checkpoint, entries: list[bytes]) -> list[bytes]:
        """The entries as they can be read again, which is what is signed and written from here on."""
        path = _staging_path(checkpoint)
        try:
            self._storage.replace(path, _pack(self._edge.size, entries))
        except OSError as error:
            if error.errno not in FULL_DISK_ERRORS:
                raise
            raise DiskFullError from None
        data = self._storage.read(path)
        if data is None:
            raise LogBroken(problem=Detail("{path} was written and is not there", path=path))
        first, staged = _unpack(checkpoint, data)
        if first != self._edge.size or self._copy_with(staged).root() != checkpoint.root:
            raise LogBroken(problem=Detail("{path} was written and does not read back", path=path))
        return staged

    def _copy_with(self, entries: Sequence[bytes]) -> TreeEdge:
        edge = self._edge.copy()
        edge.append([leaf_hash(entry) for entry in entries])
        return edge

    def _write_files(self, entries: Sequence[bytes]) -> list[Tile]:
        """Bundles and tiles of entries behind the edge, which moves on. What is there already has the same bytes.

        Returns those that are full now.
        """
        files = self._edge.append([leaf_hash(entry) for entry in entries])
        bundle = [*self._bundle, *entries]
        first = self._edge.size - len(bundle)
        for at in range(0, len(bundle), TILE_WIDTH):
            part = bundle[at : at + TILE_WIDTH]
            files.append((Tile(None, (first + at) // TILE_WIDTH, len(part)), join_entries(part)))
        for tile, data in files:
            self._storage.create(tile.path, data)
        self._bundle = bundle[len(bundle) - self._edge.size % TILE_WIDTH :]
        return [tile for tile, _ in files if tile.width == TILE_WIDTH]

    def _remove_partial_forms(self, full_tiles: Sequence[Tile]) -> None:
        """Of tiles that will never grow again. Until the checkpoint is published, recovery may need them."""
        for tile in full_tiles:
            for name in self._storage.names(tile.partial_folder):
                self._storage.remove(f"{tile.partial_folder}/{name}")

    # ── what is asked of it ─────────────────────────────────────────────────────────────────────────────────────

    def prove(self, place: int, note: bytes) -> LogProof:
        """That the entry is in the tree of one of this log's checkpoints."""
        size = self._own(note, "the checkpoint").size
        return LogProof(place, inclusion_proof(place, size, subtrees_in(size, self._hashes)), note)

    def prove_consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """Raises MerkleError for sizes of which none continues the other."""
        return consistency_proof(old_size, new_size, subtrees_in(new_size, self._hashes))

    def entry(self, place: int) -> bytes:
        tile = entries_with(place, self._edge.size)
        entries = self._bundle if tile.width < TILE_WIDTH else read_entries(self._storage, tile)
        return entries[place % TILE_WIDTH]

    def place_of(self, key: EntryKey) -> int | None:
        return self._ledger.place_of(key)

    def subjects_without(self, kind: int, other_kind: int) -> list[bytes]:
        return self._ledger.subjects_without(kind, other_kind)

    def read_file(self, path: str) -> bytes | None:
        """A published file."""
        return self._storage.read(path)

    def close(self) -> None:
        for close in (self._ledger.close, self._storage.close):
            _quietly(close)

    def _hashes(self, tile: Tile) -> list[bytes]:
        """A tile's hashes; a partial one that has been filled since is cut out of the full one."""
        hashes = self._tiles.get(tile)
        if hashes is None:
            data = self._storage.read(tile.path)
            if data is None and tile.width < TILE_WIDTH:
                return self._hashes(self._wider(tile))[: tile.width]
            if data is None:
                raise LogBroken(problem=Detail("{path} is missing", path=tile.path))
            hashes = self._tiles[tile] = split_hashes(tile, data)
            while len(self._tiles) > TILES_REMEMBERED:
                self._tiles.popitem(last=False)
        return hashes

    def _wider(self, tile: Tile) -> Tile:
        """The form of a tile that the newest tree has."""
        assert tile.level is not None
        count = (self._edge.size >> 8 * tile.level) - tile.index * TILE_WIDTH
        wider = Tile(tile.level, tile.index, min(count, TILE_WIDTH))
        if wider.width <= tile.width:
            raise LogBroken(problem=Detail("{path} is missing", path=tile.path))
        return wider


def _staging_path(checkpoint: Checkpoint) -> str:
    return f"{STAGING}/{checkpoint.size}-{checkpoint.root.hex()}"


def _pack(first: int, entries: Sequence[bytes]) -> bytes:
    return first.to_bytes(8, "big") + join_entries(entries)


def _unpack(checkpoint: Checkpoint, data: bytes) -> tuple[int, list[bytes]]:
    """How many entries stood before them, and the staged ones."""
    first = int.from_bytes(data[:8], "big")
    count = checkpoint.size - first
    if count < 1 or count > checkpoint.size:
        raise LogBroken(problem="its staged entries are damaged")
    try:
        return first, split_entries(Tile(None, 0, count), data[8:])
    except TileError:
        raise LogBroken(problem="its staged entries are damaged") from None


def _quietly(close: Callable[[], None]) -> None:
    try:
        close()
    except OSError as error:
        log.warning("log_close_failed", problem=str(error))
