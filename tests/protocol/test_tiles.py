"""The log as static files: names, contents, and the tree that grows tile by tile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.merkle import consistency_proof, inclusion_proof, leaf_hash, root_hash, subtrees_of, verify_inclusion
from protocol.tiles import (
    TILE_WIDTH,
    Tile,
    TileError,
    TreeEdge,
    entries_with,
    join_entries,
    last_tiles,
    parse_tile_path,
    split_entries,
    split_hashes,
    subtrees_in,
    tile_with,
)

LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(1000)]


def grown(*steps: int) -> tuple[TreeEdge, dict[Tile, bytes]]:
    """A tree that grew to these sizes, and every file that was made on the way."""
    edge, files = TreeEdge(), {}
    for size in steps:
        files |= dict(edge.append(LEAVES[edge.size : size]))
    return edge, files


def test_the_specification_s_examples() -> None:
    """c2sp.org/tlog-tiles: index 1234067, and the tiles of a tree of 70,000."""
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(None, 0, 7).path == "tile/entries/000.p/7"
    assert last_tiles(70_000) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert last_tiles(256) == [Tile(0, 0), Tile(1, 0, 1)]
    assert last_tiles(0) == []


@given(st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 2**55), st.integers(1, 256))
def test_a_tile_s_name_reads_back(level: int | None, index: int, width: int) -> None:
    """Each tile has one name."""
    tile = Tile(level, index, width)
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/x000/001", "tile/0/000/", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/1234", "tile/0/001/002", "tile/0/x001", "tile/data/000",
        "/tile/0/000", "tile/0/٠٠٠", "tile/0/../../etc/passwd", "tile/0/000\n", "tile/-1/000",
        "tile/0/" + "x001/" * 6 + "001", "checkpoint", "",
    ],
)  # fmt: skip
def test_other_names_are_none(path: str) -> None:
    """Whatever is not written exactly so leads to no file."""
    assert parse_tile_path(path) is None


def test_a_tree_grows_the_same_in_any_steps() -> None:
    """Root and last files do not depend on how many leaves came at a time."""
    whole, whole_files = grown(700)
    steps, files = grown(1, 2, 255, 256, 257, 512, 513, 700)
    assert whole.root() == steps.root() == root_hash(700, subtrees_of(LEAVES))
    assert whole_files.items() <= files.items()
    assert {Tile(0, 0, 1), Tile(0, 0, 255), Tile(0, 0), Tile(1, 0, 1), Tile(1, 0, 2)} <= set(files)


@given(st.lists(st.integers(1, 700), min_size=1, max_size=6, unique=True).map(sorted), st.data())
def test_proofs_come_out_of_the_files(steps: list[int], data: st.DataObject) -> None:
    """For every size that had a checkpoint, from the tiles that were written by then."""
    edge, files = grown(*steps)
    assert edge.root() == root_hash(edge.size, subtrees_of(LEAVES))
    subtree = subtrees_in(edge.size, lambda tile: split_hashes(tile, files[tile]))
    index = data.draw(st.integers(0, edge.size - 1))
    proof = inclusion_proof(index, edge.size, subtree)
    assert proof == inclusion_proof(index, edge.size, subtrees_of(LEAVES))
    verify_inclusion(LEAVES[index], index, edge.size, proof, edge.root())
    old = data.draw(st.integers(1, edge.size))
    assert consistency_proof(old, edge.size, subtree) == consistency_proof(old, edge.size, subtrees_of(LEAVES))
    assert set(last_tiles(edge.size)) <= set(files)


def test_an_edge_can_be_gone_back_to() -> None:
    """A copy is not changed by what is appended to the other."""
    edge, _ = grown(300)
    before = edge.copy()
    edge.append(LEAVES[300:400])
    assert (before.size, before.root()) == (300, root_hash(300, subtrees_of(LEAVES)))


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=TILE_WIDTH))
def test_entries_read_back(entries: list[bytes]) -> None:
    """Of any length, also none."""
    tile = entries_with(0, len(entries))
    assert split_entries(tile, join_entries(entries)) == entries


def test_a_file_that_is_cut_or_too_long_is_damaged() -> None:
    """It says which file, and what is wrong with it."""
    bundle = join_entries([b"one", b"two"])
    for damaged in (bundle[:-1], bundle + b"\0", bundle + b"\0\1", bundle[:5], bundle + b"\0\0"):
        with pytest.raises(TileError, match=r"tile/entries/000\.p/2"):
            split_entries(Tile(None, 0, 2), damaged)
    with pytest.raises(TileError, match="63 bytes"):
        split_hashes(Tile(0, 0, 2), bytes(63))


def test_which_file_holds_what() -> None:
    """The tile of a hash and the bundle of an entry have the width that the size gives them."""
    assert tile_with(0, 300, 400) == Tile(0, 1, 144)
    assert tile_with(0, 255, 400) == Tile(0, 0)
    assert tile_with(1, 0, 400) == Tile(1, 0, 1)
    assert entries_with(399, 400) == Tile(None, 1, 144)
