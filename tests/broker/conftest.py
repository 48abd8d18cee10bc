"""A founded organisation with one engineer, and a broker that serves it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from broker.config import Settings
from tests.broker.harness import RunningBroker, add_user, found, make_settings, running
from tests.helpers.waiting import PATIENCE_SECONDS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "data")


@pytest.fixture
async def broker(settings: Settings) -> AsyncIterator[RunningBroker]:
    organisation = found(settings)
    await add_user(settings)
    async with running(settings, organisation) as broker:
        yield broker


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBroker]:
    """One broker for all tests of a file that leave nothing behind which another would stumble over."""
    settings = make_settings(tmp_path_factory.mktemp("shared") / "data", openings_per_minute_per_address=1000)
    organisation = found(settings)
    await add_user(settings)
    async with running(settings, organisation) as broker:
        yield broker


@pytest.fixture
def silence_is_heard_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has not said yet what they are is hung up on for what the test does, and not for that."""
    monkeypatch.setattr("broker.websockets.conversation.HELLO_TIMEOUT_SECONDS", 2 * PATIENCE_SECONDS)
