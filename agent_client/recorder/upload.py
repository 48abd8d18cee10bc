"""Sends sealed records to the broker, in order, for as long as it takes.

One websocket to /v1/records: `UploadRecords` first, the broker answers `UploadReady` with what is durable already, then
each message is one raw record and each answer a `RecordsAcked`. Whatever breaks the connection, the next one starts
where the broker says. Nothing is forgotten here before it is acknowledged: `UnackedWindow` keeps it.

    what happens                            what follows
    ────────────                            ────────────
    connection refused, cut, timed out      dialled again after a growing, random delay
    Refused with a passing reason           the same
    Refused for good (FINAL_REFUSALS)       RecordsRefused: nobody will ever take these records
    an acknowledgement that does not fit    AcksDisagree: the broker lost records, or lies
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import structlog
from websockets.exceptions import WebSocketException

from agent_client.recorder.errors import AcksDisagree, RecordsRefused
from agent_client.recorder.window import UnackedWindow
from protocol.errors import ConsentryError, PeerError
from protocol.messages.recorder import BrokerToRecorder, RecordsAcked, UploadReady, UploadRecords
from protocol.messages.wire import MessageDecoder, Refused, encode
from protocol.profile import Profile
from tunnel.backoff import Backoff
from tunnel.control import connect_websocket
from tunnel.patience import Patience

log = structlog.get_logger(__name__)

RECORDS_PATH = "/v1/records"

FINAL_REFUSALS = frozenset(
    {
        "session-unknown",
        "session-token-wrong",
        "session-over",
        "other-opening-error",
        "fork-detected-error",
        "session-frozen-error",
    }
)
FINAL_REFUSALS_PREFIX = "record-"
"""Refusals that no second try will change; the prefix is that of all complaints about a record's own bytes.

Every other one (a full disk, a restart, too long a silence) is tried again: the window bounds for how long.
"""

ANSWER_WITHIN_SECONDS = 10.0
"""A broker that has not said UploadReady by then is dialled again."""


class RecordSocket(Protocol):
    """What an upload needs of a websocket; `websockets`' asyncio ClientConnection is one."""

    async def send(self, message: bytes) -> None: ...

    async def recv(self) -> str | bytes: ...

    async def close(self) -> None: ...


Connect = Callable[[], Awaitable[RecordSocket]]


def connect_to(profile: Profile) -> Connect:
    """How a session with this profile reaches its broker's record endpoint."""
    return partial(connect_websocket, profile, RECORDS_PATH)


def is_final(code: str) -> bool:
    return code in FINAL_REFUSALS or code.startswith(FINAL_REFUSALS_PREFIX)


class RecordUpload:
    """Uploads what is in `window`, and what is added to it later, until it is stopped.

    `run` is one task; `offer` wakes it after new records. `on_acked` is called after every acknowledgement that is
    news, `on_connection` whenever the connection comes or goes.
    """

    def __init__(
        self,
        opening: UploadRecords,
        window: UnackedWindow,
        *,
        connect: Connect,
        backoff: Backoff | None = None,
        on_acked: Callable[[], None],
        on_connection: Callable[[bool], None] = lambda _connected: None,
    ) -> None:
        self._opening = opening
        self._window = window
        self._connect = connect
        self._patience = Patience(backoff or Backoff())
        self._on_acked = on_acked
        self._on_connection = on_connection
        self._offered = asyncio.Event()
        self._decoder: MessageDecoder[BrokerToRecorder] = MessageDecoder(BrokerToRecorder)

    def offer(self) -> None:
        """There are new records in the window."""
        self._offered.set()

    def hurry(self) -> None:
        """The broker was reached on another way: do not wait for the next try."""
        self._patience.hurry()

    async def run(self) -> None:
        """Runs until cancelled. Raises RecordsRefused or PeerError when there is no use in trying again."""
        while True:
            try:
                socket = await self._connect()
            except (OSError, TimeoutError, WebSocketException, ConsentryError) as error:
                # Even a refused handshake may pass: a proxy in front of a broker that restarts answers with a status.
                log.info("records_upload_unreachable", error=type(error).__name__)
            else:
                try:
                    await self._conversation(socket)
                finally:
                    self._patience.lost()
                    self._on_connection(False)
                    await socket.close()
            await self._patience.wait()

    async def _conversation(self, socket: RecordSocket) -> None:
        """One connection from hello to its end."""
        try:
            await socket.send(encode(self._opening))
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                answer = await self._receive(socket)
            match answer:
                case Refused(code=code):
                    log.warning("records_upload_refused", code=code)
                    if is_final(code):
                        raise RecordsRefused(reason=answer.sentence)
                case UploadReady():
                    self._patience.reset()
                    self._take_ack(answer)
                    self._on_connection(True)
                    await self._exchange(socket, answer.next_seq)
                case RecordsAcked():
                    raise AcksDisagree(problem="an acknowledgement came before anything was sent")
        except (OSError, TimeoutError, WebSocketException) as error:
            log.info("records_upload_cut", error=type(error).__name__)

    async def _exchange(self, socket: RecordSocket, next_seq: int) -> None:
        """Sends and listens at once; ends with the first of the two that ends."""
        tasks = [
            asyncio.create_task(self._send_from(socket, next_seq), name="send records"),
            asyncio.create_task(self._listen(socket), name="listen for acknowledgements"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        # What ended first is why the connection is over; the listener knows more than a sender that lost its socket.
        for task in sorted(done, key=lambda each: each is tasks[0]):
            task.result()

    async def _send_from(self, socket: RecordSocket, seq: int) -> None:
        while True:
            self._offered.clear()
            while (record := self._window.record_at(seq)) is not None:
                await socket.send(record.data)
                # An earlier connection's records may become durable behind our back: no need to send them again.
                seq = max(seq + 1, self._window.acked_seq)
            await self._offered.wait()

    async def _listen(self, socket: RecordSocket) -> None:
        while True:
            match await self._receive(socket):
                case RecordsAcked() as ack:
                    self._take_ack(ack)
                case Refused(code=code) as refusal:
                    log.warning("records_upload_refused", code=code)
                    if is_final(code):
                        raise RecordsRefused(reason=refusal.sentence)
                    return
                case UploadReady():
                    raise AcksDisagree(problem="it greeted twice")

    async def _receive(self, socket: RecordSocket) -> BrokerToRecorder:
        message = await socket.recv()
        if isinstance(message, str):
            raise PeerError(problem="text where records are acknowledged")
        return self._decoder.decode(message)

    def _take_ack(self, ack: UploadReady | RecordsAcked) -> None:
        if self._window.acked(ack.next_seq, ack.chain_hash):
            self._on_acked()
