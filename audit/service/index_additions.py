"""What is known of a session beside its recording, as entries to be found with it: notes, marks, the customer's words.

Reviews are not among them: whoever is still to score a session must not come upon what another reviewer said of it.
"""

import msgspec
from msgspec import Struct

from audit.quality.store import QualityStore
from audit.replay_index.entries import Entry, Kind, Source, bounded_text
from audit.storage.sessions import KnownSession, SqlSessions
from protocol.decoding import UNREADABLE

CUSTOMER = "customer"


class _Note(Struct, frozen=True):
    author: str
    text: str
    written_at_ms: int


class _Rating(Struct, frozen=True):
    comment: str = ""


class _BrokerFacts(Struct, frozen=True):
    """What is used of it."""

    notes: list[_Note] = []
    rating: _Rating | None = None


class IndexAdditions:
    """`of` a session: everything that is known beside its recording, anew at each call."""

    def __init__(self, sessions: SqlSessions, quality: QualityStore) -> None:
        self._sessions = sessions
        self._quality = quality

    async def of(self, session_id: bytes) -> list[Entry]:
        """Nothing of a session that was erased."""
        known = await self._sessions.find(session_id)
        if known is None or known.erased_at_ms is not None:
            return []
        marks = [
            Entry(mark.t_ms, Kind.MARK, bounded_text(f"{mark.rule} {mark.detail}"), Source.ADDED, name=mark.rule)
            for mark in await self._quality.marks(session_id.hex())
        ]
        return sorted([*marks, *_words_of_people(known)], key=lambda entry: entry.t_ms)


def _words_of_people(known: KnownSession) -> list[Entry]:
    """Notes stand where the broker's clock puts them: they were written on another machine than the recording's."""
    try:
        facts = msgspec.json.decode(known.facts or b"{}", type=_BrokerFacts)
    except UNREADABLE:
        return []
    found = [
        Entry(
            max(note.written_at_ms - known.opened_at_ms, 0),
            Kind.NOTE,
            bounded_text(note.text),
            Source.ADDED,
            name=bounded_text(note.author),
        )
        for note in facts.notes
    ]
    if facts.rating is not None and facts.rating.comment:
        at_ms = max((known.ended_at_ms or known.opened_at_ms) - known.opened_at_ms, 0)
        found.append(Entry(at_ms, Kind.NOTE, bounded_text(facts.rating.comment), Source.ADDED, name=CUSTOMER))
    return found
