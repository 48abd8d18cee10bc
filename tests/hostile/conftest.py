"""Real brokers to be hostile to."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio

from tests.broker.harness import RunningBroker, add_user, found, make_settings, running
from tests.helpers.deployment import Broker, Engineer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBroker]:
    """One broker in this process for all tests of a file; strangers may open as many sessions as they like."""
    settings = make_settings(
        tmp_path_factory.mktemp("shared") / "data",
        openings_per_minute=100_000,
        openings_per_minute_per_address=100_000,
        claims_per_minute=100_000,
        claims_per_minute_per_engineer=100_000,
        max_sessions=5_000,
    )
    organisation = found(settings)
    await add_user(settings)
    await add_user(settings, "kim", "E-2")
    async with running(settings, organisation) as broker:
        yield broker


@pytest.fixture(scope="module")
def real_broker(founded: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker process with a place for somebody in between: people reach it at `port`, it listens elsewhere."""
    broker = Broker(tmp_path_factory.mktemp("real") / "organisation", behind_wire=True, like=founded)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def log_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Broker, str], Engineer]:
    """Makes an engineer who is logged in: `sam` or `kim`."""
    return lambda broker, user: Engineer(broker, tmp_path_factory.mktemp(user), user)
