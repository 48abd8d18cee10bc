"""The settings of a broker: its database holds the people here."""

from pathlib import Path

import pytest

from broker.config import Settings
from tests.broker.harness import make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "data")
