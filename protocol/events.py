"""What a recording can contain: the plaintext inside sealed DATA records.

A record's plaintext is one msgpack array of events; each event is an array `[tag, t_ms, …]` (tagged, array-like, so
that a key name costs nothing per keystroke). `t_ms` counts from the session's start on the agent's monotonic clock.
Terminal bytes are raw: what they mean is for the reader to find out, with care, for they are hostile.

A `channel` is one thing that an engineer opened: the shared room, a command, an SFTP session, a forwarded connection.
Channel 0 is the shared room: it exists once, and every participant sees the same bytes of it. A `participant` is one
engineer's pairing, counted from 1; 0 is the customer.

What an engineer saw is exactly the concatenation of the outputs of their channels: redaction happens before the bytes
leave the customer's machine, so the engineer sees what the recording holds.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from protocol.decoding import UNREADABLE
from protocol.details import Detail
from protocol.errors import IntegrityError
from protocol.grants import Scope
from protocol.messages.fields import EndReason

ROOM_CHANNEL = 0
CUSTOMER = 0

Milliseconds = Annotated[int, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]

FileAction = Literal[
    "read", "write", "list", "remove", "rename", "make-folder", "remove-folder", "set-attributes", "link"
]

ChannelUse = Literal["room", "command", "terminal-command", "sftp", "forward"]

GrantChanger = Literal["customer", "time", "session-end"]


class _Event(Struct, frozen=True, array_like=True, tag_field="kind"):
    t_ms: Milliseconds


class ManifestRecorded(_Event, frozen=True, tag="manifest"):
    """First event of every recording: the manifest that `manifest_commitment` in the log commits to, and its salt."""

    salt: bytes
    manifest: bytes


class ConsentAsked(_Event, frozen=True, tag="consent-asked"):
    """What stood on the customer's screen. `takes_over` is the participant whose place was asked for, or 0."""

    participant: int
    scopes: tuple[Scope, ...]
    minutes: int
    reason: str
    ticket: str
    takes_over: int = 0


class ConsentAnswered(_Event, frozen=True, tag="consent-answered"):
    participant: int
    answer: Literal["allowed", "denied", "timeout"]
    scopes: tuple[Scope, ...]
    expires_at_ms: int


class GrantChanged(_Event, frozen=True, tag="grant-changed"):
    """A narrowing, a revocation, an extension or the end of time; `scopes` is what is left."""

    participant: int
    scopes: tuple[Scope, ...]
    expires_at_ms: int
    by: GrantChanger


class ParticipantJoined(_Event, frozen=True, tag="participant-joined"):
    """`certificate` is the engineer's X.509 certificate in DER, as shown when asking."""

    participant: int
    name: str
    staff_number: str
    certificate: bytes
    client: str


class ParticipantLeft(_Event, frozen=True, tag="participant-left"):
    participant: int


class TakenOver(_Event, frozen=True, tag="taken-over"):
    """The customer said yes: `participant` has the grant of `leaver`, who is out. How both grants changed follows."""

    participant: int
    leaver: int


class ChannelOpened(_Event, frozen=True, tag="channel-opened"):
    """`stream_id` names the resumable stream that carries it; a participant who joins the room starts at `offset`."""

    channel: int
    participant: int
    use: ChannelUse
    stream_id: bytes
    command: str
    columns: int
    rows: int
    output_offset: Count


class ChannelClosed(_Event, frozen=True, tag="channel-closed"):
    """Totals of what this participant got from this channel.

    `exit_status` is negative for a signal, None if unknown. Of a command, `output_sha256` covers standard output alone.
    """

    channel: int
    participant: int
    stream_id: bytes
    exit_status: int | None
    input_bytes: Count
    input_sha256: bytes
    output_bytes: Count
    output_sha256: bytes


class TerminalOutput(_Event, frozen=True, tag="out"):
    channel: int
    data: bytes


class TerminalInput(_Event, frozen=True, tag="in"):
    """Typed while the terminal echoed."""

    channel: int
    participant: int
    data: bytes


class InputHidden(_Event, frozen=True, tag="in-hidden"):
    """Typed while the terminal did not echo (a password): only counted."""

    channel: int
    participant: int
    byte_count: Count


class TerminalResized(_Event, frozen=True, tag="resize"):
    channel: int
    columns: int
    rows: int


class CommandOutput(_Event, frozen=True, tag="cmd-out"):
    """Output of a command without a terminal; `stream` 1 is standard output, 2 standard error."""

    channel: int
    stream: Literal[1, 2]
    data: bytes


class FileOperation(_Event, frozen=True, tag="file"):
    """One finished file operation. For reads and writes, size and SHA-256 of the bytes moved and their ranges.

    `sha256` is empty where nothing was moved. `ranges` are half-open `(start, end)` offsets in order, merged. For a
    transfer that touched every byte once and in order, `sha256` is the file's own.
    """

    channel: int
    participant: int
    action: FileAction
    path: str
    target: str
    outcome: Literal["ok", "refused", "failed"]
    byte_count: Count
    sha256: bytes
    ranges: tuple[tuple[int, int], ...]


class ConnectionForwarded(_Event, frozen=True, tag="forward"):
    channel: int
    participant: int
    destination: str
    outcome: Literal["ok", "refused", "failed"]


class Redacted(_Event, frozen=True, tag="redacted"):
    """A rule replaced a secret in the output before it left the machine."""

    channel: int
    rule: str
    byte_count: Count


class SessionPaused(_Event, frozen=True, tag="paused"):
    by: Literal["customer", "recorder"]


class SessionResumed(_Event, frozen=True, tag="resumed"):
    by: Literal["customer", "recorder"]


class ClockCompared(_Event, frozen=True, tag="clock"):
    """Both clocks at one instant. A difference over 5 s is flagged by the reader, never corrected."""

    agent_unix_ms: int
    broker_unix_ms: int


class OutputAttested(_Event, frozen=True, tag="attested"):
    """The engineer's client signed the hash of what it saw on a channel."""

    participant: int
    stream_id: bytes
    output_bytes: Count
    output_sha256: bytes
    signature: bytes
    matches: bool


class ChatSaid(_Event, frozen=True, tag="chat"):
    """A line that everybody in the session could read, as they saw it: secrets are blotted out before that."""

    participant: int
    text: str


class SshKeyAdmitted(_Event, frozen=True, tag="ssh-key-admitted"):
    """An engineer with the scope `gateway` named the SSH key (OpenSSH public-key blob) of a program of their own."""

    participant: int
    ssh_user_key: bytes


class SessionStopped(_Event, frozen=True, tag="stopped"):
    """A supervisor, who takes no part in the session, had it ended: who, and why in their words, as the broker says."""

    name: str
    staff_number: str
    why: str


class SessionClosing(_Event, frozen=True, tag="closing"):
    """Last event before the FINAL record."""

    reason: EndReason


Event = (
    ManifestRecorded
    | ConsentAsked
    | ConsentAnswered
    | GrantChanged
    | ParticipantJoined
    | ParticipantLeft
    | TakenOver
    | ChannelOpened
    | ChannelClosed
    | TerminalOutput
    | TerminalInput
    | InputHidden
    | TerminalResized
    | CommandOutput
    | FileOperation
    | ConnectionForwarded
    | Redacted
    | SessionPaused
    | SessionResumed
    | ClockCompared
    | OutputAttested
    | ChatSaid
    | SshKeyAdmitted
    | SessionStopped
    | SessionClosing
)


class Participant(Struct, frozen=True):
    """One engineer as the first consent screen showed them."""

    name: str
    staff_number: str
    certificate: bytes
    client: str


class Manifest(Struct, frozen=True):
    """What both sides agreed on when the session began, committed to before anything else happens.

    The log and the broker see only `SHA-256(salt ‖ manifest bytes)`. `consent_text` is what stood on the screen, in
    `language`; `output_policy` says whether output may run ahead of its acknowledgement (`bounded`) or not (`strict`).
    """

    version: Literal[1]
    organisation: str
    broker_origin: str
    session_id: bytes
    agent_key: bytes
    ssh_host_keys: tuple[bytes, ...]
    engineer: Participant
    reason: str
    ticket: str
    scopes: tuple[Scope, ...]
    expires_at_ms: int
    folders: tuple[str, ...]
    consent_text: str
    language: str
    output_policy: Literal["bounded", "strict"]
    host_label: str
    user_name: str
    started_at_ms: int
    clock_offset_ms: int


class ChannelTotal(Struct, frozen=True, array_like=True):
    """What one participant got of one channel, as its `ChannelClosed` says."""

    participant: int
    stream_id: bytes
    output_bytes: int
    output_sha256: bytes


class FileTotal(Struct, frozen=True, array_like=True):
    """One transfer, as its `FileOperation` says."""

    path: str
    action: Literal["read", "write"]
    byte_count: int
    sha256: bytes


class FinalSummary(Struct, frozen=True):
    """Plaintext of the FINAL record. `output_sha256` is over all output of the shared room, in order."""

    record_count: int
    event_count: int
    reason: EndReason
    output_bytes: int
    output_sha256: bytes
    channels: tuple[ChannelTotal, ...]
    files: tuple[FileTotal, ...]
    ended_at_ms: int


_encoder = msgspec.msgpack.Encoder()
_event_decoder = msgspec.msgpack.Decoder(list[Event])
_manifest_decoder = msgspec.msgpack.Decoder(Manifest)
_final_decoder = msgspec.msgpack.Decoder(FinalSummary)


def encode_events(events: list[Event]) -> bytes:
    return _encoder.encode(events)


def decode_events(data: bytes) -> list[Event]:
    """Raises IntegrityError: sealed bytes that are no events were written by something else than an agent."""
    try:
        return _event_decoder.decode(data)
    except UNREADABLE as error:
        raise IntegrityError(
            problem=Detail("a record holds events that cannot be read ({error})", error=error)
        ) from None


def encode_manifest(manifest: Manifest) -> bytes:
    return _encoder.encode(manifest)


def decode_manifest(data: bytes) -> Manifest:
    """Raises IntegrityError."""
    try:
        return _manifest_decoder.decode(data)
    except UNREADABLE as error:
        raise IntegrityError(problem=Detail("the manifest cannot be read ({error})", error=error)) from None


def encode_final(summary: FinalSummary) -> bytes:
    return _encoder.encode(summary)


def decode_final(data: bytes) -> FinalSummary:
    """Raises IntegrityError."""
    try:
        return _final_decoder.decode(data)
    except UNREADABLE as error:
        raise IntegrityError(problem=Detail("the FINAL record cannot be read ({error})", error=error)) from None
