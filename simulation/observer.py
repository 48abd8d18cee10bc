"""The promises, checked at the instant at which one could be broken, by what is on the wire and on the disk.

    acked ⊆ durable           when the broker says RecordsAcked or UploadReady, and again after each of its crashes
    chain whole               what is durable is a row of records that the agent signed, each once, in order
    recorded before shown     output that leaves for an engineer was handed to the recorder; under the strict policy it
                              is on the broker's medium, read there with the auditor's key
    chat is one row           everybody is told the same lines in the same order, each once, as they are recorded
    consent before anything   nobody is granted, and nothing is shown to anybody, beyond what the customer said yes to
    one run a code            the mail of at most one engineer is begun for each code that an agent showed
    in order, exactly once    what comes out of a stream is what went in, byte for byte, at both ends

Nothing here asks the parts that are checked what they think of themselves.
"""

import io
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from agent_client.recorder.upload import is_final
from audit.ingest.journal import JOURNAL_FILE
from audit.session_files import RECORDS_FILE, session_folder
from audit.vault.keys import AuditKey
from audit.vault.opening import OpenedRecord, open_records
from protocol.errors import ConsentryError
from protocol.events import ChatSaid, CommandOutput, TerminalOutput
from protocol.messages.agent import BrokerToAgent
from protocol.messages.pairing import PairingStarted
from protocol.messages.recorder import BrokerToRecorder, RecorderToBroker, RecordsAcked, UploadReady
from protocol.messages.wire import MessageDecoder, Refused
from protocol.record_chain import chain_hash
from protocol.records import RecordHeader
from simulation.disk import Disk
from simulation.loop import VirtualLoop
from simulation.network import Connection

_from_recorder = MessageDecoder[RecorderToBroker](RecorderToBroker)
_to_recorder = MessageDecoder[BrokerToRecorder](BrokerToRecorder)
_to_agent = MessageDecoder[BrokerToAgent](BrokerToAgent)


@dataclass
class _Recording:
    """One session's records as the agent sent them, and what the broker has promised of them."""

    path: Path
    strict: bool = False
    records: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    acked: int = 0
    ended: bool = False
    recorded_output_bytes: int = 0
    shown_output_bytes: int = 0
    # What the auditor has read from the broker's medium so far.
    read_bytes: int = 0
    durable_records: int = 0
    durable_output_bytes: int = 0
    durable_chat: list[tuple[int, str]] = field(default_factory=list)
    source: io.BytesIO = field(default_factory=io.BytesIO)
    opened: Iterator[OpenedRecord] | None = None
    offsets: list[int] = field(default_factory=list)


class Observer:
    """`violation` is the first broken promise; the simulation stops there."""

    def __init__(self, loop: VirtualLoop, broker_disk: Disk, audit_key: AuditKey) -> None:
        self.violation: str | None = None
        self.recordings: dict[bytes, _Recording] = {}
        self._loop = loop
        self._disk = broker_disk
        self._audit_key = audit_key
        self._session_of: dict[Connection, bytes] = {}
        self._runs: dict[tuple[bytes, str, bytes], bytes] = {}

    def fail(self, sentence: str) -> None:
        if self.violation is None:
            self.violation = sentence
            self._loop.note(f"BROKEN: {sentence}")

    def recording(self, session_id: bytes) -> _Recording:
        if session_id not in self.recordings:
            path = session_folder(self._disk.root / "records", session_id) / RECORDS_FILE
            self.recordings[session_id] = _Recording(path)
        return self.recordings[session_id]

    # ── on the wire ─────────────────────────────────────────────────────────────────────────────────────────────

    def said(self, connection: Connection, path: str, who: str, message: bytes) -> None:
        """Every message of every conversation, when it is sent."""
        try:
            if path == "/v1/records" and who == "client":
                self._recorder_said(connection, message)
            elif path == "/v1/records":
                self._broker_said_to_recorder(connection, message)
            elif path == "/v1/agent" and who == "broker":
                self._broker_said_to_agent(connection, message)
        except ConsentryError as error:
            self.fail(f"{who} of {path} said something that cannot be read: {error}")

    def _recorder_said(self, connection: Connection, message: bytes) -> None:
        session_id = self._session_of.get(connection)
        if session_id is None:
            self._session_of[connection] = _from_recorder.decode(message).session_id
            return
        recording = self.recording(session_id)
        header = RecordHeader.parse(message)
        if header.seq == len(recording.records):
            recording.records.append(message)
            recording.hashes.append(chain_hash(header))
        elif header.seq > len(recording.records):
            self.fail(f"record {header.seq} was sent, and {len(recording.records)} never before it")
        elif recording.records[header.seq] != message:
            self.fail(f"the agent signed two records {header.seq}")

    def _broker_said_to_recorder(self, connection: Connection, message: bytes) -> None:
        said = _to_recorder.decode(message)
        if isinstance(said, UploadReady | RecordsAcked):
            self._acked(self._session_of[connection], said.next_seq, said.chain_hash)
        elif isinstance(said, Refused):
            self._loop.note(f"records refused: {said.code}")
            if is_final(said.code):
                self.fail(f"honest records were refused for good: {said.code}")

    def _acked(self, session_id: bytes, next_seq: int, said_hash: bytes) -> None:
        recording = self.recording(session_id)
        name = session_id.hex()[:8]
        self._loop.note(f"{name}: {next_seq} records acknowledged")
        if next_seq > len(recording.records):
            self.fail(f"{name}: {next_seq} records acknowledged, {len(recording.records)} were ever sent")
            return
        if next_seq and recording.hashes[next_seq - 1] != said_hash:
            self.fail(f"{name}: acknowledged with a chain hash that is not record {next_seq - 1}'s")
        recording.acked = max(recording.acked, next_seq)
        self._check_durable(name, recording, whole=False)

    def _check_durable(self, name: str, recording: _Recording, *, whole: bool) -> None:
        """`whole`: every byte again, not only what is new."""
        if whole:
            recording.read_bytes = min(recording.read_bytes, 0)
            recording.durable_records = 0
        self.read_medium(recording)
        if recording.durable_records < recording.acked:
            self.fail(f"{name}: {recording.acked} records acknowledged, {recording.durable_records} durable")

    def read_medium(self, recording: _Recording) -> None:
        """How many records, each the one that the agent sent, the medium holds without a gap: in their file, or where
        the next start finds them.
        """
        durable = self._disk.durable_bytes(recording.path)
        if durable is None:
            return
        journal = self._disk.durable_bytes(self._disk.root / "records" / JOURNAL_FILE) or b""
        at, count = recording.read_bytes, recording.durable_records
        while count < len(recording.records):
            record = recording.records[count]
            if durable[at : at + len(record)] != record and record not in journal:
                break
            at += len(record)
            count += 1
        recording.read_bytes, recording.durable_records = at, count

    def broker_crashed(self) -> None:
        for session_id, recording in self.recordings.items():
            self._check_durable(session_id.hex()[:8], recording, whole=True)

    def _broker_said_to_agent(self, connection: Connection, message: bytes) -> None:
        said = _to_agent.decode(message)
        if isinstance(said, PairingStarted):
            code = (said.session_id, said.nameplate, said.agent_nonce)
            before = self._runs.setdefault(code, said.engineer_nonce)
            if before != said.engineer_nonce:
                self.fail(f"a second run was begun on code {said.nameplate}")
        del connection

    # ── output ──────────────────────────────────────────────────────────────────────────────────────────────────

    def output_recorded(self, session_id: bytes, size_bytes: int) -> None:
        self.recording(session_id).recorded_output_bytes += size_bytes

    def output_shown(self, session_id: bytes, size_bytes: int) -> None:
        """It leaves for an engineer now."""
        recording = self.recording(session_id)
        recording.shown_output_bytes += size_bytes
        if recording.shown_output_bytes > recording.recorded_output_bytes:
            self.fail("output was shown that was never recorded")
        if recording.strict:
            self.read_medium(recording)
            self.read_events(recording)
            if recording.shown_output_bytes > recording.durable_output_bytes:
                self.fail(
                    f"strict: {recording.shown_output_bytes} bytes shown, {recording.durable_output_bytes} durable"
                )

    def read_events(self, recording: _Recording) -> None:
        """Opens what became durable since the last time, with the auditor's key."""
        while len(recording.offsets) < recording.durable_records:
            record = recording.records[len(recording.offsets)]
            offset = recording.source.seek(0, io.SEEK_END)
            recording.source.write(record)
            recording.offsets.append(offset)
            if recording.opened is None:
                offsets = cast("Sequence[int]", _followed(recording.offsets))
                recording.opened = open_records(recording.source, offsets, [self._audit_key])
            for event in next(recording.opened).events:
                if isinstance(event, TerminalOutput | CommandOutput):
                    recording.durable_output_bytes += len(event.data)
                elif isinstance(event, ChatSaid):
                    recording.durable_chat.append((event.participant, event.text))

    # ── at the end ──────────────────────────────────────────────────────────────────────────────────────────────

    def problem(self, context: dict[str, object]) -> None:
        """An exception that reached the event loop: a mistake in the product, whatever it was."""
        error = context.get("exception")
        trace = error.__traceback__ if isinstance(error, BaseException) else None
        place = traceback.extract_tb(trace)[-1] if trace is not None else None
        where = f" at {place.filename}:{place.lineno}" if place is not None else ""
        self.fail(f"{context.get('message')}: {type(error).__name__}: {error}{where}")


def _followed(offsets: list[int]) -> Iterator[int]:
    """The list as it grows."""
    at = 0
    while True:
        yield offsets[at]
        at += 1
