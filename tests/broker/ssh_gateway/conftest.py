"""A session that runs through a real broker with a gateway, all in one process: one for all tests of a file."""

import asyncio
import base64
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncssh
import pytest
import pytest_asyncio

from agent_client.faces import notices
from broker.ssh_gateway.server import SshGateway
from engineer_client.control import Conversation
from protocol.grants import Scope
from protocol.messages.control import AdmitSshKey, AgentToEngineer, Granted, SshKeyAdmitted
from tests.agent_client.conftest import CustomerSession, Founded, Support, VisitingEngineer, founded_support
from tests.agent_client.people import HOST_KEYS
from tests.broker.harness import make_settings

__all__ = ["founded_support"]

GATEWAY = {"ssh_gateway_port": 0, "ssh_gateway_per_minute_per_address": 10_000}

SCOPES = (Scope.VIEW, Scope.FILES_READ, Scope.GATEWAY)


@dataclass
class Visit:
    """A customer, an engineer who was let in with the scope `gateway`, and the SSH key that they have named."""

    support: Support
    customer: CustomerSession
    engineer: VisitingEngineer
    talk: Conversation
    token: str
    key: asyncssh.SSHKey
    gateway_id: bytes
    gateway_key: bytes

    @property
    def gateway(self) -> SshGateway:
        gateway = self.support.broker.server.broker.services.ssh_gateway
        assert gateway is not None
        return gateway

    @property
    def name(self) -> str:
        """What `ssh` calls the session."""
        return self.engineer.session.session_id.hex()

    async def admit(
        self, key: asyncssh.SSHKey, *, gateway_id: bytes = b"", gateway_key: bytes = b""
    ) -> AgentToEngineer:
        """Names a key to the agent."""
        offer = AdmitSshKey(
            ssh_user_key=key.public_data,
            gateway_id=gateway_id or self.gateway_id,
            gateway_key=gateway_key or self.gateway_key,
        )
        await self.talk.send(offer)
        return await self.talk.receive()

    def body(self, **changes: object) -> dict[str, object]:
        return {
            "ssh_public_key": self.key.export_public_key().decode(),
            "gateway_id": base64.urlsafe_b64encode(self.gateway_id).decode().rstrip("="),
            "gateway_key": base64.urlsafe_b64encode(self.gateway_key).decode().rstrip("="),
            **changes,
        }

    async def name_key(self, session: str = "", **changes: object) -> Any:
        """Names a key to the broker."""
        path = f"/v1/sessions/{session or self.name}/ssh-gateway"
        return await self.support.broker.request("PUT", path, self.body(**changes), token=self.token)

    @asynccontextmanager
    async def outer(
        self, *, key: asyncssh.SSHKey | None = None, user: str = "wei", **options: Any
    ) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """A connection to the gateway, whose host key is the one that the API names."""
        known = asyncssh.import_known_hosts(f"[127.0.0.1]:{self.gateway.port} {self.gateway.host_key_line}\n")
        async with asyncssh.connect(
            "127.0.0.1", self.gateway.port, username=user, client_keys=[key or self.key], known_hosts=known,
            config=None, agent_path=None, **options,
        ) as connection:  # fmt: skip
            yield connection

    @asynccontextmanager
    async def inner(self, *, key: asyncssh.SSHKey | None = None) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """SSH with the customer's agent, through the gateway, as `ssh -J` does it."""
        ed25519 = HOST_KEYS.ed25519.export_public_key().decode()
        async with (
            self.outer() as outer,
            asyncssh.connect(
                self.name, tunnel=outer, username="mei", client_keys=[key or self.key], config=None, agent_path=None,
                known_hosts=asyncssh.import_known_hosts(f"{self.name} {ed25519}"),
            ) as connection,
        ):  # fmt: skip
            yield connection


@asynccontextmanager
async def visiting(support: Support) -> AsyncIterator[Visit]:
    """From a code to a named key. Ended by the customer afterwards."""
    async with support.customer() as customer:
        running = asyncio.create_task(customer.session.run())
        engineer = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await talk.send(engineer.request(*SCOPES))
            customer.face.allow(await customer.face.asked())
            assert isinstance(await talk.receive(), Granted)
            key = asyncssh.generate_private_key("ssh-ed25519")
            token = await support.broker.login()
            visit = Visit(
                support, customer, engineer, talk, token, key, secrets.token_bytes(16), secrets.token_bytes(32)
            )
            assert await visit.admit(key) == SshKeyAdmitted(gateway_id=visit.gateway_id)
            answer = await visit.name_key()
            assert answer.status == 200, answer.body
            try:
                yield visit
            finally:
                customer.session.end("customer-ended")
                await asyncio.wait([running])


async def support_with_gateway(founded: Founded, folder: Any) -> Support:
    shutil.copytree(founded.folder, folder / "broker")
    settings = make_settings(folder / "broker", listen_port=founded.port, **GATEWAY)
    customer = folder / "customer"
    customer.mkdir()
    (customer / "hello.txt").write_text("hello from the customer\n")
    support = Support(founded, settings, customer)
    await support.start()
    return support


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visit(founded_support: Founded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visit]:
    support = await support_with_gateway(founded_support, tmp_path_factory.mktemp("gateway"))
    async with visiting(support) as visit:
        yield visit
    await support.stop()
