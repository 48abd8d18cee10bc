"""A session that is erased while a worker reads it: what the worker found comes too late."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from audit.quality.marks import MarkRules
from audit.service.intake import Intake
from audit.service.session_keys import SessionKeys
from audit.service.unsound import Unsound
from audit.storage import MIGRATIONS
from audit.storage.journal import SqlJournal
from audit.storage.quality import SqlQuality
from audit.storage.sessions import BrokerSession, SqlSessions
from audit.vault.epoch_files import EPOCHS_FOLDER
from audit.vault.opening import RecordingErasedError
from serving.database import open_database
from tests.audit.quality.builders import session
from tests.broker.harness import FakeClock

SESSION = bytes.fromhex(session(1).session_id)


class ErasedInBetween:
    """Stands for the confined worker; the erase comes while it reads that."""

    def __init__(self, kind: str, erase: Callable[[], Awaitable[None]]) -> None:
        self._kind = kind
        self._erase = erase

    async def read(self, kind: str, session_id: bytes, **_: object) -> bytes:
        if kind == self._kind:
            await self._erase()
            if kind == "digest":
                raise RecordingErasedError(session=session_id.hex())
        return msgspec.json.encode(session(1))


@pytest.mark.parametrize("kind", ["digest", "quality"])
async def test_nothing_is_kept_or_told_of_what_is_erased_while_it_is_read(tmp_path: Path, kind: str) -> None:
    """No key is made for it anew, under which names and reasons could be read again; and no monitor is alarmed."""
    keys_folder = tmp_path / EPOCHS_FOLDER
    keys_folder.mkdir()
    database, keys, clock = (
        await open_database(tmp_path / "audit.sqlite3", MIGRATIONS),
        SessionKeys(tmp_path),
        FakeClock(),
    )
    sessions, quality, journal = SqlSessions(database, keys), SqlQuality(database, keys), SqlJournal(database)

    async def erase() -> None:
        await sessions.was_erased(SESSION, 1)
        keys.destroy(SESSION)
        await quality.forget_session(SESSION.hex())

    async def nobody(_: bytes) -> None:
        """Hears of it."""

    reader: Any = ErasedInBetween(kind, erase)
    unsound = Unsound(sessions, journal, clock)
    intake = Intake(sessions, reader, quality, unsound, clock, lambda: MarkRules(()), nobody)
    await sessions.keep_page([BrokerSession(SESSION, 1, 2, b"{}")], 1, 1)
    assert list(keys_folder.iterdir())
    await intake._read(SESSION)
    assert list(keys_folder.iterdir()) == []
    assert await quality.sessions() == []
    assert await journal.after(0, 10) == []
    await database.aclose()
