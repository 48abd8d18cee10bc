"""Blocks of entries, and the filters that say which blocks are worth opening.

A block is some tens of kilobytes of entries, one line each. Its filter is the sorted 32-bit hashes of all tokens in
it: a block whose filter lacks a token of the query holds no match, and most blocks are passed over by that alone. A
block that is opened is searched as text, so a hit is never a guess. Both are kept encrypted; see keys.py.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from audit.replay_index.entries import Entry, Kind, Source
from audit.replay_index.words import Query, normal_form, token_hash, tokens_of

BLOCK_CHARACTERS = 32 * 1024
_KINDS = tuple(Kind)
_SOURCES = tuple(Source)


class _Block(Struct, frozen=True, array_like=True):
    """Columns, because most entries of a block share all but time and text."""

    times: tuple[int, ...]
    kinds: bytes
    sources: bytes
    channels: tuple[int, ...]
    names: dict[int, str]
    text: str
    normal: str | None
    """The text in normal form, if that differs: making it anew would be most of a search's time."""


_decoder = msgspec.msgpack.Decoder(_Block)


def pack_block(entries: Sequence[Entry]) -> tuple[bytes, bytes]:
    """The block, and its filter."""
    text = "\n".join(entry.text for entry in entries)
    normal = normal_form(text)
    block = _Block(
        times=tuple(entry.t_ms for entry in entries),
        kinds=bytes(_KINDS.index(entry.kind) for entry in entries),
        sources=bytes(_SOURCES.index(entry.source) for entry in entries),
        channels=tuple(entry.channel for entry in entries),
        names={at: entry.name for at, entry in enumerate(entries) if entry.name},
        text=text,
        normal=normal if normal != text else None,
    )
    hashes = array("I", sorted({token_hash(token) for token in tokens_of(normal)}))
    return msgspec.msgpack.encode(block), hashes.tobytes()


def unpack_block(data: bytes) -> list[Entry]:
    block = _decoder.decode(data)
    return [_entry(block, at, text) for at, text in enumerate(block.text.split("\n"))]


class Filter:
    """Which tokens a block may hold."""

    __slots__ = ("_hashes",)

    def __init__(self, data: bytes) -> None:
        self._hashes = array("I")
        self._hashes.frombytes(data)

    def may_hold(self, query: Query) -> bool:
        hashes = self._hashes
        size = len(hashes)
        for wanted in query.hashes:
            at = bisect_left(hashes, wanted)
            if at == size or hashes[at] != wanted:
                return False
        return True


def search_block(data: bytes, query: Query) -> Iterator[Entry]:
    """The entries that hold every term, in their order."""
    block = _decoder.decode(data)
    normal = block.text if block.normal is None else block.normal
    rarest = query.terms[0]
    texts: list[str] | None = None
    position = row = 0
    while (found := normal.find(rarest, position)) >= 0:
        row += normal.count("\n", position, found)
        begin = normal.rfind("\n", 0, found) + 1
        end = normal.find("\n", found)
        end = len(normal) if end < 0 else end
        if query.matches(normal[begin:end]):
            texts = texts or block.text.split("\n")
            yield _entry(block, row, texts[row])
        position, row = end + 1, row + 1
        if end == len(normal):
            break


def _entry(block: _Block, at: int, text: str) -> Entry:
    return Entry(
        block.times[at],
        _KINDS[block.kinds[at]],
        text,
        _SOURCES[block.sources[at]],
        block.channels[at],
        block.names.get(at, ""),
    )
