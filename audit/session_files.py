"""The files of one session's recording, as ingest writes and the vault reads them.

    <records folder>/<session id in hex>/
        opening.msgpack     SessionOpening: what the chain begins with. Written first, never changed
        records.csr         sealed records, back to back, nothing between them (protocol/records.py)
        rating.msgpack      SessionRating: the customer's answer, if one came
        closing.msgpack     SessionClosing: the broker considers the session over
        fork-<seq>.csr      a second record with a number that was taken, signed by the same agent: evidence, and
                            the reason why the session was frozen
        log.msgpack         SessionLogEvidence, at the audit service: what the transparency log proved of the session
        tail-<offset>.csr   what recovery cut off at that offset of records.csr: never acknowledged, kept to be seen
        tail-journal.csr    what was in the journal for a session whose opening could not be read
        erased.msgpack      SessionErasure: destroyed on purpose; then there are neither records nor a rating
    <records folder>/journal.csr
                            records that are durable here before they are in their sessions' files: ingest's own, and
                            empty or stale once the broker has stopped in order (audit/ingest/journal.py)

The small files are written to a temporary name, synced and renamed, so each is whole or absent.
"""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from protocol.decoding import UNREADABLE
from protocol.details import system_reason
from protocol.errors import IntegrityError
from protocol.messages.agent import LogEntry, RateSession
from protocol.messages.fields import Bytes16, Bytes32, EndReason, UnixMs
from protocol.receipts import ReceiptEntry

OPENING_FILE = "opening.msgpack"
RECORDS_FILE = "records.csr"
RATING_FILE = "rating.msgpack"
CLOSING_FILE = "closing.msgpack"
ERASED_FILE = "erased.msgpack"
LOG_FILE = "log.msgpack"
SMALL_FILE_LIMIT_BYTES = 64 * 1024
"""Largest of the msgpack files that is read: they come from a disk that may have been tampered with."""


class SessionFileError(IntegrityError):
    """One of the small files cannot be read."""

    sentence = "The file {name} of session {session} cannot be read: {problem}."


class SessionOpening(Struct, frozen=True, forbid_unknown_fields=True):
    """What the broker knew when the recording was opened; the first three fields are what the chain begins with."""

    session_id: Bytes16
    agent_key: Bytes32
    manifest_commitment: Bytes32
    opened_at_ms: UnixMs


class SessionRating(Struct, frozen=True, forbid_unknown_fields=True):
    """The customer's signed answer and when the broker got it."""

    rating: RateSession
    kept_at_ms: UnixMs


class SessionClosing(Struct, frozen=True, forbid_unknown_fields=True):
    """Why and when the broker closed the session, and how many records it had by then. More may still arrive."""

    reason: EndReason
    closed_at_ms: UnixMs
    record_count: Annotated[int, Meta(ge=0)]


class SessionErasure(Struct, frozen=True, forbid_unknown_fields=True):
    """When the recording was destroyed. What the log and receipts say of it stays true."""

    erased_at_ms: UnixMs


class SessionLogEvidence(Struct, frozen=True, forbid_unknown_fields=True):
    """What the log was asked about a session, as it answered. `missing`: it said that it has no such entry.

    `refusal` is why its newest answer was not believed; what is kept was, by the policy of its time.
    """

    opened: ReceiptEntry | None = None
    closed: ReceiptEntry | None = None
    missing: tuple[LogEntry, ...] = ()
    refusal: Literal["", "not-proved", "log-contradicts"] = ""


S = TypeVar("S", SessionOpening, SessionRating, SessionClosing, SessionErasure, SessionLogEvidence)


def session_folder(records_folder: Path, session_id: bytes) -> Path:
    return records_folder / session_id.hex()


def session_id_of(folder: Path) -> bytes | None:
    """The id that a folder is named for, None for a folder that is no session's."""
    try:
        session_id = bytes.fromhex(folder.name)
    except ValueError:
        return None
    return session_id if len(session_id) == 16 and session_id.hex() == folder.name else None


def read_small_file(path: Path, kind: type[S]) -> S | None:
    """The content of one of the msgpack files, None if it does not exist. Raises SessionFileError."""
    try:
        with path.open("rb") as file:
            data = file.read(SMALL_FILE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, system_reason(error)) from None
    if len(data) > SMALL_FILE_LIMIT_BYTES:
        raise _unreadable(path, "it is too large")
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except UNREADABLE as error:
        raise _unreadable(path, str(error)) from None


def _unreadable(path: Path, problem: str) -> SessionFileError:
    return SessionFileError(name=path.name, session=path.parent.name, problem=problem)
