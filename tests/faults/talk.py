"""An agent's side of its conversations with a broker, in plain blocking steps; and an organisation to talk to."""

import contextlib
import shutil
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from protocol.messages.agent import BrokerToAgent, EndRequested, OpenSession, SessionOpened
from protocol.messages.wire import SUBPROTOCOL, MessageDecoder, Refused, encode
from tests.helpers.deployment import Broker
from tunnel.pinned_tls import broker_tls

ANSWER_WITHIN_SECONDS = 20.0


class Unanswered(Exception):
    """The broker refused, hung up or died: the agent will come again."""


class Organisation:
    """A running broker, and a copy of its data as it lies there when it is stopped with one session open."""

    def __init__(self, folder: Path) -> None:
        self.broker = Broker(folder / "organisation")
        self.broker.environment = {"CONSENTRY_OPENINGS_PER_MINUTE_PER_ADDRESS": "10000"}
        self.tls = broker_tls(self.broker.certificate[0].read_text())
        self.data_at_rest = folder / "at-rest"
        self.broker.start()
        try:
            self.opened, self.key = self.open_session()
            self.broker.stop()
            shutil.copytree(self.broker.data, self.data_at_rest)
            self.broker.start()
        except BaseException:
            self.broker.stop()
            raise

    def open_session(self) -> tuple[SessionOpened, Ed25519PrivateKey]:
        key = Ed25519PrivateKey.generate()
        with dial(self.tls, self.broker.port, "/v1/agent") as agent:
            now_ms = time.time_ns() // 1_000_000
            hello = OpenSession(
                version=1, agent_key=key.public_key().public_bytes_raw(), language="en", sent_at_ms=now_ms
            )
            return ask(agent, hello, SessionOpened, BrokerToAgent), key


@contextlib.contextmanager
def dial(tls: ssl.SSLContext, port: int, path: str) -> Iterator[ClientConnection]:
    try:
        websocket = connect(
            f"wss://127.0.0.1:{port}{path}",
            ssl=tls,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            proxy=None,
            open_timeout=ANSWER_WITHIN_SECONDS,
        )
    except (OSError, WebSocketException) as error:
        raise Unanswered(type(error).__name__) from error
    with websocket:
        yield websocket


def guarded(action: Any) -> Any:
    try:
        return action()
    except (OSError, WebSocketException) as error:
        raise Unanswered(type(error).__name__) from error


def ask(websocket: ClientConnection, message: Any, answer: Any, union: Any) -> Any:
    guarded(lambda: websocket.send(encode(message)))
    return receive(websocket, answer, union)


def receive(websocket: ClientConnection, kind: Any, union: Any) -> Any:
    decoder = MessageDecoder[Any](union)
    message = decoder.decode(guarded(lambda: websocket.recv(ANSWER_WITHIN_SECONDS)))
    while isinstance(message, EndRequested):  # an earlier try had ended the session
        message = decoder.decode(guarded(lambda: websocket.recv(ANSWER_WITHIN_SECONDS)))
    if isinstance(message, Refused):
        raise Unanswered(message.code)
    assert isinstance(message, kind), message
    return message
