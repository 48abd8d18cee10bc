"""A founded organisation with one engineer, and a broker that serves it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.config import Settings
from tests.broker.harness import RunningBroker, add_user, found, make_settings, running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "data")


@pytest.fixture
async def broker(settings: Settings) -> AsyncIterator[RunningBroker]:
    organisation = found(settings)
    await add_user(settings)
    async with running(settings, organisation) as broker:
        yield broker
