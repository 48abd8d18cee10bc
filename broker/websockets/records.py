"""/v1/records: sealed records come in; acknowledgements go out once the records are on the disk."""

import asyncio

import structlog
from fastapi import APIRouter, WebSocket

from audit.ingest import Position, SessionOpening
from broker.services import Services, services_of
from broker.sessions.session import Session
from broker.websockets.conversation import Conversation, converse
from protocol.errors import ConsentryError
from protocol.messages.recorder import RecorderToBroker, RecordsAcked, UploadReady
from protocol.messages.wire import MessageDecoder

log = structlog.get_logger(__name__)
router = APIRouter()

IN_FLIGHT_LIMIT_BYTES = 4 * 1024 * 1024
"""Beyond this the socket is not read until the disk has caught up: TCP tells the recorder. An honest one's window."""

RECORD_OVERHEAD_BYTES = 1024
"""What a record costs beside its bytes while it waits: without it, a flood of tiny ones would be counted as a third."""

UPLOAD_PATIENCE_SECONDS = 10 * 60.0
"""A recorder that has nothing to send for so long comes back when it has."""

_decoder = MessageDecoder[RecorderToBroker](RecorderToBroker)


@router.websocket("/v1/records")
async def records(websocket: WebSocket) -> None:
    services = services_of(websocket)
    await converse(websocket, _decoder, lambda conversation: UploadTalk(conversation, services).talk())


class UploadTalk:
    """One upload. Acknowledgements are coalesced: all records that one sync made durable are one message."""

    def __init__(self, conversation: Conversation[RecorderToBroker], services: Services) -> None:
        self._conversation = conversation
        self._services = services
        self._in_flight: dict[asyncio.Future[Position], int] = {}
        self._in_flight_bytes = 0
        self._durable: Position | None = None
        self._opening: SessionOpening | None = None
        self._session_id = b""

    async def talk(self) -> None:
        hello = await self._conversation.receive()
        services = self._services
        # A token outlives its session: what a killed agent had spooled is delivered at its next start.
        session = await services.sessions.check_token(hello.session_id, hello.session_token)
        opening = SessionOpening(
            session_id=session.session_id,
            agent_key=session.agent_key,
            manifest_commitment=hello.manifest_commitment,
            opened_at_ms=services.clock.unix_ms(),
        )
        position = await services.records.open_session(opening)
        services.logbook.records_durable(opening, position)
        if session.state == "ended":
            # A spool delivered late may be the first that is heard of a recording: nobody else would ever close it.
            await services.close_recording(session)
        self._opening = opening
        self._session_id = session.session_id
        services.audit_feed.recording_grew(session.session_id)  # there is a recording now, perhaps with records
        self._conversation.send(UploadReady(next_seq=position.next_seq, chain_hash=position.chain_hash))
        self._conversation.patience_seconds = UPLOAD_PATIENCE_SECONDS
        try:
            await self._take_records(session)
        finally:
            if session.state == "ended":
                await services.close_recording(session)  # at its end, if nothing of it was there before

    async def _take_records(self, session: Session) -> None:
        services = self._services
        while True:
            record = await self._conversation.receive_bytes()
            future = services.records.submit(session.session_id, record)
            self._in_flight[future] = len(record) + RECORD_OVERHEAD_BYTES
            self._in_flight_bytes += len(record) + RECORD_OVERHEAD_BYTES
            future.add_done_callback(self._settled)
            while self._in_flight_bytes > IN_FLIGHT_LIMIT_BYTES:
                await asyncio.wait([next(iter(self._in_flight))])
                await asyncio.sleep(0)  # lets `_settled` run, if it has not

    def _settled(self, future: asyncio.Future[Position]) -> None:
        size_bytes = self._in_flight.pop(future)
        self._in_flight_bytes -= size_bytes
        error = None if future.cancelled() else future.exception()
        if isinstance(error, ConsentryError):
            self._services.metrics.records_refused.inc()
            self._conversation.fail(error)
        elif error is None and not future.cancelled():
            self._services.metrics.records_acked.inc()
            self._services.metrics.record_bytes_acked.inc(size_bytes - RECORD_OVERHEAD_BYTES)
            if self._durable is None:
                asyncio.get_running_loop().call_soon(self._acknowledge)
            self._durable = future.result()
            if self._opening is not None:
                # Before the acknowledgement leaves: who has it may ask for the proof of the log's `open` entry.
                self._services.logbook.records_durable(self._opening, self._durable)

    def _acknowledge(self) -> None:
        if self._durable is not None:
            position, self._durable = self._durable, None
            self._services.audit_feed.recording_grew(self._session_id)
            self._conversation.send(RecordsAcked(next_seq=position.next_seq, chain_hash=position.chain_hash))
