"""Builders for sealed recordings: a whole session made by the real sealer, with every fact in it right.

recording = make_recording()                     records, and everything that was used to make them
folder = recording.write(records_folder)         laid out as the broker keeps it
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from audit.session_files import (
    CLOSING_FILE,
    OPENING_FILE,
    RATING_FILE,
    RECORDS_FILE,
    SessionClosing,
    SessionOpening,
    SessionRating,
)
from audit.vault.keys import AuditKey, key_id_of
from protocol.attestation import sign_attestation
from protocol.certificates import issue_certificate
from protocol.events import (
    ROOM_CHANNEL,
    ChannelClosed,
    ChannelOpened,
    ChannelTotal,
    CommandOutput,
    ConsentAnswered,
    ConsentAsked,
    Event,
    FileOperation,
    FileTotal,
    FinalSummary,
    Manifest,
    ManifestRecorded,
    OutputAttested,
    Participant,
    ParticipantJoined,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
    encode_manifest,
)
from protocol.events import (
    SessionClosing as ClosingEvent,
)
from protocol.grants import Scope
from protocol.profile import AuditRecipient
from protocol.ratings import sign_rating
from protocol.record_sealing import RecordSealer

START_MS = 1_790_000_000_000
"""Unix time at which every recording here begins."""
ORGANISATION = "Example Support"
STREAM_ID = bytes(range(16))
COMMAND_STREAM_ID = bytes(range(16, 32))


def make_key(suite: Literal["x-wing", "x25519"] = "x-wing") -> AuditKey:
    """An audit key that is valid at START_MS and for a day."""
    x25519 = X25519PrivateKey.generate()
    private: X25519PrivateKey | MLKEM768X25519PrivateKey = x25519
    public = x25519.public_key().public_bytes_raw()
    if suite == "x-wing":
        mlkem = MLKEM768PrivateKey.generate()
        private = MLKEM768X25519PrivateKey(mlkem, x25519)
        public = mlkem.public_key().public_bytes_raw() + public
    recipient = AuditRecipient(
        key_id=key_id_of(suite, public),
        suite=suite,
        public_key=public,
        not_before_ms=START_MS - 1000,
        not_after_ms=START_MS + 24 * 3600 * 1000,
    )
    return AuditKey(recipient, private)


@dataclass
class SealedRecording:
    """A recording in memory, with the secrets that made it."""

    session_id: bytes
    signing_key: Ed25519PrivateKey
    ca_key: Ed25519PrivateKey
    engineer_key: Ed25519PrivateKey
    keys: list[AuditKey]
    manifest: Manifest
    salt: bytes
    records: list[bytes] = field(default_factory=list)

    @property
    def agent_key(self) -> bytes:
        return self.signing_key.public_key().public_bytes_raw()

    @property
    def ca_public_key(self) -> bytes:
        return self.ca_key.public_key().public_bytes_raw()

    @property
    def commitment(self) -> bytes:
        return sha256(self.salt + encode_manifest(self.manifest)).digest()

    @property
    def opening(self) -> SessionOpening:
        return SessionOpening(self.session_id, self.agent_key, self.commitment, START_MS)

    @property
    def data(self) -> bytes:
        return b"".join(self.records)

    def sealer(self) -> RecordSealer:
        recipients = [key.recipient for key in self.keys]
        return RecordSealer(self.session_id, self.signing_key, recipients, self.commitment)

    def write(
        self, records_folder: Path, *, data: bytes | None = None, closed: bool = True, rated: bool = True
    ) -> Path:
        """Writes the session's folder as the broker leaves it; `data` replaces the records."""
        folder = records_folder / self.session_id.hex()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / OPENING_FILE).write_bytes(msgspec.msgpack.encode(self.opening))
        (folder / RECORDS_FILE).write_bytes(self.data if data is None else data)
        if closed:
            closing = SessionClosing("engineer-ended", START_MS + 60_000, len(self.records))
            (folder / CLOSING_FILE).write_bytes(msgspec.msgpack.encode(closing))
        if rated:
            rating = sign_rating(
                self.signing_key, self.session_id, stars=5, solved=True, comment="thanks", rated_at_ms=START_MS + 61_000
            )
            (folder / RATING_FILE).write_bytes(msgspec.msgpack.encode(SessionRating(rating, START_MS + 61_000)))
        return folder


def make_session(
    *,
    keys: Sequence[AuditKey] | None = None,
    session_id: bytes = b"\x11" * 16,
    ca_key: Ed25519PrivateKey | None = None,
) -> SealedRecording:
    """A session that has agreed on its manifest and recorded nothing yet; `ca_key` certified its engineer."""
    signing_key, engineer_key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    ca_key = ca_key or Ed25519PrivateKey.generate()
    certificate = issue_certificate(
        ca_key,
        name="Mei Example",
        staff_number="E-17",
        organisation=ORGANISATION,
        public_key=engineer_key.public_key().public_bytes_raw(),
        max_scopes=frozenset({Scope.SHELL, Scope.FILES_READ}),
        now_ms=START_MS,
        lifetime_ms=3600 * 1000,
    )
    manifest = Manifest(
        version=1,
        organisation=ORGANISATION,
        broker_origin="https://support.example.org:8443",
        session_id=session_id,
        agent_key=signing_key.public_key().public_bytes_raw(),
        ssh_host_keys=(b"ssh-ed25519 blob",),
        engineer=Participant("Mei Example", "E-17", certificate, "ssh"),
        reason="receipts never arrive",
        ticket="T-1",
        scopes=(Scope.VIEW, Scope.SHELL),
        expires_at_ms=START_MS + 1_800_000,
        folders=(),
        consent_text="Mei Example asks to use your terminal.",
        language="en",
        output_policy="bounded",
        host_label="till-3",
        user_name="shop",
        started_at_ms=START_MS,
        clock_offset_ms=12,
    )
    used = list(keys) if keys is not None else [make_key()]
    return SealedRecording(session_id, signing_key, ca_key, engineer_key, used, manifest, b"\x07" * 32)


def opening_events(session: SealedRecording) -> list[Event]:
    """Manifest, consent, the engineer comes in and opens the room."""
    engineer = session.manifest.engineer
    scopes = session.manifest.scopes
    return [
        ManifestRecorded(0, session.salt, encode_manifest(session.manifest)),
        ConsentAsked(10, 1, scopes, 30, session.manifest.reason, session.manifest.ticket),
        ConsentAnswered(4000, 1, "allowed", scopes, session.manifest.expires_at_ms),
        ParticipantJoined(4010, 1, engineer.name, engineer.staff_number, engineer.certificate, engineer.client),
        ChannelOpened(4100, ROOM_CHANNEL, 1, "room", STREAM_ID, "", 80, 24, 0),
    ]


def closing_events(session: SealedRecording, room: bytes, t_ms: int) -> list[Event]:
    """The channel closes, the engineer signs what they saw, the session ends."""
    digest = sha256(room).digest()
    said = sign_attestation(session.engineer_key, session.session_id, STREAM_ID, len(room), digest)
    return [
        ChannelClosed(t_ms, ROOM_CHANNEL, 1, STREAM_ID, 0, 0, sha256().digest(), len(room), digest),
        OutputAttested(t_ms + 5, 1, STREAM_ID, len(room), digest, said.signature, True),
        ClosingEvent(t_ms + 10, "engineer-ended"),
    ]


def seal_session(session: SealedRecording, groups: Sequence[Sequence[Event]]) -> SealedRecording:
    """EPOCH, one DATA record per group, more epochs where they are due, FINAL with the totals of those events."""
    sealer = session.sealer()
    session.records = [sealer.seal_epoch(START_MS)]
    for group in groups:
        if sealer.needs_new_epoch(START_MS + group[0].t_ms):
            session.records.append(sealer.seal_epoch(START_MS + group[0].t_ms))
        session.records.append(sealer.seal_events(group, group[0].t_ms, group[-1].t_ms))
    session.records.append(sealer.seal_final(summarise([event for group in groups for event in group], sealer)))
    return session


def summarise(events: Sequence[Event], sealer: RecordSealer) -> FinalSummary:
    """The FINAL summary that these events add up to."""
    room = b"".join(e.data for e in events if isinstance(e, TerminalOutput) and e.channel == ROOM_CHANNEL)
    return FinalSummary(
        record_count=sealer.next_seq + 1,
        event_count=sealer.event_count,
        reason="engineer-ended",
        output_bytes=len(room),
        output_sha256=sha256(room).digest(),
        channels=tuple(
            ChannelTotal(e.participant, e.stream_id, e.output_bytes, e.output_sha256)
            for e in events
            if isinstance(e, ChannelClosed)
        ),
        files=tuple(
            FileTotal(e.path, e.action, e.byte_count, e.sha256)
            for e in events
            if isinstance(e, FileOperation) and e.action in ("read", "write") and e.outcome == "ok"
        ),
        ended_at_ms=START_MS + 60_000,
    )


def make_recording(
    output: Sequence[bytes] = (b"$ ", b"whoami\r\n", b"shop\r\n$ ", b"exit\r\n"),
    *,
    keys: Sequence[AuditKey] | None = None,
    session_id: bytes = b"\x11" * 16,
    step_ms: int = 500,
) -> SealedRecording:
    """A complete session: an engineer, the shared room, a command, a file; each piece of `output` in its own record."""
    session = make_session(keys=keys, session_id=session_id)
    groups: list[list[Event]] = [opening_events(session)]
    t_ms = 5000
    for piece in output:
        groups.append([TerminalInput(t_ms, ROOM_CHANNEL, 1, b"k"), TerminalOutput(t_ms + 1, ROOM_CHANNEL, piece)])
        t_ms += step_ms
    groups[1].append(TerminalResized(groups[1][-1].t_ms, ROOM_CHANNEL, 100, 30))
    groups.append(
        [
            ChannelOpened(t_ms, 1, 1, "command", COMMAND_STREAM_ID, "cat /etc/hostname", 0, 0, 0),
            CommandOutput(t_ms, 1, 1, b"till-3\n"),
            ChannelClosed(t_ms, 1, 1, COMMAND_STREAM_ID, 0, 0, sha256().digest(), 7, sha256(b"till-3\n").digest()),
            FileOperation(t_ms, 2, 1, "read", "/etc/hosts", "", "ok", 3, sha256(b"abc").digest(), ((0, 3),)),
        ]
    )
    groups.append(closing_events(session, b"".join(output), t_ms))
    return seal_session(session, groups)


def with_manifest(
    session: SealedRecording, *, engineer_name: str = "Mei Example", **changes: object
) -> SealedRecording:
    """The same session, agreed on otherwise. Call it before anything is sealed."""
    manifest = session.manifest
    engineer = msgspec.structs.replace(manifest.engineer, name=engineer_name)
    return replace(session, manifest=msgspec.structs.replace(manifest, engineer=engineer, **changes))


def with_session(session: SealedRecording, **changes: object) -> SealedRecording:
    """The same session with another field: for recordings that are wrong in one way."""
    return replace(session, **changes)  # type: ignore[arg-type]  # field by field, given by the test
