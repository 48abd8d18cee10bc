"""Stores that are closed again, and a disk that can fail."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from audit.ingest import RecordStore

OpenStore = Callable[..., Awaitable[RecordStore]]


@pytest.fixture
async def open_store(tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Starts stores on one folder; those that are still open at the end are closed."""
    stores: list[RecordStore] = []

    async def start(**options: Any) -> RecordStore:
        store = RecordStore(tmp_path / "records", **({"free_limit_bytes": 0, "free_limit_share": 0.0} | options))
        await store.start()
        stores.append(store)
        return store

    yield start
    for store in stores:
        await store.aclose()
