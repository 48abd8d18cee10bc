"""The process that parses recordings: started by reading.py, behind the walls of confinement.py.

It is given the secrets of the epochs, never a key. It reads one task from standard input, and writes pieces of the
answer to standard output, each a frame `length u32 ‖ msgpack`, until one says that it is done or has failed. Tasks
follow each other; nothing is kept from one to the next.
"""

import os
import struct
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import msgspec
from msgspec import Meta, Struct

from audit.quality.marks import MarkRules
from audit.quality.sessions import SessionFacts, SessionWatch
from audit.service.confinement import confine
from audit.session_files import session_folder
from audit.vault.export import event_fields, export_asciicast, export_jsonl, export_text
from audit.vault.facts import gather_facts
from audit.vault.inspection import StoredRecord
from audit.vault.library import Recording, scan_headers
from audit.vault.opening import RecordingErasedError, SealBrokenError
from audit.vault.reading import OpenRecording, open_recording
from audit.vault.verify import verify_recording
from protocol.errors import ConsentryError
from wording import Language, Wording, error_id

FRAME_LIMIT_BYTES = 1024 * 1024
PIECE_CHARACTERS = 64 * 1024
"""Lines are gathered to about this before they are sent."""

FILES_LIMIT = 10_000
"""File operations in one answer; the digest says how many there were."""

_LENGTH = struct.Struct(">I")


class Task(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be read. `secrets` are those of the epochs, in order of their numbers."""

    kind: Literal["digest", "quality", "files", "verify", "asciicast", "text", "jsonl"]
    records_folder: str
    session_id: Annotated[bytes, Meta(min_length=16, max_length=16)]
    secrets: dict[int, bytes]
    channel: int = 0
    language: Language = "en"
    now_ms: int = 0
    ca_key: bytes | None = None


class Piece(Struct, frozen=True, forbid_unknown_fields=True, tag="piece"):
    """More of the answer: text, UTF-8."""

    data: bytes


class Done(Struct, frozen=True, forbid_unknown_fields=True, tag="done"):
    """That was all."""


class Failed(Struct, frozen=True, forbid_unknown_fields=True, tag="failed"):
    """`code` is the error's name for programs, `hostile` whether the recording was made to do harm, or wrongly."""

    code: str
    sentence: str
    hostile: bool


class Ready(Struct, frozen=True, forbid_unknown_fields=True, tag="ready"):
    """The walls are up; which ones."""

    walls: list[str]


Answer = Piece | Done | Failed | Ready


class GivenSecrets:
    """EpochSecrets that somebody with the key has opened."""

    def __init__(self, secrets: dict[int, bytes]) -> None:
        self._secrets = secrets

    def secret_of(self, record: StoredRecord) -> bytes:
        if record.is_withheld:
            raise RecordingErasedError(session=record.session_id.hex())
        secret = self._secrets.get(record.epoch)
        if secret is None:
            raise SealBrokenError(record=record.seq, problem="no key that is here opens it")
        return secret


def main() -> None:
    memory_bytes, processor_seconds, *readable = sys.argv[1:]
    # The pipe keeps standard output's number to itself: whatever prints by mistake goes to standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _mark_rules()
    walls = confine(
        memory_bytes=int(memory_bytes), processor_seconds=int(processor_seconds), readable=[Path(p) for p in readable]
    )
    _send(answers, Ready(walls))
    decoder = msgspec.msgpack.Decoder(Task)
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        _perform(decoder.decode(frame), answers)


def _perform(task: Task, answers: BinaryIO) -> None:
    try:
        piece: list[str] = []
        size = 0
        for line in _lines(task):
            piece.append(line)
            size += len(line) + 1
            if size >= PIECE_CHARACTERS:
                _send_text(answers, piece)
                piece, size = [], 0
        _send_text(answers, piece)
    except ConsentryError as error:
        hostile = not isinstance(error, RecordingErasedError)
        _send(answers, Failed(error_id(type(error)).removeprefix("error-"), str(error)[:1000], hostile))
    except (MemoryError, RecursionError, ValueError, OverflowError, ArithmeticError, LookupError) as error:
        # What nobody thought of, in a recording that somebody made: it is the recording's fault until proved ours.
        _send(answers, Failed("recording-unreadable", f"Reading it failed ({type(error).__name__}).", hostile=True))
    else:
        _send(answers, Done())


def _lines(task: Task) -> Iterator[str]:
    recording = Recording.read(session_folder(Path(task.records_folder), task.session_id))
    secrets = GivenSecrets(task.secrets)
    if task.kind == "verify":
        report = verify_recording(recording, secrets, ca_key=task.ca_key, now_ms=task.now_ms)
        yield _json(
            {
                "intact": report.intact,
                "verdict": report.verdict,
                "state": str(report.state),
                "fault": msgspec.to_builtins(report.fault) if report.fault else None,
                "checks": [
                    {
                        "check": check.name,
                        "outcome": str(check.outcome),
                        "sentence": Wording(task.language).say(
                            f"audit-check-{check.name}.{check.outcome}", **check.fields
                        ),
                    }
                    for check in report.checks
                ],
            }
        )
        return
    with open_recording(recording, secrets) as opened:
        match task.kind:
            case "asciicast":
                wording = Wording(task.language)
                yield from export_asciicast(opened.events(), opened.manifest(), wording, channel=task.channel)
            case "text":
                yield from export_text(opened.events(), Wording(task.language))
            case "jsonl":
                yield from export_jsonl(opened.events())
            case "quality":
                yield _json(_quality(recording, opened, task.now_ms))
            case "files":
                operations = gather_facts(opened.records()).files[:FILES_LIMIT]
                for operation in operations:
                    yield _json(event_fields(operation) | {"sha256": operation.sha256.hex()})
            case _:
                yield _json(_digest(opened))


def _quality(recording: Recording, opened: OpenRecording, now_ms: int) -> SessionFacts:
    """What the quality desk counts: who, how long, the customer's answer, the marks."""
    assert recording.opening is not None
    with recording.open_file() as source:
        state = str(recording.state(scan_headers(source), now_ms))
    watch = SessionWatch(_mark_rules())
    for event in opened.events():
        watch.feed(event)
    if state != "arriving":
        watch.marks.end(state)
    facts = watch.facts(recording.opening, recording.closing, recording.rating, state)
    return msgspec.structs.replace(facts, chain_hash=opened.inspection.chain_hash.hex(), intact=opened.is_whole)


@cache
def _mark_rules() -> MarkRules:
    """Read before the walls go up."""
    return MarkRules.load()


def _digest(opened: Any) -> dict[str, Any]:
    """What a list shows of a session without opening it again."""
    facts = gather_facts(opened.records())
    manifest = facts.manifest
    return {
        "engineer": manifest.engineer.name if manifest else None,
        "staff_number": manifest.engineer.staff_number if manifest else None,
        "organisation": manifest.organisation if manifest else None,
        "reason": manifest.reason if manifest else None,
        "ticket": manifest.ticket if manifest else None,
        "host_label": manifest.host_label if manifest else None,
        "user_name": manifest.user_name if manifest else None,
        "started_at_ms": manifest.started_at_ms if manifest else None,
        "duration_ms": opened.inspection.duration_ms,
        "records": len(opened.inspection.offsets),
        "events": facts.event_count,
        "files": len(facts.files),
        "whole": opened.is_whole,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _send_text(answers: BinaryIO, lines: list[str]) -> None:
    data = "".join(line + "\n" for line in lines).encode("utf-8", "replace")
    for begin in range(0, len(data), FRAME_LIMIT_BYTES // 2):
        _send(answers, Piece(data[begin : begin + FRAME_LIMIT_BYTES // 2]))


def _send(answers: BinaryIO, answer: Answer) -> None:
    data = msgspec.msgpack.encode(answer)
    answers.write(_LENGTH.pack(len(data)) + data)
    answers.flush()


def read_frame(source: BinaryIO) -> bytes | None:
    """One frame, None at the end."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    if size > FRAME_LIMIT_BYTES:
        return None
    data = source.read(size)
    return data if len(data) == size else None


if __name__ == "__main__":
    main()
