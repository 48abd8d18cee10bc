"""The two people of a session, for tests: a customer's face in the test's hand, and an engineer with real papers."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.faces.face import DENIED, ConsentAnswer, ConsentQuestion, CustomerCommand, Rating
from agent_client.faces.notices import ConnectionState, Notice
from agent_client.host import Host
from agent_client.invitations import Paired
from agent_client.live import LiveSession, SessionIdentity
from agent_client.log_watch import LogWatch, Proved
from agent_client.narration import NarratedRecording
from agent_client.recorder.recorded_session import RecordedSession
from agent_client.recorder.recorder import Recorder
from agent_client.recording import PassThrough
from agent_client.shell.environment import ShellProfile
from agent_client.shell.room import Room
from agent_client.ssh.host_keys import HostKeys
from agent_client.ssh.server import SessionSsh
from protocol.access_requests import Client, sign_access_request
from protocol.attestation import sign_attestation
from protocol.certificates import issue_certificate
from protocol.events import Manifest
from protocol.events import Participant as ManifestParticipant
from protocol.grants import Scope
from protocol.messages.agent import SessionOpened
from protocol.messages.control import AttestOutput, RequestAccess
from protocol.pairing import AgentPairing, EngineerPairing, certificate_hash
from protocol.profile import Profile
from tests.agent_client.collecting import CollectedRecording
from tests.helpers.pairing import CODE, CONTEXT, IDENTITY, carry
from tests.helpers.waiting import PATIENCE_SECONDS

NOW_MS = 1_795_000_000_000
DAY_MS = 24 * 3600 * 1000
ORGANISATION = "Example Support"
CA_KEY = Ed25519PrivateKey.generate()
HOST_KEYS = HostKeys.generate()
ALL_SCOPES = frozenset(Scope) - {Scope.ROOT}

N = TypeVar("N", bound=Notice)


class FakeClock:
    """Unix milliseconds in the test's hand."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, milliseconds: int) -> None:
        self.now_ms += milliseconds


class CustomerAtTest:
    """A `Face` that keeps what it was shown. Questions wait until the test answers them."""

    def __init__(self, *, rating: Rating | None = None) -> None:
        self.notices: list[Notice] = []
        self.questions: list[ConsentQuestion] = []
        self.withdrawn: list[ConsentQuestion] = []
        self.output = bytearray()
        self.rating = rating
        self.room_size: tuple[int, int] | None = None
        self._answers: dict[ConsentQuestion, asyncio.Future[ConsentAnswer]] = {}
        self._commands: asyncio.Queue[CustomerCommand | None] = asyncio.Queue()
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was taken, nothing is given back."""

    def show(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._changed.set()

    def room_output(self, data: bytes) -> None:
        self.output += data
        self._changed.set()

    async def decide(self, question: ConsentQuestion) -> ConsentAnswer:
        self.questions.append(question)
        self._answers[question] = asyncio.get_running_loop().create_future()
        self._changed.set()
        try:
            return await self._answers[question]
        except asyncio.CancelledError:
            self.withdrawn.append(question)
            self._changed.set()
            raise

    async def commands(self) -> AsyncIterator[CustomerCommand]:
        while (command := await self._commands.get()) is not None:
            yield command

    async def rate(self) -> Rating | None:
        return self.rating

    # ── what the test does ──────────────────────────────────────────────────────────────────────────────────────

    def say(self, command: CustomerCommand | None) -> None:
        """None: nobody is there any more."""
        self._commands.put_nowait(command)

    async def connected(self, to: str, connected: bool) -> None:
        """Return when the last word on that connection is this."""

        def is_so() -> bool:
            told = [one for one in self.of(ConnectionState) if one.to == to]
            return bool(told) and told[-1].connected is connected

        await self.until(is_so)

    async def asked(self, count: int = 1) -> ConsentQuestion:
        """The `count`-th question, once it stands."""
        await self.until(lambda: len(self.questions) >= count)
        return self.questions[count - 1]

    def allow(self, question: ConsentQuestion, *scopes: Scope, minutes: int | None = None) -> None:
        """Everything that was asked, or less."""
        allowed = frozenset(scopes) or question.scopes
        minutes = question.minutes if minutes is None else minutes
        self._answers[question].set_result(ConsentAnswer(allowed=True, scopes=allowed, minutes=minutes))

    def deny(self, question: ConsentQuestion) -> None:
        self._answers[question].set_result(DENIED)

    def of(self, kind: type[N]) -> list[N]:
        return [notice for notice in self.notices if isinstance(notice, kind)]

    async def shown(self, kind: type[N], count: int = 1) -> N:
        """The `count`-th notice of that kind, once it is shown."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when it is so; it is asked again whenever the face is told something."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class EngineerAtTest:
    """An engineer who has proved a code: real certificate, real signatures."""

    def __init__(
        self,
        *,
        name: str = "Wei Example",
        staff_number: str = "E-7",
        issued_at_ms: int = NOW_MS,
        max_scopes: frozenset[Scope] = ALL_SCOPES,
        ca_key: Ed25519PrivateKey = CA_KEY,
        organisation: str = ORGANISATION,
    ) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.certificate = issue_certificate(
            ca_key,
            name=name,
            staff_number=staff_number,
            organisation=organisation,
            public_key=self.key.public_key().public_bytes_raw(),
            max_scopes=max_scopes,
            now_ms=issued_at_ms,
            lifetime_ms=12 * 3600 * 1000,
        )
        ours = EngineerPairing(CODE, CONTEXT, certificate_hash(self.certificate), now_ms=NOW_MS)
        theirs = AgentPairing(CODE, CONTEXT, IDENTITY, now_ms=NOW_MS)
        carry(ours, theirs)
        assert theirs.keys is not None
        assert theirs.engineer_certificate_hash is not None
        self.keys = theirs.keys
        self.paired = Paired(theirs.keys, theirs.engineer_certificate_hash)

    def request(
        self,
        *scopes: Scope,
        minutes: int = 30,
        reason: str = "receipts never arrive",
        transcript_hash: bytes | None = None,
        client: Client = "ssh",
        takes_over: str | None = None,
    ) -> RequestAccess:
        return sign_access_request(
            self.key,
            transcript_hash or self.keys.transcript_hash,
            certificate=self.certificate,
            reason=reason,
            ticket="8841",
            scopes=scopes or (Scope.FILES_READ,),
            minutes=minutes,
            ssh_user_key=b"user key",
            client=client,
            takes_over=takes_over,
        )

    def attestation(self, session_id: bytes, stream_id: bytes, output_bytes: int, output_sha256: bytes) -> AttestOutput:
        return sign_attestation(self.key, session_id, stream_id, output_bytes, output_sha256)


def a_profile(**changes: object) -> Profile:
    facts: dict[str, object] = {
        "version": 3,
        "organisation": ORGANISATION,
        "broker_origin": "https://help.example.org",
        "engineer_ca_key": CA_KEY.public_key().public_bytes_raw(),
        "audit_recipients": (),
    }
    return Profile(**{**facts, **changes})  # type: ignore[arg-type]


class _ProvedAtOnce(LogWatch):
    async def prove_open(self, *, manifest_commitment: bytes, agent_key: bytes) -> Proved:
        return Proved(b"open", "its proof")

    async def prove_close(self, *, record_count: int, chain_hash: bytes) -> Proved | None:
        return Proved(b"close", "its proof")


def proved_at_once() -> LogWatch:
    """For tests that are not about the log: it proves whatever it is asked."""
    return _ProvedAtOnce(a_profile(), Path("nowhere"), bytes(16), lambda _: None)


def a_host(folder: Path, *, is_root: bool = False) -> Host:
    return Host(label="till-3", user_name="mei", is_root=is_root, home=folder)


def an_identity(folder: Path, profile: Profile | None = None, *, is_root: bool = False) -> SessionIdentity:
    return SessionIdentity(
        profile=profile or a_profile(),
        root_key=bytes(32),
        opened=SessionOpened(
            session_id=secrets.token_bytes(16),
            session_token=secrets.token_bytes(32),
            leg_ticket="ticket",
            broker_time_ms=NOW_MS,
        ),
        signing_key=Ed25519PrivateKey.generate(),
        host_keys=HOST_KEYS,
        profile_note=b"signed elsewhere",
        host=a_host(folder, is_root=is_root),
    )


async def a_live_session(
    identity: SessionIdentity, recording: CollectedRecording, face: CustomerAtTest, folder: Path
) -> LiveSession:
    """Room and SSH server are real; the recording's events are the test's to read."""
    narrated = NarratedRecording(recording, face.show)
    profile = ShellProfile("/bin/sh", folder, {"PATH": os.environ["PATH"], "HOME": str(folder), "PS1": "$ "})
    room = Room(narrated, PassThrough, profile)
    recorder = Recorder(
        RecordedSession(
            identity.opened.session_id, identity.opened.session_token, identity.signing_key, identity.profile
        ),
        folder,
    )
    manifest = Manifest(
        version=1,
        organisation=identity.profile.organisation,
        broker_origin=identity.profile.broker_origin,
        session_id=identity.opened.session_id,
        agent_key=identity.agent_key,
        ssh_host_keys=identity.host_keys.public_blobs,
        engineer=ManifestParticipant("Wei Example", "E-7", b"", "ssh"),
        reason="receipts never arrive",
        ticket="8841",
        scopes=(Scope.FILES_READ,),
        expires_at_ms=NOW_MS,
        folders=(str(folder),),
        consent_text="yes",
        language="en",
        output_policy="bounded",
        host_label=identity.host.label,
        user_name=identity.host.user_name,
        started_at_ms=NOW_MS,
        clock_offset_ms=0,
    )
    seat = await room.attach_customer(face.room_output, columns=80, rows=24, terminal="")
    ssh = SessionSsh(identity.host_keys, room, narrated, PassThrough, profile)
    return LiveSession(recorder, narrated, room, ssh, manifest, bytes(32), seat, Proved(b"open", "its proof"))
