"""Sessions as the broker sees them, made of cheap ends: what it cannot read is random, all that it checks is right.

idle      a control connection and a spare leg: a customer who waits for an engineer
active    besides, a code that was claimed and paired, a piped pair of legs, and an upload of sealed records
"""

import asyncio
import json
import os
import time
import urllib.request
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.vault.keys import AuditKey
from bench.deployment.cheap_ends import HOST, CheapEnd, Dialler, trusting_tls
from protocol.events import TerminalOutput
from protocol.legs import AGENT_LEG_PATH, ENGINEER_LEG_PATH
from protocol.messages.agent import (
    AttachSession,
    BrokerToAgent,
    CodeOpened,
    NewCode,
    OpenSession,
    PairingFinished,
    SessionAttached,
    SessionOpened,
)
from protocol.messages.pairing import BrokerToEngineer, ClaimCode, PairingAdmitted, PairingMail, PairingStarted
from protocol.messages.recorder import BrokerToRecorder, UploadReady, UploadRecords
from protocol.record_sealing import RecordSealer
from tests.helpers.deployment import PASSWORD
from tests.helpers.recordings import START_MS, make_session

KEY_BYTES = 64
"""A key or its echo inside SSH, inside a stream."""


class Customer:
    """One agent's control connection, and what was opened with it."""

    def __init__(self, dialler: Dialler, key: Ed25519PrivateKey, line: CheapEnd, opened: SessionOpened) -> None:
        self.dialler = dialler
        self.key = key
        self.line = line
        self.opened = opened
        self.spare: CheapEnd | None = None

    @classmethod
    async def arrive(cls, dialler: Dialler) -> "Customer":
        """Opens a session. Raises Gone."""
        key = Ed25519PrivateKey.generate()
        line = await dialler.conversation("/v1/agent")
        agent_key = key.public_key().public_bytes_raw()
        line.say(OpenSession(version=1, agent_key=agent_key, language="en", sent_at_ms=time.time_ns() // 1_000_000))
        return cls(dialler, key, line, await line.hear(SessionOpened, BrokerToAgent))

    async def attach(self) -> None:
        """Comes back with the session's token. Raises Gone."""
        self.line = await self.dialler.conversation("/v1/agent")
        opened = self.opened
        self.line.say(AttachSession(version=1, session_id=opened.session_id, session_token=opened.session_token))
        await self.line.hear(SessionAttached, BrokerToAgent)

    async def dial_spare(self) -> CheapEnd:
        self.spare = await self.dialler.leg(AGENT_LEG_PATH, self.opened.leg_ticket)
        return self.spare

    async def new_code(self) -> CodeOpened:
        """Raises Gone when it is refused."""
        self.line.say(NewCode(agent_nonce=os.urandom(16)))
        return await self.line.hear(CodeOpened, BrokerToAgent)

    async def pair(self, engineer_token: str, nameplate: str | None = None) -> str:
        """Both ends of a pairing, as far as the broker can tell; the engineer's leg ticket. Raises Gone.

        With a code that is open already, if its nameplate is given.
        """
        nameplate = nameplate or (await self.new_code()).nameplate
        engineer = await claim(self.dialler, engineer_token, nameplate)
        await engineer.hear(PairingStarted, BrokerToEngineer)
        await self.line.hear(PairingStarted, BrokerToAgent)
        for sender, receiver, union, phase in (
            (engineer, self.line, BrokerToAgent, "ya"),
            (self.line, engineer, BrokerToEngineer, "yb"),
            (engineer, self.line, BrokerToAgent, "ta"),
            (self.line, engineer, BrokerToEngineer, "tb"),
        ):
            message: Any = {"nameplate": nameplate, "phase": phase, "body": b"x"}
            sender.say(PairingMail(**message))
            await receiver.hear(PairingMail, union)
        self.line.say(PairingFinished(nameplate=nameplate, outcome="paired"))
        return (await engineer.hear(PairingAdmitted, BrokerToEngineer)).leg_ticket


async def claim(dialler: Dialler, engineer_token: str, nameplate: str) -> CheapEnd:
    """An engineer's connection that has asked for this code; the answer is not read yet."""
    engineer = await dialler.conversation("/v1/pairing", token=engineer_token)
    engineer.say(ClaimCode(version=1, nameplate=nameplate, engineer_nonce=os.urandom(16)))
    return engineer


class Upload:
    """A recording under way: `send_record` seals and sends; acknowledgements are read and dropped."""

    def __init__(self, end: CheapEnd, sealer: RecordSealer) -> None:
        self.end = end
        self._sealer = sealer
        self._began = time.monotonic()
        self._sent_until_ms = 0

    @classmethod
    async def begin(cls, customer: Customer, audit_key: AuditKey) -> "Upload":
        recording = make_session(keys=[audit_key], session_id=customer.opened.session_id)
        recording.signing_key = customer.key
        end = await customer.dialler.conversation("/v1/records")
        end.say(
            UploadRecords(
                version=1,
                session_id=customer.opened.session_id,
                session_token=customer.opened.session_token,
                manifest_commitment=recording.commitment,
            )
        )
        await end.hear(UploadReady, BrokerToRecorder)
        upload = cls(end, recording.sealer())
        end.on_payload = lambda _: None
        end.send(upload._sealer.seal_epoch(START_MS))
        return upload

    def send_record(self, size_bytes: int) -> None:
        """One DATA record with so much output, random, so that it stays as large when it is compressed."""
        if self._sealer.needs_new_epoch(START_MS):
            self.end.send(self._sealer.seal_epoch(START_MS))
        t_ms = max(self._sent_until_ms + 1, int((time.monotonic() - self._began) * 1000))
        self._sent_until_ms = t_ms
        self.end.send(self._sealer.seal_events([TerminalOutput(t_ms, 0, os.urandom(size_bytes))], t_ms, t_ms))


class ActiveSession:
    """`echo_us` collects the round trips of keys, engineer to agent and back, through the relay."""

    def __init__(self, customer: Customer, near: CheapEnd, far: CheapEnd, upload: Upload) -> None:
        self.customer = customer
        self.upload = upload
        self.near = near
        self.far = far
        self.echo_us: list[float] = []
        self._sent_at: float | None = None
        far.on_payload = far.send
        near.on_payload = self._echoed

    @classmethod
    async def begin(cls, dialler: Dialler, engineer_token: str, audit_key: AuditKey) -> "ActiveSession":
        customer = await Customer.arrive(dialler)
        ticket = await customer.pair(engineer_token)
        far = await customer.dial_spare()
        near = await dialler.leg(ENGINEER_LEG_PATH, ticket)
        await customer.dial_spare()
        return cls(customer, near, far, await Upload.begin(customer, audit_key))

    def press_key(self) -> None:
        """Unless the last one has not come back yet: a person waits for it, too."""
        if self._sent_at is None:
            self._sent_at = time.perf_counter()
            self.near.send(os.urandom(KEY_BYTES))

    @property
    def owed_seconds(self) -> float:
        """For how long an echo has been missing."""
        return 0.0 if self._sent_at is None else time.perf_counter() - self._sent_at

    def _echoed(self, _: bytes) -> None:
        if self._sent_at is not None:
            self.echo_us.append((time.perf_counter() - self._sent_at) * 1e6)
            self._sent_at = None


def log_in(port: int, user: str) -> str:
    """The token of an engineer's login."""
    body = json.dumps({"user_name": user, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"https://{HOST}:{port}/v1/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, context=trusting_tls(), timeout=60) as answer:
        return str(json.loads(answer.read())["token"])


def figures(port: int) -> dict[str, float]:
    """What /metrics says, one number for each name with its labels."""
    with urllib.request.urlopen(f"https://{HOST}:{port}/metrics", context=trusting_tls(), timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


async def type_for(sessions: list[ActiveSession], seconds: float, *, record_bytes: int, keys_per_second: float) -> None:
    """Everybody types at this rate, out of step with the others, and seals one record every two seconds."""

    async def type_one(session: ActiveSession, phase: float) -> None:
        await asyncio.sleep(phase / keys_per_second)
        deadline = time.monotonic() + seconds
        due = time.monotonic()
        keys = 0
        while due < deadline:
            session.press_key()
            keys += 1
            if keys % max(1, round(2 * keys_per_second)) == 0:
                session.upload.send_record(record_bytes)
            due += 1 / keys_per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    await asyncio.gather(*(type_one(session, n / len(sessions)) for n, session in enumerate(sessions)))
