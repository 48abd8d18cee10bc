"""A real broker on a free port with TLS, and small clients that say what they saw."""

import asyncio
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from broker.config import Settings, load_settings
from broker.http_api.application import make_application
from broker.organisation.folder import OrganisationFolder
from broker.organisation.founding import found_organisation
from broker.organisation.organisation import Organisation
from broker.server import BrokerServer
from broker.storage import MIGRATIONS
from broker.storage.users import SqlUsers
from protocol.grants import Scope
from protocol.messages.agent import BrokerToAgent, OpenSession, SessionOpened
from protocol.messages.pairing import BrokerToEngineer
from protocol.messages.recorder import BrokerToRecorder
from protocol.messages.wire import SUBPROTOCOL, MessageDecoder, encode
from serving.database import open_database
from serving.identity.passwords import Passwords
from serving.identity.secret_box import SecretBox, load_secret_box
from tests.helpers.as_described import AsDescribed
from tests.helpers.waiting import PATIENCE_SECONDS

PASSWORD = "correct horse battery"
QUICK_PASSWORDS = Passwords(time_cost=1, memory_cost_kib=64, parallelism=1)
ORIGIN = "https://localhost:8443"
BOX = SecretBox(bytes(32), Path("identity.key"))


@cache
def described() -> AsDescribed:
    return AsDescribed.of(make_application)


class FakeClock:
    """Both clocks in the test's hand."""

    def __init__(self, now_ms: int = 1_795_000_000_000) -> None:
        self.now_ms = now_ms

    def unix_ms(self) -> int:
        return self.now_ms

    def monotonic_ms(self) -> int:
        return self.now_ms

    def advance(self, milliseconds: int) -> None:
        self.now_ms += milliseconds


def make_settings(folder: Path, **changes: object) -> Settings:
    facts: dict[str, object] = {
        "data_folder": folder,
        "listen_host": "127.0.0.1",
        "listen_port": 0,
        "min_free_disk_percent": 0,
        "min_free_disk_gib": 0,
    }
    return load_settings(**facts | changes)


def found(settings: Settings, **changes: Any) -> Organisation:
    facts: dict[str, Any] = {"name": "Example Support", "origin": ORIGIN, "audit_recipients": ()}
    return found_organisation(settings, **facts | changes)


def box_of(settings: Settings) -> SecretBox:
    """The organisation's own; one for all where none was founded."""
    folder = OrganisationFolder(settings.data_folder)
    return load_secret_box(folder.identity_key) if folder.path.exists() else BOX


async def add_user(settings: Settings, user_name: str = "wei", staff_number: str = "E-1", **changes: Any) -> int:
    database = await open_database(settings.database_file, MIGRATIONS)
    try:
        facts: dict[str, Any] = {
            "user_name": user_name,
            "name": "Wei Example",
            "staff_number": staff_number,
            "max_scopes": frozenset(Scope),
            "password_hash": QUICK_PASSWORDS.hash_now(PASSWORD),
            "created_at_ms": 1,
        }
        return (await SqlUsers(database, box_of(settings)).add(**facts | changes)).user_id
    finally:
        await database.aclose()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RunningBroker:
    server: BrokerServer
    organisation: Organisation
    settings: Settings

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts what the signed profile names, and nothing else."""
        context = ssl.create_default_context(cadata=self.organisation.profile.broker_certificate_pem)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    async def request(
        self, method: str, path: str, body: object = None, *, token: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"https://localhost:{self.server.port}{path}", data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)

        def send() -> Answer:
            try:
                with urllib.request.urlopen(request, context=self.tls, timeout=PATIENCE_SECONDS) as response:
                    return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
            except urllib.error.HTTPError as error:
                with error:
                    return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

        answer = await asyncio.to_thread(send)
        described().check(method, path, answer.status, answer.headers.get("content-type", ""), answer.body)
        return answer

    async def login(self, user_name: str = "wei") -> str:
        answer = await self.request("POST", "/v1/login", {"user_name": user_name, "password": PASSWORD})
        assert answer.status == 200, answer.body
        return str(answer.json["token"])

    @asynccontextmanager
    async def dial(self, path: str, *, token: str = "", **options: Any) -> AsyncIterator["Client"]:
        options.setdefault("subprotocols", [Subprotocol(SUBPROTOCOL)])
        if token:
            options["additional_headers"] = {"Authorization": f"Bearer {token}"}
        url = f"wss://localhost:{self.server.port}{path}"
        async with connect(url, ssl=self.tls, compression=None, proxy=None, **options) as websocket:
            yield Client(websocket, path)

    @asynccontextmanager
    async def agent(self, agent_key: bytes = b"\x01" * 32) -> AsyncIterator[tuple["Client", SessionOpened]]:
        """An agent whose session is open."""
        async with self.dial("/v1/agent") as client:
            await client.send(OpenSession(version=1, agent_key=agent_key, language="en", sent_at_ms=1))
            opened = await client.receive()
            assert isinstance(opened, SessionOpened)
            yield client, opened


_INCOMING = {
    "/v1/agent": BrokerToAgent,
    "/v1/pairing": BrokerToEngineer,
    "/v1/records": BrokerToRecorder,
}


class Client:
    """One end of a conversation with the broker."""

    def __init__(self, websocket: ClientConnection, path: str) -> None:
        self.websocket = websocket
        self._decoder: MessageDecoder[Any] = MessageDecoder(_INCOMING[path], limit_bytes=16 * 1024)

    async def send(self, message: Any) -> None:
        await self.websocket.send(encode(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            data = await self.websocket.recv()
        assert isinstance(data, bytes)
        return self._decoder.decode(data)

    async def closed(self) -> int:
        """Waits for the broker to hang up; its close code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.websocket.wait_closed()
        assert self.websocket.close_code is not None
        return self.websocket.close_code


@asynccontextmanager
async def running(settings: Settings, organisation: Organisation, **options: Any) -> AsyncIterator[RunningBroker]:
    async with BrokerServer(settings, passwords=QUICK_PASSWORDS, **options) as server:
        yield RunningBroker(server, organisation, settings)
