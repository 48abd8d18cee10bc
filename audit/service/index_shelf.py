"""Where the audit service's indexes lie, and their keys: made, given to whoever reads, added to, erased.

<data folder>/index/keys/        audit/replay_index/keys.py: the erase of an index is the erase of its key
<data folder>/index/sessions/    what the worker handed over, encrypted
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from audit.replay_index.entries import Entry
from audit.replay_index.erasing import erase_index
from audit.replay_index.index_files import (
    INDEX_FOLDER,
    KEYS_FOLDER,
    SESSIONS_FOLDER,
    IndexFiles,
    remove_session,
    session_folder,
)
from audit.replay_index.indexer import replace_entries
from audit.replay_index.keys import KEY_BYTES, IndexForOthersError, IndexKeyError, IndexKeys
from audit.replay_index.session_index import NotIndexedError
from audit.vault.recipient_key import RecipientKey
from serving.private_files import make_private_folder

log = structlog.get_logger(__name__)


class IndexShelf:
    """For one event loop; what blocks says so."""

    def __init__(self, data_folder: Path, audit_keys: Sequence[RecipientKey]) -> None:
        self.folder = data_folder / INDEX_FOLDER
        self.sessions_folder = self.folder / SESSIONS_FOLDER
        self._keys_folder = self.folder / KEYS_FOLDER
        self._audit_keys = audit_keys
        self._keys: IndexKeys | None = None
        self._opening = asyncio.Lock()

    def prepare(self) -> None:
        """Makes the folders, before any process starts that may read them. Blocks."""
        make_private_folder(self._keys_folder)
        make_private_folder(self.sessions_folder)

    async def keys(self) -> IndexKeys:
        """Raises IndexForOthersError, OpenerFailedError."""
        async with self._opening:  # made twice at one time, the first ones would be lost
            if self._keys is None:
                self._keys = await asyncio.to_thread(self._open_keys)
            return self._keys

    async def audit_keys_added(self) -> None:
        """Whatever opens recordings opens the index. Raises IndexKeyError."""
        if self._keys is not None:
            await asyncio.to_thread(self._keys.seal_for, self._audit_keys)

    async def key_of(self, session_id: bytes) -> bytes:
        """What opens a session's index, for the process that reads it. Raises NotIndexedError, IndexErasedError."""
        key = (await self.keys()).of(session_id)
        if key is None:
            raise NotIndexedError(session=session_id.hex())
        return key

    async def add(self, session_id: bytes, entries: Sequence[Entry]) -> None:
        """What is known of a session beside its recording, in the place of what was known before.

        Raises IndexErasedError, IndexKeyError, OSError.
        """
        await asyncio.to_thread(self._add, session_id, entries, await self.keys())

    def remove(self, session_id: bytes) -> None:
        """For an index that is to be made anew. Blocks."""
        remove_session(session_folder(self.folder, session_id))

    def erase(self, session_id: bytes) -> None:
        """The key first, which is the erase. Twice is the same. Blocks. Raises OSError."""
        self.prepare()
        # An erase opens nothing: it goes on where no audit key is at hand.
        erase_index(self.folder, session_id, self._keys or IndexKeys(self._keys_folder, bytes(KEY_BYTES)))

    def _add(self, session_id: bytes, entries: Sequence[Entry], keys: IndexKeys) -> None:
        if not entries and keys.of(session_id) is None:
            return
        files = IndexFiles(self.folder, session_id, keys.make(session_id))
        try:
            if entries or files.additions.exists():
                replace_entries(files, entries)
        finally:
            files.close()

    def _open_keys(self) -> IndexKeys:
        try:
            keys = IndexKeys.open(self._keys_folder, self._audit_keys)
            keys.seal_for(self._audit_keys)  # those that were added while nothing ran here
            return keys
        except (IndexKeyError, IndexForOthersError) as error:
            if not self._audit_keys:
                raise
            # Made with a key that is not here any more, or torn: nothing of it can be read. It is made anew.
            log.warning("index_begun_anew", problem=str(error))
            self._remove_all()
            return IndexKeys.open(self._keys_folder, self._audit_keys)

    def _remove_all(self) -> None:
        """But for the folders themselves: processes of ours may be allowed to read those, and no later ones."""
        for session in self.sessions_folder.iterdir():
            remove_session(session)
        for path in self._keys_folder.iterdir():
            path.unlink()
