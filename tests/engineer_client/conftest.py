"""A broker with one engineer who is logged in, a home of their own, and the real command."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from broker.config import Settings
from broker.organisation.organisation import Organisation
from engineer_client.connect import AccessWish, LiveSession, establish
from engineer_client.login import Login, log_in
from engineer_client.state import State
from protocol.grants import Scope
from protocol.share_url import ShareUrl
from tests.broker.harness import PASSWORD, RunningBroker, add_user, found, make_settings, running
from tests.engineer_client.customer import Customer, a_customer
from tests.helpers.ports import free_port


@dataclass(frozen=True)
class Finished:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Desk:
    """An engineer's machine."""

    state: State
    address: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "CONSENTRY_HOME": str(self.state.folder),
            "CONSENTRY_LANGUAGE": "en",
            "TERM": "xterm",
        }

    async def run(self, *arguments: str, given: str = "", **environment: str) -> Finished:
        """`consentry …`, as a person without a terminal would run it."""
        return await run([sys.executable, "-m", "consentry", *arguments], self.environment | environment, given)

    async def ssh(self, *arguments: str) -> Finished:
        """Stock ssh with the configuration that we wrote."""
        return await run(["ssh", "-F", str(self.state.ssh_config), *arguments], self.environment, "")


def a_wish(*, minutes: int = 30, alias: str | None = None, write_ssh_config: bool = False) -> AccessWish:
    return AccessWish(
        reason="receipts never arrive",
        ticket="8841",
        scopes=(Scope.SHELL,),
        minutes=minutes,
        client="ssh",
        alias=alias,
        write_ssh_config=write_ssh_config,
    )


async def run(arguments: list[str], environment: dict[str, str], given: str) -> Finished:
    process = await asyncio.create_subprocess_exec(
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(given.encode())
    assert process.returncode is not None
    return Finished(process.returncode, out.decode(), err.decode())


@dataclass(frozen=True)
class Founded:
    """An organisation with one engineer, on disk. Made once: each test gets a copy, and the same port."""

    folder: Path
    port: int
    organisation: Organisation


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    port = free_port()
    settings = make_settings(tmp_path_factory.mktemp("founded") / "broker", listen_port=port)
    organisation = found(settings, origin=f"https://localhost:{port}")
    with ThreadPoolExecutor() as beside_any_event_loop:
        beside_any_event_loop.submit(lambda: asyncio.run(add_user(settings))).result()
    return Founded(settings.data_folder, port, organisation)


@pytest.fixture
def settings(founded: Founded, tmp_path: Path) -> Settings:
    shutil.copytree(founded.folder, tmp_path / "broker")
    return make_settings(tmp_path / "broker", listen_port=founded.port)


@pytest.fixture
async def broker(settings: Settings, founded: Founded) -> AsyncIterator[RunningBroker]:
    async with running(settings, founded.organisation) as broker:
        yield broker


@pytest.fixture
async def desk(broker: RunningBroker, tmp_path: Path) -> Desk:
    home = tmp_path / "engineer"
    profile = broker.organisation.profile
    return Desk(State(home, home), str(ShareUrl(profile.broker_origin, broker.organisation.root_public_key)))


@pytest.fixture
async def login(desk: Desk) -> Login:
    return await log_in(desk.state, desk.address, "wei", lambda: PASSWORD, lambda: "")


@pytest.fixture
async def customer(broker: RunningBroker) -> AsyncIterator[Customer]:
    async with a_customer(broker) as customer:
        yield customer


@pytest.fixture
async def live(desk: Desk, login: Login, customer: Customer) -> AsyncIterator[LiveSession]:
    """A session that was granted, under the alias `till`."""
    live = await establish(desk.state, login, await customer.new_code(), a_wish(alias="till"), lambda _: None)
    yield live
    await live.aclose()
