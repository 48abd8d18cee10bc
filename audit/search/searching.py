"""Searches all indexes of a folder: newest sessions first, each hit with its session and second.

A query is looked up in the filters of every block of every session that passes the narrowing; blocks that may hold a
match are opened and searched. Only so many blocks are opened for one page: a page that stops early says from where to
go on, so an answer always comes soon, and never silently leaves something out. What was read of a session (facts,
filters, marks, and of a running one its newest lines) stays in memory until its index changes or it is erased.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from audit.replay_index.entries import Entry, Kind
from audit.replay_index.index_files import ADDITIONS_FILE, HEAD_FILE, SESSIONS_FOLDER, SessionFacts
from audit.replay_index.keys import IndexErasedError, IndexKeys
from audit.replay_index.sealed_files import IndexDamagedError
from audit.replay_index.session_index import NotIndexedError, SessionIndex
from audit.replay_index.text_blocks import Filter
from audit.replay_index.words import Query, normal_form

_SESSION_NAME = re.compile(r"[0-9a-f]{32}")
HITS_PER_PAGE = 50
BLOCKS_PER_PAGE = 128
"""Opening and searching one takes some tenths of a millisecond."""
HITS_PER_SESSION = 10
"""On one page; a session in which a word stands on every line must not hide the others."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a hit must fulfil beside the query. Times are Unix milliseconds, of the hit itself; `until_ms` excluded.

    `engineer` and `customer` are parts of names, whether large or small; `engineer` may be a staff number. `mark` is
    the name of a mark that the session has, or a part of its text.
    """

    engineer: str = ""
    customer: str = ""
    from_ms: int | None = None
    until_ms: int | None = None
    mark: str = ""
    kinds: frozenset[Kind] = frozenset()
    session_ids: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """`entry.t_ms` is on the session's clock: the second to open the replay at."""

    facts: SessionFacts
    entry: Entry

    @property
    def unix_ms(self) -> int:
        return self.facts.started_at_ms + self.entry.t_ms


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: in a session, behind so many of its blocks."""

    started_at_ms: int
    session_id: bytes
    blocks_done: int

    def text(self) -> str:
        """For a person or a script to give back."""
        return f"{self.started_at_ms}-{self.session_id.hex()}-{self.blocks_done}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """None if `text` never made it."""
        found = re.fullmatch(r"(\d{1,18})-([0-9a-f]{32})-(\d{1,9})", text, re.ASCII)
        return cls(int(found[1]), bytes.fromhex(found[2]), int(found[3])) if found else None


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is None when everything was searched. `more_in` names sessions with more hits than the page shows.

    `damaged` names sessions whose index could not be read; they want to be built anew.
    """

    hits: list[Hit]
    next: Cursor | None
    more_in: frozenset[bytes] = frozenset()
    damaged: frozenset[bytes] = frozenset()


@dataclass(slots=True)
class _Known:
    """One session as it was read last. `stamp` changes with each commit."""

    stamp: tuple[int, ...]
    facts: SessionFacts
    duration_ms: int
    filters: list[Filter]
    index: SessionIndex
    marks: list[str] | None = None
    """Names and texts of its marks and gaps, once somebody asked for them."""


@dataclass(slots=True)
class _Search:
    """One page being collected."""

    query: Query
    narrowing: Narrowing
    limit: int
    blocks_left: int
    hits: list[Hit] = field(default_factory=list)
    more_in: set[bytes] = field(default_factory=set)


class Searcher:
    """Searches an index folder. Keeps what it learnt for the next query; one query at a time."""

    def __init__(self, index_folder: Path, keys: IndexKeys) -> None:
        self._folder = index_folder
        self._keys = keys
        self._known: dict[bytes, _Known] = {}
        self._damaged: set[bytes] = set()

    def search(
        self,
        query: Query,
        narrowing: Narrowing | None = None,
        *,
        limit: int = HITS_PER_PAGE,
        after: Cursor | None = None,
        blocks_limit: int = BLOCKS_PER_PAGE,
    ) -> Page:
        """One page, newest sessions first, in a session in the order of time. Raises OSError, IndexKeyError."""
        search = _Search(query, narrowing or Narrowing(), limit, blocks_limit)
        for known in self._sessions_after(after):
            if not self._is_wanted(known, search.narrowing):
                continue
            first_block = after.blocks_done if after and after.session_id == known.facts.session_id else 0
            try:
                stopped_at = self._search_session(known, search, first_block)
            except IndexDamagedError:
                self._damaged.add(known.facts.session_id)
                continue
            if stopped_at is not None:
                cursor = Cursor(known.facts.started_at_ms, known.facts.session_id, stopped_at)
                return Page(search.hits, cursor, frozenset(search.more_in), frozenset(self._damaged))
        return Page(search.hits, None, frozenset(search.more_in), frozenset(self._damaged))

    def forget(self, session_id: bytes) -> None:
        """After an erase: nothing of the session stays in memory."""
        self._known.pop(session_id, None)

    # ── which sessions ──

    def _sessions_after(self, after: Cursor | None) -> list[_Known]:
        self._refresh()
        newest_first = sorted(self._known.values(), key=_order, reverse=True)
        if after is None:
            return newest_first
        return [known for known in newest_first if _order(known) <= (after.started_at_ms, after.session_id)]

    def _refresh(self) -> None:
        """Reads what changed since the last query."""
        present = {}
        for session_id in self._session_ids():
            stamp = self._stamp(session_id)
            known = self._known.get(session_id)
            if known is None or known.stamp != stamp:
                known = self._read(session_id, stamp)
            if known is not None:
                present[session_id] = known
        for session_id in self._known.keys() - present.keys():
            self._known[session_id].index.close()
        self._known = present

    def _session_ids(self) -> Iterator[bytes]:
        try:
            names = os.listdir(self._folder / SESSIONS_FOLDER)  # noqa: PTH208  # names alone, for each query
        except FileNotFoundError:
            return
        for name in names:
            if _SESSION_NAME.fullmatch(name):
                yield bytes.fromhex(name)

    def _stamp(self, session_id: bytes) -> tuple[int, ...]:
        """Each commit makes a new file for the head, so its number and time tell of it; additions only grow."""
        folder = f"{self._folder}/{SESSIONS_FOLDER}/{session_id.hex()}/"
        stamp: tuple[int, ...] = ()
        for name in (HEAD_FILE, ADDITIONS_FILE):
            try:
                found = os.stat(folder + name)  # noqa: PTH116  # thousands of times per query: Path would double it
            except OSError:
                stamp += (0, 0, 0)
            else:
                stamp += (found.st_ino, found.st_mtime_ns, found.st_size)
        return stamp

    def _read(self, session_id: bytes, stamp: tuple[int, ...]) -> _Known | None:
        self._damaged.discard(session_id)
        try:
            index = SessionIndex.open(self._folder, session_id, self._keys)
            filters = index.filters()
            index.close()
        except (NotIndexedError, IndexErasedError):
            return None
        except IndexDamagedError:
            self._damaged.add(session_id)
            return None
        return _Known(stamp, index.facts, index.duration_ms, filters, index)

    def _is_wanted(self, known: _Known, narrowing: Narrowing) -> bool:
        facts = known.facts
        if narrowing.session_ids and facts.session_id not in narrowing.session_ids:
            return False
        if narrowing.until_ms is not None and facts.started_at_ms >= narrowing.until_ms:
            return False
        if narrowing.from_ms is not None and facts.started_at_ms + known.duration_ms < narrowing.from_ms:
            return False
        engineers = [text for engineer in facts.engineers for text in engineer]
        if narrowing.engineer and not _holds(engineers, narrowing.engineer):
            return False
        if narrowing.customer and not _holds([facts.customer], narrowing.customer):
            return False
        return not narrowing.mark or self._has_mark(known, narrowing.mark)

    def _has_mark(self, known: _Known, mark: str) -> bool:
        if known.marks is None:
            try:
                entries = known.index.timeline()
            except IndexDamagedError:
                self._damaged.add(known.facts.session_id)
                return False
            finally:
                known.index.close()
            marks = [entry for entry in entries if entry.kind in (Kind.MARK, Kind.GAP)]
            known.marks = [text for entry in marks for text in (entry.name, entry.text)]
        return _holds(known.marks, mark)

    # ── one session ──

    def _search_session(self, known: _Known, search: _Search, first_block: int) -> int | None:
        """Adds the session's hits. Returns the block to go on with if the page is full, None if the session is done."""
        found = 0
        try:
            for number in range(first_block, len(known.filters)):
                if not known.filters[number].may_hold(search.query):
                    continue
                if search.blocks_left <= 0 or len(search.hits) >= search.limit:
                    return number
                search.blocks_left -= 1
                found = self._take(known, search, known.index.search_block(number, search.query), found)
                if found > HITS_PER_SESSION:
                    return None
            if known.index.has_rest:
                self._take(known, search, known.index.search_rest(search.query), found)
        finally:
            known.index.close()
        return None

    def _take(self, known: _Known, search: _Search, entries: list[Entry], found: int) -> int:
        """Returns how many hits of the session there are now."""
        for entry in entries:
            if not _is_in(known.facts, entry, search.narrowing):
                continue
            found += 1
            if found > HITS_PER_SESSION:
                search.more_in.add(known.facts.session_id)
                return found
            search.hits.append(Hit(known.facts, entry))
        return found


def _order(known: _Known) -> tuple[int, bytes]:
    return known.facts.started_at_ms, known.facts.session_id


def _is_in(facts: SessionFacts, entry: Entry, narrowing: Narrowing) -> bool:
    if narrowing.kinds and entry.kind not in narrowing.kinds:
        return False
    at_ms = facts.started_at_ms + entry.t_ms
    after_begin = narrowing.from_ms is None or at_ms >= narrowing.from_ms
    return after_begin and (narrowing.until_ms is None or at_ms < narrowing.until_ms)


def _holds(texts: list[str], part: str) -> bool:
    wanted = normal_form(part)
    return any(wanted in normal_form(text) for text in texts)
