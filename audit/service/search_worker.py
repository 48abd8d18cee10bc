"""The process that searches: started by index_search.py, behind the walls of confinement.py.

It has the key of all indexes, for a search goes through all of them, and neither the audit key nor a recording: what it
reads was made by the worker that reads recordings, and is believed as little.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from audit.replay_index.entries import Kind
from audit.replay_index.index_files import KEYS_FOLDER
from audit.replay_index.keys import IndexKeys
from audit.replay_index.words import Query, parse_query
from audit.search.searching import Cursor, Hit, Narrowing, Page, Searcher
from audit.search.snippets import snippet
from audit.service.worker_frames import in_pieces, serve

TEXT_LIMIT_CHARACTERS = 400
"""Of a name in an answer."""


class SearchTask(Struct, frozen=True, forbid_unknown_fields=True, tag="search", kw_only=True):
    """One page. `words` were looked at before: they make a query. Times are Unix milliseconds."""

    words: str
    engineer: str = ""
    customer: str = ""
    from_ms: int | None = None
    until_ms: int | None = None
    mark: str = ""
    session_id: str | None = None
    kinds: tuple[Kind, ...] = ()
    after: str = ""
    limit: int


class ForgetTask(Struct, frozen=True, forbid_unknown_fields=True, tag="forget"):
    """The session was erased."""

    session_id: bytes


class KeyTask(Struct, frozen=True, forbid_unknown_fields=True, tag="key"):
    """The first one: where the indexes are, and what opens them."""

    index_folder: str
    master_key: Annotated[bytes, Meta(min_length=32, max_length=32)]


class FoundHit(Struct, frozen=True, forbid_unknown_fields=True):
    """`t_ms` is on the session's clock: where to open it. `at_ms` is Unix time."""

    session_id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    t_ms: int
    at_ms: int
    kind: str
    text: str
    source: str
    channel: int
    name: str
    engineers: tuple[str, ...]
    customer: str
    ticket: str


class FoundPage(Struct, frozen=True, forbid_unknown_fields=True):
    """`next` is where to go on, empty when everything was searched. Sessions are named by their ids in hex:
    `more_in` has more hits than the page shows, the index of `damaged` could not be read and is made anew."""

    hits: tuple[FoundHit, ...]
    next: str
    more_in: tuple[str, ...]
    damaged: tuple[str, ...]


class _Search:
    def __init__(self) -> None:
        self._keys: IndexKeys | None = None
        self._searcher: Searcher | None = None

    def pieces(self, task: KeyTask | SearchTask | ForgetTask) -> Iterator[bytes]:
        match task:
            case KeyTask():
                folder = Path(task.index_folder)
                self._keys = IndexKeys(folder / KEYS_FOLDER, task.master_key)
                self._searcher = Searcher(folder, self._keys)
            case ForgetTask():
                self._forget(task.session_id)
            case SearchTask() if self._searcher is not None:
                query = parse_query(task.words)
                page = self._searcher.search(
                    query, _narrowing(task), limit=task.limit, after=Cursor.parse(task.after) if task.after else None
                )
                for session_id in page.damaged:
                    self._forget(session_id)  # it is made anew, perhaps under another key
                yield from in_pieces(msgspec.json.encode(_found(page, query)))

    def _forget(self, session_id: bytes) -> None:
        if self._searcher is not None and self._keys is not None:
            self._searcher.forget(session_id)
            self._keys.forget(session_id)


def _narrowing(task: SearchTask) -> Narrowing:
    return Narrowing(
        engineer=task.engineer,
        customer=task.customer,
        from_ms=task.from_ms,
        until_ms=task.until_ms,
        mark=task.mark,
        kinds=frozenset(task.kinds),
        session_ids=frozenset() if task.session_id is None else frozenset({bytes.fromhex(task.session_id)}),
    )


def _found(page: Page, query: Query) -> FoundPage:
    return FoundPage(
        hits=tuple(_hit(hit, query) for hit in page.hits),
        next=page.next.text() if page.next else "",
        more_in=tuple(session_id.hex() for session_id in page.more_in),
        damaged=tuple(session_id.hex() for session_id in page.damaged),
    )


def _hit(hit: Hit, query: Query) -> FoundHit:
    facts, entry = hit.facts, hit.entry
    return FoundHit(
        session_id=facts.session_id.hex(),
        t_ms=entry.t_ms,
        at_ms=hit.unix_ms,
        kind=str(entry.kind),
        text=snippet(entry.text, query),
        source=str(entry.source),
        channel=entry.channel,
        name=entry.name[:TEXT_LIMIT_CHARACTERS],
        engineers=tuple(name[:TEXT_LIMIT_CHARACTERS] for name, _ in facts.engineers[:20]),
        customer=facts.customer[:TEXT_LIMIT_CHARACTERS],
        ticket=facts.ticket[:TEXT_LIMIT_CHARACTERS],
    )


def main() -> None:
    serve(KeyTask | SearchTask | ForgetTask, _Search().pieces)


if __name__ == "__main__":
    main()
