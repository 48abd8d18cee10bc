"""/v1/records over real connections: what is acknowledged is on the disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.session_files import CLOSING_FILE, RATING_FILE, RECORDS_FILE, SessionClosing, read_small_file
from broker.config import Settings
from broker.server import EXIT_DISK_FAILED
from protocol.messages.agent import RatingKept, SessionEnded
from protocol.messages.recorder import RecordsAcked, UploadReady, UploadRecords
from protocol.messages.wire import Refused
from protocol.ratings import sign_rating
from protocol.record_chain import ChainVerifier
from tests.broker.harness import Client, RunningBroker, add_user, found, running
from tests.helpers.recordings import SealedRecording, closing_events, make_session, opening_events, seal_session
from tests.helpers.waiting import until


class Recorded:
    """A session at a broker, and a sealed recording that belongs to it."""

    def __init__(self, session_id: bytes, token: bytes, key: Ed25519PrivateKey) -> None:
        self.session_id = session_id
        self.token = token
        session = make_session(session_id=session_id)
        session.signing_key = key
        groups = [opening_events(session), closing_events(session, b"", 9000)]
        self.recording: SealedRecording = seal_session(session, groups)
        self.records = self.recording.records

    @property
    def hello(self) -> UploadRecords:
        return UploadRecords(
            version=1,
            session_id=self.session_id,
            session_token=self.token,
            manifest_commitment=self.recording.commitment,
        )

    def file(self, broker: RunningBroker, name: str) -> Path:
        return broker.settings.records_folder / self.session_id.hex() / name


@asynccontextmanager
async def recorded(broker: RunningBroker) -> AsyncIterator[tuple[Client, Recorded]]:
    key = Ed25519PrivateKey.generate()
    async with broker.agent(key.public_key().public_bytes_raw()) as (agent, opened):
        yield agent, Recorded(opened.session_id, opened.session_token, key)


@asynccontextmanager
async def uploading(broker: RunningBroker, session: Recorded) -> AsyncIterator[tuple[Client, UploadReady]]:
    async with broker.dial("/v1/records") as client:
        await client.send(session.hello)
        ready = await client.receive()
        assert isinstance(ready, UploadReady), ready
        yield client, ready


async def send_records(client: Client, records: list[bytes], next_seq: int) -> RecordsAcked:
    """Sends, and waits for the acknowledgement that covers them all."""
    for record in records:
        await client.websocket.send(record)
    while True:
        answer = await client.receive()
        assert isinstance(answer, RecordsAcked), answer
        if answer.next_seq == next_seq:
            return answer


async def test_what_is_acknowledged_is_on_the_disk(broker: RunningBroker) -> None:
    """The acknowledgement names the chain's hash; the file holds exactly the records."""
    async with recorded(broker) as (_, session), uploading(broker, session) as (client, ready):
        assert ready.next_seq == 0
        acked = await send_records(client, session.records, len(session.records))
        assert session.file(broker, RECORDS_FILE).read_bytes() == b"".join(session.records)
    verifier = ChainVerifier(session.session_id, session.recording.agent_key, session.recording.commitment)
    for record in session.records:
        verifier.accept(record)
    assert acked.chain_hash == verifier.chain_hash


async def test_an_upload_goes_on_where_it_was_cut(broker: RunningBroker) -> None:
    """The broker says from where; what is sent twice is stored once."""
    async with recorded(broker) as (_, session):
        async with uploading(broker, session) as (client, _):
            acked = await send_records(client, session.records[:2], 2)
        async with uploading(broker, session) as (client, ready):
            assert (ready.next_seq, ready.chain_hash) == (2, acked.chain_hash)
            await send_records(client, session.records[1:], len(session.records))
        assert session.file(broker, RECORDS_FILE).read_bytes() == b"".join(session.records)


async def test_a_spool_is_delivered_after_the_end_and_after_a_restart(settings: Settings) -> None:
    """A killed agent's records come at its next start: the session's token still opens the door."""
    organisation = found(settings)
    await add_user(settings)
    async with running(settings, organisation) as broker, recorded(broker) as (agent, session):
        async with uploading(broker, session) as (client, _):
            await send_records(client, session.records[:1], 1)
        await agent.send(SessionEnded(reason="lost", records=1))
        await until(lambda: len(broker.server.broker.services.sessions) == 0)
    async with running(settings, organisation) as broker, uploading(broker, session) as (client, ready):
        assert ready.next_seq == 1
        await send_records(client, session.records[1:], len(session.records))


async def test_an_end_and_a_rating_stand_beside_the_records(broker: RunningBroker) -> None:
    """The audit side reads them there, without the broker's database."""
    key = Ed25519PrivateKey.generate()
    async with broker.agent(key.public_key().public_bytes_raw()) as (agent, opened):
        session = Recorded(opened.session_id, opened.session_token, key)
        async with uploading(broker, session) as (client, _):
            await send_records(client, session.records, len(session.records))
        await agent.send(SessionEnded(reason="customer-ended", records=len(session.records)))
        await agent.send(sign_rating(key, opened.session_id, stars=4, solved=None, comment="", rated_at_ms=1))
        assert await agent.receive() == RatingKept()
    assert session.file(broker, CLOSING_FILE).exists()
    assert session.file(broker, RATING_FILE).exists()


async def test_a_recording_that_begins_after_the_end_is_closed_too(broker: RunningBroker) -> None:
    """An agent that died before its first record arrived delivers it at its next start: by then nobody else would ever
    note the session's end beside the recording."""
    async with recorded(broker) as (agent, session):
        await agent.send(SessionEnded(reason="customer-ended", records=0))
        await until(lambda: len(broker.server.broker.services.sessions) == 0)
    async with uploading(broker, session) as (client, _):
        await send_records(client, session.records, len(session.records))
    closing = read_small_file(session.file(broker, CLOSING_FILE), SessionClosing)
    assert closing is not None
    assert closing.reason == "customer-ended"


async def test_an_end_that_the_broker_died_over_is_noted_at_its_next_start(settings: Settings) -> None:
    """The database knows that the session ended, its recording does not yet: QA must not wait for more of it."""
    organisation = found(settings)
    async with running(settings, organisation) as broker, recorded(broker) as (agent, session):
        async with uploading(broker, session) as (client, _):
            await send_records(client, session.records, len(session.records))
        await agent.send(SessionEnded(reason="engineer-ended", records=len(session.records)))
        await until(session.file(broker, CLOSING_FILE).exists)
        session.file(broker, CLOSING_FILE).unlink()
    async with running(settings, organisation) as broker:
        closing = read_small_file(session.file(broker, CLOSING_FILE), SessionClosing)
    assert closing is not None
    assert (closing.reason, closing.record_count) == ("engineer-ended", len(session.records))


async def test_a_stranger_cannot_write_into_a_recording(broker: RunningBroker) -> None:
    """Without the session's token nothing is opened."""
    async with recorded(broker) as (_, session), broker.dial("/v1/records") as client:
        session.token = b"\x00" * 32
        await client.send(session.hello)
        refusal = await client.receive()
        assert isinstance(refusal, Refused)
        assert refusal.code == "session-token-wrong"
    assert not session.file(broker, RECORDS_FILE).exists()


@pytest.mark.parametrize("spoil", ["flipped", "cut", "skipped", "garbage"])
async def test_a_record_that_does_not_continue_its_chain_is_refused(broker: RunningBroker, spoil: str) -> None:
    """With a sentence; what was good before stays, and can be continued."""
    async with recorded(broker) as (_, session):
        bad = {
            "flipped": session.records[1][:-1] + bytes([session.records[1][-1] ^ 1]),
            "cut": session.records[1][:-1],
            "skipped": session.records[2],
            "garbage": b"\xff" * 400,
        }[spoil]
        async with uploading(broker, session) as (client, _):
            await send_records(client, session.records[:1], 1)
            await client.websocket.send(bad)
            refusal = await client.receive()
            assert isinstance(refusal, Refused)
            assert refusal.code.startswith("record-")
            assert await client.closed() == 1008
        async with uploading(broker, session) as (client, ready):
            assert ready.next_seq == 1
            await send_records(client, session.records[1:], len(session.records))


async def test_a_disk_that_fails_ends_the_process(broker: RunningBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is acknowledged from memory: the record is refused as passing, and the server stops with status 74."""

    def fail(_self: object, _handle: int) -> None:
        raise OSError(5, "Input/output error")

    async with recorded(broker) as (_, session), uploading(broker, session) as (client, _):
        monkeypatch.setattr("audit.durability.Durability.sync_data", fail)
        await client.websocket.send(session.records[0])
        refusal = await client.receive()
        assert isinstance(refusal, Refused)
        assert refusal.code == "unavailable"
    await until(lambda: broker.server.stopped)
    assert broker.server.failed
    assert EXIT_DISK_FAILED == 74
