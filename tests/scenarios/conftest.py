"""One founded organisation per test process; what a test kills, it has for itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.deployment import KIM, SAM, Broker, Engineer


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Shared: not to be killed. Its address is its own, because others run beside it."""
    broker = Broker(tmp_path_factory.mktemp("organisation"), people=(SAM, KIM))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def mortal_broker(founded: Broker, tmp_path: Path) -> Iterator[Broker]:
    """For tests that kill it."""
    broker = Broker(tmp_path / "organisation", like=founded)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def engineer(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Engineer:
    return Engineer(broker, tmp_path_factory.mktemp("sam"), "sam")


@pytest.fixture(scope="session")
def second_engineer(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Engineer:
    return Engineer(broker, tmp_path_factory.mktemp("kim"), "kim")
