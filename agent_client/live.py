"""What exists only after consent: the recording, the shared room and the SSH server, opened in this order."""

import secrets
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.authorities import Authorities, FetchNewer
from agent_client.faces.face import Face
from agent_client.host import Host, unix_ms
from agent_client.log_watch import LogWatch, Proved
from agent_client.narration import NarratedRecording
from agent_client.participant import Participant
from agent_client.recorder.recorded_session import RecordedSession, RecorderCallbacks
from agent_client.recorder.recorder import Recorder
from agent_client.recorder.redaction import RedactionRules, RuleRedactor
from agent_client.shell.environment import shell_profile
from agent_client.shell.room import Room
from agent_client.shell.viewer import Seat
from agent_client.ssh.host_keys import HostKeys
from agent_client.ssh.server import SessionSsh
from protocol.events import Manifest, encode_manifest
from protocol.events import Participant as ManifestParticipant
from protocol.log_leaves import commitment
from protocol.messages.agent import SessionOpened
from protocol.profile import Profile
from tunnel.control import connect_websocket
from wording import Wording
from wording.scopes import scopes_text

SALT_BYTES = 32

RECORDS_PATH = "/v1/records"

MINUTE_MS = 60_000

NOBODY_LOOKS = (1000, 500)
"""Columns and rows of a customer's seat without a screen: larger than any window, so that it never decides the size."""


@dataclass
class LiveSession:
    """What exists from the first yes to the end."""

    recorder: Recorder
    recording: NarratedRecording
    room: Room
    ssh: SessionSsh
    manifest: Manifest
    salt: bytes
    customer_seat: Seat
    opened: Proved

    async def kill(self) -> None:
        """Nothing that an engineer started goes on after this."""
        await self.ssh.end()
        await self.room.end()


@dataclass(frozen=True)
class SessionIdentity:
    """What is fixed from the first message to the broker on: keys in memory, and whom they speak for."""

    profile: Profile
    root_key: bytes
    opened: SessionOpened
    signing_key: Ed25519PrivateKey
    host_keys: HostKeys
    host: Host
    profile_note: bytes
    """The profile as the root signed it: goes into the receipt, which then needs nothing but itself."""
    fetch_newer: FetchNewer | None = None
    """How a newer profile is asked for while the session goes on; None: it is not."""

    @cached_property
    def authorities(self) -> Authorities:
        """Whose certificates count by now."""
        return Authorities(self.profile, self.profile_note, self.fetch_newer)

    @property
    def agent_key(self) -> bytes:
        return self.signing_key.public_key().public_bytes_raw()


async def open_live_session(
    identity: SessionIdentity,
    first: Participant,
    *,
    state: Path,
    face: Face,
    wording: Wording,
    rules: RedactionRules,
    clock_offset_ms: int,
    callbacks: RecorderCallbacks,
    log_watch: LogWatch,
) -> LiveSession:
    """Commit to the manifest, make record 0 durable at the broker, have the log prove that the session was entered;
    then build what an engineer can reach.

    Raises a ConsentryError if the recording cannot be opened or is not proved; nothing is left running then.
    """
    manifest = _manifest(identity, first, wording, clock_offset_ms)
    salt = secrets.token_bytes(SALT_BYTES)
    recorder = Recorder(
        RecordedSession(
            session_id=identity.opened.session_id,
            session_token=identity.opened.session_token,
            signing_key=identity.signing_key,
            profile=identity.profile,
        ),
        state,
        connect=partial(connect_websocket, identity.profile, RECORDS_PATH),
        callbacks=callbacks,
    )
    encoded = encode_manifest(manifest)
    await recorder.start(encoded, salt)
    try:
        proved = await log_watch.prove_open(manifest_commitment=commitment(salt, encoded), agent_key=identity.agent_key)
    except BaseException:
        # Begun, and never a session: the recording says so, for whoever audits the log.
        await recorder.finish("recorder-failed")
        raise
    recording = NarratedRecording(recorder, face.show)
    redactor_factory = partial(RuleRedactor, rules, recording)
    room = Room(recording, redactor_factory, shell_profile())
    columns, rows = face.room_size or NOBODY_LOOKS
    seat = await room.attach_customer(face.room_output, columns=columns, rows=rows, terminal="")
    ssh = SessionSsh(identity.host_keys, room, recording, redactor_factory)
    return LiveSession(recorder, recording, room, ssh, manifest, salt, seat, proved)


def _manifest(identity: SessionIdentity, first: Participant, wording: Wording, clock_offset_ms: int) -> Manifest:
    profile, request = identity.profile, first.request
    started_at_ms = unix_ms()
    return Manifest(
        version=1,
        organisation=profile.organisation,
        broker_origin=profile.broker_origin,
        session_id=identity.opened.session_id,
        agent_key=identity.agent_key,
        ssh_host_keys=identity.host_keys.public_blobs,
        engineer=ManifestParticipant(
            name=first.name,
            staff_number=first.certificate.staff_number,
            certificate=first.certificate.der,
            client=request.client,
        ),
        reason=request.reason,
        ticket=request.ticket,
        scopes=tuple(sorted(first.scopes)),
        expires_at_ms=first.expires_at_ms,
        folders=tuple(str(folder) for folder in first.folders),
        consent_text=consent_text(first, wording, now_ms=started_at_ms),
        language=wording.language,
        output_policy=profile.output_policy,
        host_label=identity.host.label,
        user_name=identity.host.user_name,
        started_at_ms=started_at_ms,
        clock_offset_ms=clock_offset_ms,
    )


def consent_text(participant: Participant, wording: Wording, *, now_ms: int) -> str:
    """What the customer agreed to, as a sentence in their language: part of the manifest and of the receipt.

    The minutes are those that they allowed, which may be fewer than were asked for.
    """
    request = participant.request
    return wording.say(
        "consent-text",
        name=participant.name,
        staff_number=participant.certificate.staff_number,
        organisation=participant.certificate.organisation,
        scopes=scopes_text(wording, participant.scopes),
        minutes=-(-(participant.expires_at_ms - now_ms) // MINUTE_MS),
        reason=request.reason,
        ticket=request.ticket or "none",
    )
