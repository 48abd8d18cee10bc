"""A real broker with one engineer's account, and whatever a session at the customer's machine needs of it."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent_client.broker_link import BrokerLink
from agent_client.live import SessionIdentity
from agent_client.recorder.redaction import RedactionRules
from agent_client.session import SessionSettings, SupportSession
from audit.vault.keys import AuditKey
from audit.vault.library import Recording
from audit.vault.reading import open_recording
from broker.config import Settings
from broker.organisation.organisation import Organisation
from engineer_client.control import Conversation, open_conversation
from engineer_client.pairing import pair
from protocol.access_requests import sign_access_request
from protocol.codes import parse_code
from protocol.events import Event
from protocol.grants import Scope
from protocol.messages.agent import AskForHelp, SessionOpened
from protocol.messages.control import RequestAccess
from protocol.messages.wire import UNPAIRED_FRAME_LIMIT_BYTES
from protocol.profile import AuditRecipient, Profile
from serving.http.encoding import decode_bytes, encode_bytes
from tests.agent_client.house import House
from tests.agent_client.people import HOST_KEYS, CustomerAtTest, EngineerAtTest, a_host, an_identity
from tests.broker.harness import RunningBroker, add_user, found, make_settings, running
from tests.helpers.agents_loop import pytest_asyncio_loop_factories
from tests.helpers.ports import free_port
from tunnel.control import connect_websocket
from tunnel.paired_session import PairedSession
from tunnel.trust import FetchedProfile, fetch_signed_profile
from wording import Wording

__all__ = ["pytest_asyncio_loop_factories"]


@dataclass(frozen=True)
class Founded:
    """An organisation on disk. Made once: each test gets a copy, and the same port."""

    folder: Path
    port: int
    organisation: Organisation
    audit_key: AuditKey


@pytest.fixture(scope="session")
def founded_support(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    port = free_port()
    settings = make_settings(tmp_path_factory.mktemp("support") / "broker", listen_port=port)
    private = X25519PrivateKey.generate()
    recipient = AuditRecipient(secrets.token_bytes(8), "x25519", private.public_key().public_bytes_raw(), 0, 2**52)
    organisation = found(settings, origin=f"https://localhost:{port}", audit_recipients=(recipient,))
    with ThreadPoolExecutor() as beside_any_event_loop:
        beside_any_event_loop.submit(lambda: asyncio.run(add_user(settings))).result()
    return Founded(settings.data_folder, port, organisation, AuditKey(recipient, private))


@dataclass
class VisitingEngineer:
    """An engineer who proved a code through the broker."""

    session: PairedSession
    certificate: bytes
    key: Ed25519PrivateKey

    def request(self, *scopes: Scope, minutes: int = 30) -> RequestAccess:
        return sign_access_request(
            self.key,
            self.session.transcript_hash,
            certificate=self.certificate,
            reason="receipts never arrive",
            ticket="8841",
            scopes=scopes or (Scope.FILES_READ,),
            minutes=minutes,
            ssh_user_key=b"user key",
            client="cli",
        )

    @asynccontextmanager
    async def conversation(self) -> AsyncIterator[Conversation]:
        async with await open_conversation(self.session) as conversation:
            yield conversation


@dataclass
class CustomerSession:
    """One `SupportSession` that runs, and what it was made of."""

    session: SupportSession
    face: CustomerAtTest
    link: BrokerLink
    identity: SessionIdentity
    settings: SessionSettings


@dataclass
class Support:
    """An organisation whose broker can be stopped and started."""

    founded: Founded
    settings: Settings
    folder: Path
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def profile(self) -> Profile:
        return self.founded.organisation.profile

    async def start(self) -> None:
        self.broker: RunningBroker = await self.stack.enter_async_context(
            running(self.settings, self.founded.organisation)
        )

    async def stop(self) -> None:
        await self.stack.aclose()
        self.stack = AsyncExitStack()

    async def open(self) -> tuple[BrokerLink, SessionIdentity, SessionOpened]:
        key = Ed25519PrivateKey.generate()
        link = BrokerLink(self.profile, agent_key=key.public_key().public_bytes_raw(), language="en")
        opened = await link.open()
        root_key = self.founded.organisation.root_public_key
        note = self.founded.organisation.profile_note
        address = self.founded.organisation.share_url

        async def fetch_newer(version: int) -> FetchedProfile:
            return await fetch_signed_profile(address, at_least_version=version)

        host = a_host(self.folder)
        identity = SessionIdentity(self.profile, root_key, opened, key, HOST_KEYS, host, note, fetch_newer)
        return link, identity, opened

    @asynccontextmanager
    async def customer(
        self, face: CustomerAtTest | None = None, *, ask: AskForHelp | None = None
    ) -> AsyncIterator[CustomerSession]:
        """A customer who shares; ended afterwards if the test did not."""
        link, identity, _ = await self.open()
        settings = SessionSettings(self.folder / "state", (self.folder,), RedactionRules.load(), ask)
        face = face or CustomerAtTest()
        session = SupportSession(identity, link, settings, face, Wording("en"))
        yield CustomerSession(session, face, link, identity, settings)

    async def pair(self, code_text: str, *, user: str = "wei") -> VisitingEngineer:
        token = await self.broker.login(user)
        key = Ed25519PrivateKey.generate()
        body = {"public_key": encode_bytes(key.public_key().public_bytes_raw())}
        issued = await self.broker.request("POST", "/v1/certificate", body, token=token)
        return await self.pair_with(code_text, token, key, decode_bytes(issued.json["certificate"]))

    async def pair_with(
        self, code_text: str, token: str, key: Ed25519PrivateKey, certificate: bytes
    ) -> VisitingEngineer:
        """Somebody who is logged in, and shows this certificate, wherever it is from."""
        root_key = self.founded.organisation.root_public_key
        websocket = await connect_websocket(
            self.profile,
            "/v1/pairing",
            headers={"Authorization": f"Bearer {token}"},
            max_size=UNPAIRED_FRAME_LIMIT_BYTES,
        )
        async with websocket:
            paired = await pair(
                websocket,
                parse_code(code_text),
                certificate,
                broker_origin=self.profile.broker_origin,
                root_key=root_key,
            )
        session = PairedSession(
            broker_origin=self.profile.broker_origin,
            broker_certificate_pem=self.profile.broker_certificate_pem,
            session_id=paired.session_id,
            leg_ticket=paired.leg_ticket,
            pairing_id=paired.keys.pairing_id,
            stream_key=paired.keys.stream_key,
            control_key=paired.keys.control_key,
            transcript_hash=paired.keys.transcript_hash,
            ssh_host_keys=paired.agent.ssh_host_keys,
        )
        return VisitingEngineer(session, certificate, key)

    def recorded(self, session_id: bytes) -> tuple[list[Event], bool]:
        """What the organisation's audit side reads, and whether it is whole."""
        folder = self.settings.records_folder / session_id.hex()
        with open_recording(Recording.read(folder), [self.founded.audit_key]) as recording:
            return list(recording.events()), recording.is_whole


@pytest.fixture
async def support(founded_support: Founded, tmp_path: Path) -> AsyncIterator[Support]:
    shutil.copytree(founded_support.folder, tmp_path / "broker")
    settings = make_settings(tmp_path / "broker", listen_port=founded_support.port)
    customer = tmp_path / "customer"
    customer.mkdir()
    support = Support(founded_support, settings, customer)
    await support.start()
    yield support
    await support.stop()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(an_identity(tmp_path), tmp_path)
    yield house
    await house.close()


@pytest.fixture
def engineer(house: House) -> EngineerAtTest:
    return house.meet(EngineerAtTest())
