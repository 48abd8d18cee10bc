"""A house for each test that wants one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.audit.service.house import House, make_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with make_house(tmp_path) as house:
        yield house
