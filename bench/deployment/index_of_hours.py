"""Indexes of made-up hours, written without recordings: blocks, filters and heads as the indexer writes them."""

from pathlib import Path

from audit.replay_index.entries import Entry
from audit.replay_index.index_files import FORMAT, BlockPlace, Head, IndexFiles, SessionFacts
from audit.replay_index.keys import IndexKeys
from audit.replay_index.text_blocks import BLOCK_CHARACTERS, pack_block
from bench.deployment.support_hours import HOUR_MS, START_MS

ENGINEERS = (("Mei Example", "E-17"), ("Jun Example", "E-18"), ("Ada Example", "E-19"))


def session_id_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


def write_hour(folder: Path, keys: IndexKeys, number: int, entries: list[Entry]) -> None:
    """One session of an hour, durably."""
    session_id = session_id_of(number)
    files = IndexFiles(folder, session_id, keys.make(session_id))
    files.make_folder()
    places: list[BlockPlace] = []
    end = begin = size = 0
    for at, entry in enumerate(entries, start=1):
        size += len(entry.text) + 1
        if size >= BLOCK_CHARACTERS or at == len(entries):
            block, filter_ = pack_block(entries[begin:at])
            filter_place = files.chunks.append(filter_, end)
            block_place = files.chunks.append(block, end + filter_place.size_bytes)
            end = block_place.offset + block_place.size_bytes
            places.append(BlockPlace(filter_place, block_place))
            begin, size = at, 0
    facts = SessionFacts(
        session_id, START_MS + number * HOUR_MS, (ENGINEERS[number % len(ENGINEERS)],), f"shop@till-{number % 40}"
    )
    files.commit(Head(FORMAT, facts, 1, 0, True, end, HOUR_MS, (), (), tuple(places), (), None, ()))
    files.close()
