"""A broker and an audit service that pulls from it, and sessions that are recorded there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.service.config import AuditSettings
from audit.vault.keys import AuditKey, load_audit_key, make_audit_key
from broker.config import Settings
from broker.storage import MIGRATIONS
from broker.storage.audit_feed import SqlAuditServices
from protocol.events import ROOM_CHANNEL, Event, TerminalOutput
from protocol.messages.agent import SessionEnded, SessionOpened
from protocol.messages.recorder import RecordsAcked, UploadReady, UploadRecords
from serving.database import open_database
from serving.identity.tokens import hash_of_token, new_token
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone
from tests.broker.harness import RunningBroker, add_user, found, make_settings, running
from tests.helpers.ports import free_port
from tests.helpers.recordings import (
    START_MS,
    SealedRecording,
    closing_events,
    make_session,
    opening_events,
    seal_session,
)
from tests.helpers.waiting import PATIENCE_SECONDS, until, until_answered

NEEDLE = "needle-5c1fd0"


@dataclass
class House:
    """A broker and an audit service, each with its own data folder; the second may be started and stopped."""

    broker: RunningBroker
    audit_settings: AuditSettings
    key: AuditKey
    address: str

    @asynccontextmanager
    async def audit(self) -> AsyncIterator[RunningAudit]:
        async with running_audit(self.audit_settings) as audit:
            yield audit


async def add_audit_service(settings: Settings, token: str) -> None:
    database = await open_database(settings.database_file, MIGRATIONS)
    token_hash = hash_of_token(token)
    assert token_hash is not None
    await SqlAuditServices(database).add("audit-1", token_hash, 1)
    await database.aclose()


@dataclass
class RunningSession:
    """One session at the broker, whose records are sent when a test says so."""

    recording: SealedRecording
    _upload: Any
    _agent: Any
    _services: Any
    _sent: int = 0

    async def send(self, until: int) -> None:
        """All records up to this number, each on the broker's disk when this returns."""
        for one in self.recording.records[self._sent : until]:
            await self._upload.websocket.send(one)
        self._sent = until
        acked = 0
        while acked < until:
            answer = await self._upload.receive()
            assert isinstance(answer, RecordsAcked)
            acked = answer.next_seq

    async def end(self, records: int | None = None, *, noted: bool = True) -> None:
        """`records`: as many as the agent says there are, if not all. `noted`: also in the log and beside the records,
        so that the broker has nothing more to tell of this session."""
        await self._upload.websocket.close()  # as agents do: nothing more is coming
        said = len(self.recording.records) if records is None else records
        await self._agent.send(SessionEnded(reason="customer-ended", records=said))
        session_id = self.recording.session_id
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (ended := await self._services.session_store.find(session_id)) and ended.state != "ended":
                await asyncio.sleep(0.01)
            if noted:
                await self._services.sessions.end_noted(session_id)


Tell = Callable[[SealedRecording], list[list[Event]]]
"""What happens in a session between its opening and its end: one list of events for each record."""


def one_command(_session: SealedRecording) -> list[list[Event]]:
    data = f"$ echo {NEEDLE}\r\n{NEEDLE}\r\n".encode()
    return [[TerminalOutput(5000, ROOM_CHANNEL, data)]]


@asynccontextmanager
async def running_session(house: House, tell: Tell = one_command) -> AsyncIterator[RunningSession]:
    key = Ed25519PrivateKey.generate()
    async with house.broker.agent(key.public_key().public_bytes_raw()) as (agent, opened):
        recording = sealed(house, opened, key, tell)
        async with house.broker.dial("/v1/records") as upload:
            await upload.send(
                UploadRecords(
                    version=1,
                    session_id=opened.session_id,
                    session_token=opened.session_token,
                    manifest_commitment=recording.commitment,
                )
            )
            assert isinstance(await upload.receive(), UploadReady)
            yield RunningSession(recording, upload, agent, house.broker.server.broker.services)


async def record(house: House, tell: Tell = one_command, *, end: bool = True) -> SealedRecording:
    """One session at the broker, recorded and, unless told otherwise, ended."""
    async with running_session(house, tell) as session:
        await session.send(len(session.recording.records) if end else 2)
        if end:
            await session.end()
    return session.recording


def sealed(house: House, opened: SessionOpened, key: Ed25519PrivateKey, tell: Tell = one_command) -> SealedRecording:
    ca_key = house.broker.organisation.engineer_ca_key
    session = make_session(keys=[house.key], session_id=opened.session_id, ca_key=ca_key)
    session.signing_key = key
    origin = house.address.partition("/#")[0]
    session.manifest = msgspec.structs.replace(session.manifest, agent_key=session.agent_key, broker_origin=origin)
    told = tell(session)
    events = [event for group in told for event in group]
    room = b"".join(event.data for event in events if isinstance(event, TerminalOutput))
    end_ms = max(9000, max(event.t_ms for event in events) + 1000)
    return seal_session(session, [opening_events(session), *told, closing_events(session, room, end_ms)])


async def arrived(audit: RunningAudit, token: str, session_id: bytes, **facts: object) -> dict[str, Any]:
    """The session's answer, once it says this."""

    async def said() -> dict[str, Any] | None:
        answer = await audit.request("GET", f"/v1/sessions/{session_id.hex()}", token=token)
        is_said = answer.status == 200 and all(answer.json[name] == value for name, value in facts.items())
        return dict(answer.json) if is_said else None

    return await until_answered(said)


async def over(audit: RunningAudit, token: str, session_id: bytes, **facts: object) -> dict[str, Any]:
    """As `arrived`, once all records are here and the broker has said that it ended: either may come first."""

    async def said() -> dict[str, Any] | None:
        found = await arrived(audit, token, session_id, state="complete", **facts)
        return None if found["ended_at_ms"] is None else found

    return await until_answered(said)


async def indexed(audit: RunningAudit) -> None:
    """Waits until what was pulled has gone through the index, as far as it goes. Whatever a first hit or a first
    picture shows may be less: a worker that had no time left answers with what it has."""
    puller, indexing = audit.server.service.services.puller, audit.server.service.services.indexing

    def is_through() -> bool:
        at_work = any(lock.locked() for lock in indexing._locks.values())
        waits = any(one in lane.due or one not in lane.held for one, lane in indexing._lane_of.items())
        return puller.waiting == 0 and not at_work and not waits

    await until(is_through)


async def taken_in(house: House, *recordings: SealedRecording) -> None:
    """The service has run until all of these were here and read: after its next start it does neither again."""
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        for one in recordings:
            await over(audit, token, one.session_id, condition="sound")
        await indexed(audit)


@asynccontextmanager
async def make_house(tmp_path: Path) -> AsyncIterator[House]:
    port = free_port()
    settings: Settings = make_settings(tmp_path / "broker", listen_port=port)
    organisation = found(settings, origin=f"https://localhost:{port}")
    await add_user(settings)
    token = new_token()
    await add_audit_service(settings, token)
    key_file = tmp_path / "keys" / "audit.key"
    make_audit_key(key_file, now_ms=START_MS - 1000)
    audit_settings = make_audit_settings(tmp_path / "audit")
    address = str(organisation.share_url)
    set_up_alone(audit_settings, broker=address, token=token, key_files=(key_file,))
    await add_people(audit_settings)
    async with running(settings, organisation) as broker:
        yield House(broker, audit_settings, load_audit_key(key_file), address)
