"""What reviewers think of a session: one JSON line each, kept on the audit side beside the records folder.

The file only grows; a reviewer who rates again adds a line, and the newest counts. Each line names the hash at which
the recording's chain stood, so that it is known which recording was judged.
"""

import os
import time
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from protocol.decoding import UNREADABLE
from protocol.errors import IntegrityError
from protocol.messages.fields import LongText, ShortText, UnixMs

FILE_NAME = "qa_ratings.jsonl"
SESSION_ID_CHARACTERS = 32


class QaRatingsError(IntegrityError):
    """A line of the file cannot be read."""

    sentence = "Line {line} of {path} is no rating. Restore the file from a copy; nothing was changed."


class QaRating(Struct, frozen=True, forbid_unknown_fields=True):
    """One reviewer's opinion. Hashes and ids are in hex; `recording_intact` is what `verify` said then."""

    version: Literal[1]
    session_id: Annotated[str, Meta(min_length=SESSION_ID_CHARACTERS, max_length=SESSION_ID_CHARACTERS)]
    reviewer: ShortText
    stars: Annotated[int, Meta(ge=1, le=5)]
    comment: LongText
    chain_hash: str
    recording_intact: bool
    rated_at_ms: UnixMs


def ratings_file(records_folder: Path) -> Path:
    """Beside the records, not among them: the broker's folder stays as the broker left it."""
    return records_folder.resolve().parent / FILE_NAME


def read_ratings(path: Path) -> list[QaRating]:
    """All of them, oldest first. Raises QaRatingsError."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(msgspec.json.decode(line, type=QaRating))
        except UNREADABLE:
            raise QaRatingsError(line=number, path=path) from None
    return found


def add_rating(path: Path, rating: QaRating) -> None:
    """Appends one line and syncs it."""
    data = msgspec.json.encode(rating) + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with open(handle, "ab") as file:  # noqa: PTH123  # a descriptor, not a path: its mode is right from the start
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def newest_by_reviewer(ratings: list[QaRating], session_id: bytes) -> list[QaRating]:
    """One session's, the last of each reviewer."""
    latest = {rating.reviewer: rating for rating in ratings if rating.session_id == session_id.hex()}
    return sorted(latest.values(), key=lambda rating: rating.rated_at_ms)


def now_ms() -> int:
    """Unix time: the audit side's own clock."""
    return int(time.time() * 1000)
