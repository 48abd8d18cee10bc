"""The process that parses recordings: started by reading.py, behind the walls of confinement.py.

It is given the secrets of the epochs, never a key. Nothing is kept from one task to the next.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from audit.quality.marks import MarkRules
from audit.quality.sessions import SessionFacts, SessionWatch
from audit.replay_index.entries import Entry, entry_fields, people_fields
from audit.replay_index.keys import GivenIndexKey
from audit.replay_index.session_index import SessionIndex
from audit.replay_index.viewing import moment_lines
from audit.service.worker_frames import in_pieces, serve
from audit.session_files import session_folder
from audit.siem.events import audit_events
from audit.vault.export import event_fields, export_asciicast, export_jsonl, export_text
from audit.vault.facts import gather_facts
from audit.vault.inspection import StoredRecord
from audit.vault.library import Recording, scan_headers
from audit.vault.opening import RecordingErasedError, SealBrokenError
from audit.vault.reading import OpenRecording, open_recording
from audit.vault.verify import verify_recording
from protocol.certificates import EngineerCa
from wording import Language, Wording

PIECE_CHARACTERS = 64 * 1024
"""Lines are gathered to about this before they are sent."""

FILES_LIMIT = 10_000
"""File operations in one answer; the digest says how many there were."""


class Task(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be read. `secrets` are those of the epochs, in order of their numbers."""

    kind: Literal[
        "digest", "quality", "files", "verify", "asciicast", "text", "jsonl", "events", "commands", "timeline", "moment"
    ]
    records_folder: str
    session_id: Annotated[bytes, Meta(min_length=16, max_length=16)]
    secrets: dict[int, bytes]
    channel: int = 0
    language: Language = "en"
    now_ms: int = 0
    mark_rules: MarkRules | None = None
    """Needed for `quality`."""
    first: int = 0
    limit: int = 0
    """For `events`: which of a recording's audit events."""
    cas: tuple[EngineerCa, ...] | None = None
    index_folder: str = ""
    index_key: bytes = b""
    """Of the session's own index, for what is read from that and not from the recording."""
    t_ms: int = 0
    until_ms: int = 0


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
    serve(Task, _pieces)


def _pieces(task: Task) -> Iterator[bytes]:
    piece: list[str] = []
    size = 0
    for line in _lines(task):
        piece.append(line)
        size += len(line) + 1
        if size >= PIECE_CHARACTERS:
            yield from _encoded(piece)
            piece, size = [], 0
    yield from _encoded(piece)


def _encoded(lines: list[str]) -> Iterator[bytes]:
    return in_pieces("".join(line + "\n" for line in lines).encode("utf-8", "replace"))


def _lines(task: Task) -> Iterator[str]:
    return _index_lines(task) if task.index_key else _recording_lines(task)


def _index_lines(task: Task) -> Iterator[str]:
    """From the index alone: a session's entries, or one moment of it and what follows (viewing.py)."""
    key = GivenIndexKey(task.session_id, task.index_key)
    index = SessionIndex.open(Path(task.index_folder), task.session_id, key)
    match task.kind:
        case "commands":
            yield from map(_entry_line, index.commands())
        case "timeline":
            names = index.names()
            for entry in index.timeline():
                yield _json(entry_fields(entry) | people_fields(entry, names))
        case _:
            yield from moment_lines(index, task.t_ms, task.until_ms, task.channel)


def _entry_line(entry: Entry) -> str:
    return _json(entry_fields(entry))


def _recording_lines(task: Task) -> Iterator[str]:
    recording = Recording.read(session_folder(Path(task.records_folder), task.session_id))
    secrets = GivenSecrets(task.secrets)
    if task.kind == "verify":
        report = verify_recording(recording, secrets, cas=task.cas, now_ms=task.now_ms)
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
                assert task.mark_rules is not None
                yield _json(_quality(recording, opened, task.mark_rules, task.now_ms))
            case "events":
                told = audit_events(task.session_id.hex(), opened.events())
                yield from map(_json, islice(told, task.first, task.first + task.limit))
            case "files":
                operations = gather_facts(opened.records()).files[:FILES_LIMIT]
                for operation in operations:
                    yield _json(event_fields(operation) | {"sha256": operation.sha256.hex()})
            case _:
                yield _json(_digest(opened))


def _quality(recording: Recording, opened: OpenRecording, rules: MarkRules, now_ms: int) -> SessionFacts:
    """What the quality desk counts: who, how long, the customer's answer, the marks."""
    assert recording.opening is not None
    with recording.open_file() as source:
        state = str(recording.state(scan_headers(source), now_ms))
    watch = SessionWatch(rules)
    for event in opened.events():
        watch.feed(event)
    if state != "arriving":
        watch.marks.end(state)
    facts = watch.facts(recording.opening, recording.closing, recording.rating, state)
    return msgspec.structs.replace(facts, chain_hash=opened.inspection.chain_hash.hex(), intact=opened.is_whole)


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


if __name__ == "__main__":
    main()
