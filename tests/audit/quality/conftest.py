"""A quality desk over a database of its own, with a clock that the test owns."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.quality.desk import QualityDesk
from audit.quality.people import Reviewer
from audit.storage import MIGRATIONS
from audit.storage.quality import SqlQuality
from serving.database import open_database
from tests.audit.quality.builders import NOW_MS, scorecard

ADA = Reviewer("ada", "administrator")
SAM = Reviewer("sam", "supervisor")
ANA, BEN = Reviewer("ana", "reviewer"), Reviewer("ben", "reviewer")
OUT = Reviewer("out", "external-reviewer")


@dataclass
class OwnedClock:
    now_ms: int = NOW_MS

    def unix_ms(self) -> int:
        return self.now_ms

    def monotonic_ms(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> OwnedClock:
    return OwnedClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlQuality]:
    database = await open_database(tmp_path / "audit.sqlite3", MIGRATIONS)
    yield SqlQuality(database)
    await database.aclose()


@pytest.fixture
async def desk(store: SqlQuality, clock: OwnedClock) -> QualityDesk:
    """With the short scorecard beside those that come along."""
    made = QualityDesk(store, clock)
    await made.open()
    await made.add_scorecard(ADA, scorecard())
    return made
