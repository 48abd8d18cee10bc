"""The log on disk: what it appends it proves, and what does not fit together it does not continue."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.log.errors import LogBroken, LogBusy
from audit.log.keeper import EntryKey, Pending
from protocol.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from protocol.merkle import MerkleError, verify_consistency
from protocol.tiles import join_entries
from tests.audit.log.houses import check_whole, entry, keeper_in, opened, pool
from tests.helpers.logs import LOG, LOG_KEY, ORIGIN


def grow(folder: Path, *sizes: int) -> None:
    with opened(folder) as keeper:
        for size in sizes:
            keeper.append(pool(keeper.size, size - keeper.size))


def test_what_is_appended_is_proved_and_stays(tmp_path: Path) -> None:
    """Over restarts, at the widths where tiles fill, each entry is where it was said to be."""
    sizes = (1, 2, 255, 256, 257, 511, 513)
    for size in sizes:
        with opened(tmp_path) as keeper:
            first = keeper.size
            assert keeper.append(pool(first, size - first)) == list(range(first, size))
    with opened(tmp_path) as keeper:
        assert check_whole(keeper) == 513
        assert [keeper.entry(place) for place in (0, 255, 256, 512)] == [entry(n) for n in (0, 255, 256, 512)]


def test_files_are_those_of_a_tiled_log(tmp_path: Path) -> None:
    """The names that any C2SP tool asks for; partial forms of what is full are gone, and nothing is left staged."""
    grow(tmp_path, 200, 256, 300)
    files = tmp_path / "files"
    names = sorted(str(path.relative_to(files)) for path in files.rglob("*") if path.is_file())
    assert names == [
        ".lock", "checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000",
        "tile/entries/001.p/44",
    ]  # fmt: skip
    assert (files / "tile/entries/001.p/44").read_bytes() == join_entries(entry(n) for n in range(256, 300))


def test_every_checkpoint_continues_every_other(tmp_path: Path) -> None:
    """Also from sizes whose partial tiles are not kept any more."""
    with opened(tmp_path) as keeper:
        seen = []
        for size in (3, 200, 256, 300, 600):
            keeper.append(pool(keeper.size, size - keeper.size))
            seen.append((open_checkpoint(keeper.note, LOG_KEY), keeper.note))
        newest = seen[-1][0]
        for old, note in seen[:-1]:
            proof = keeper.prove_consistency(old.size, newest.size)
            verify_consistency(old.size, old.root, newest.size, newest.root, proof)
            assert keeper.prove(2, note).checkpoint_note == note
        with pytest.raises(MerkleError):
            keeper.prove_consistency(600, 300)


def test_what_is_asked_for_twice_is_in_the_log_once(tmp_path: Path) -> None:
    """In one pool, in two, and after a restart; another kind or subject is another entry."""
    key = EntryKey(1, b"session")
    with opened(tmp_path) as keeper:
        assert keeper.append([Pending(b"one", key), Pending(b"other", key), Pending(b"two")]) == [0, 0, 1]
        assert keeper.append([Pending(b"later", key)]) == [0]
    with opened(tmp_path) as keeper:
        assert keeper.append([Pending(b"later", key), Pending(b"close", EntryKey(3, b"session"))]) == [0, 2]
        assert keeper.entry(0) == b"one"
        assert keeper.append([Pending(b"b", EntryKey(1, b"b"))]) == [3]
        assert keeper.subjects_without(1, 3) == [b"b"]
        assert keeper.place_of(EntryKey(1, b"nobody")) is None


def test_one_log_has_one_owner(tmp_path: Path) -> None:
    """A second broker on the same folder is told so; one with a folder of its own and the same ledger finds out when
    it appends."""
    with opened(tmp_path) as keeper:
        keeper.append(pool(0, 3))
        second = keeper_in(tmp_path)
        with pytest.raises(LogBusy):
            second.start()
        second.close()
        shutil.copytree(tmp_path / "files", tmp_path / "elsewhere" / "files")
        (tmp_path / "elsewhere" / "ledger.sqlite3").symlink_to(tmp_path / "ledger.sqlite3")
        with opened(tmp_path / "elsewhere") as other:
            keeper.append(pool(3, 1))
            with pytest.raises(LogBroken, match="somebody else"):
                other.append(pool(3, 2))
        assert check_whole(keeper) == 4


Damage = Callable[[Path], object]


def flip(name: str, place: int = -1) -> Damage:
    def damage(folder: Path) -> None:
        data = bytearray((folder / "files" / name).read_bytes())
        data[place] ^= 1
        (folder / "files" / name).write_bytes(data)

    return damage


def swap_entries(folder: Path) -> None:
    bundle = folder / "files" / "tile" / "entries" / "000"
    entries = [entry(n) for n in range(256)]
    entries[3], entries[4] = entries[4], entries[3]
    bundle.write_bytes(join_entries(entries))


def drop_entry(folder: Path) -> None:
    bundle = folder / "files" / "tile" / "entries" / "000"
    bundle.write_bytes(join_entries([entry(n) for n in range(255)]))


def remove(name: str) -> Damage:
    return lambda folder: (folder / "files" / name).unlink()


def publish(size: int, root: bytes = b"x" * 32) -> Damage:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, root), LOG)
    return lambda folder: (folder / "files" / "checkpoint").write_bytes(note)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (flip("tile/entries/000", 5), "tile/0/000 is missing or is not what"),
        (flip("tile/entries/001.p/44"), r"tile/0/001\.p/44 is missing or is not what"),
        (flip("tile/0/000"), "tile/0/000 is missing or is not what"),
        (flip("tile/1/000.p/1"), r"tile/1/000\.p/1 is missing or is not what"),
        (swap_entries, "tile/0/000 is missing or is not what"),
        (drop_entry, "255 entries instead of 256"),
        (remove("tile/entries/000"), "tile/entries/000 is missing"),
        (remove("tile/0/001.p/44"), r"tile/0/001\.p/44 is missing"),
        (remove("checkpoint"), "the files were rolled back"),
        (flip("checkpoint", 30), "is not its own"),
        (publish(301), "the ledger was rolled back"),
        (publish(300), "two different logs of 300"),
        (publish(299), "the files were rolled back"),
        (lambda folder: (folder / "ledger.sqlite3").unlink(), "its ledger has lost all of them"),
    ],
)  # fmt: skip
def test_a_log_that_is_not_whole_is_refused_with_the_reason(tmp_path: Path, damage: Damage, reason: str) -> None:
    """Altered, reordered, dropped, removed, rolled back, forked: the start says what is wrong, and changes nothing."""
    grow(tmp_path, 256, 300)
    damage(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file()}
    with pytest.raises(LogBroken, match=reason), opened(tmp_path):
        pass
    assert before == {path: path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file()}


def test_old_files_with_a_new_ledger_are_refused(tmp_path: Path) -> None:
    """A restored backup of one half."""
    grow(tmp_path, 10)
    shutil.copytree(tmp_path / "files", tmp_path / "backup")
    grow(tmp_path, 20)
    shutil.rmtree(tmp_path / "files")
    (tmp_path / "backup").rename(tmp_path / "files")
    with pytest.raises(LogBroken, match="the files were rolled back"), opened(tmp_path):
        pass


def test_an_old_ledger_with_new_files_is_refused(tmp_path: Path) -> None:
    """The other half."""
    grow(tmp_path, 10)
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as source, sqlite3.connect(tmp_path / "old") as target:
        source.backup(target)
    source.close()
    target.close()
    grow(tmp_path, 20)
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"ledger.sqlite3{suffix}").unlink(missing_ok=True)
    (tmp_path / "old").rename(tmp_path / "ledger.sqlite3")
    with pytest.raises(LogBroken, match="the ledger was rolled back"), opened(tmp_path):
        pass
