"""Notes on a session, kept at the broker with the session's other facts. They are not part of the recording."""

import time

import msgspec
from msgspec import Struct

from engineer_client.session_files import NoSuchSession, find_session
from engineer_client.state import State
from protocol.details import Detail
from protocol.errors import InputError, PeerError
from tunnel.json_api import JsonApi

NOTE_LIMIT_CHARACTERS = 4000


class NoteUnusable(InputError):
    """Empty, or longer than the broker keeps."""

    sentence = "A note has 1 to {limit} characters; this one has {length}."


class Note(Struct, frozen=True):
    """`written_at_ms` is the broker's clock."""

    author: str
    staff_number: str
    written_at_ms: int
    text: str


class _Answer(Struct, frozen=True):
    notes: list[Note]


def session_id_of(state: State, word: str) -> str:
    """The session's number by its alias here; a whole number is taken at its word, for sessions of other machines.

    Raises NoSuchSession, SeveralSessions, NoSession.
    """
    is_whole = len(word) == 32 and all(character in "0123456789abcdef" for character in word)
    if is_whole:
        return word
    files = find_session(state, word, int(time.time() * 1000))
    try:
        return files.load_facts().session_id
    except FileNotFoundError:  # another process has just removed it
        raise NoSuchSession(session=word) from None


def add_note(api: JsonApi, session_id: str, text: str) -> None:
    """Raises NoteUnusable, and what `JsonApi.post` does."""
    text = text.strip()
    if not 0 < len(text) <= NOTE_LIMIT_CHARACTERS:
        raise NoteUnusable(limit=NOTE_LIMIT_CHARACTERS, length=len(text))
    api.post(f"/v1/sessions/{session_id}/notes", {"text": text})


def list_notes(api: JsonApi, session_id: str) -> list[Note]:
    """In the order in which they were written."""
    try:
        return msgspec.convert(api.get(f"/v1/sessions/{session_id}/notes"), _Answer).notes
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("a list of notes that makes no sense ({error})", error=error)) from None
