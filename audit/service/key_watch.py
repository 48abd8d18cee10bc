"""Takes up audit keys that are added while the service runs: a rotation needs no restart.

`consentry audit key` writes them into the service's file before anything can be sealed to them. Whoever opens
recordings holds the same list as this module, which only ever grows: what an old key opened, it still opens.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from audit.service.setup import load_setup
from audit.vault.keys import load_key
from audit.vault.recipient_key import RecipientKey
from protocol.errors import ConsentryError

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 5.0
"""Far less than an administrator needs to sign a profile that names the new key."""


class KeyWatch:
    """`keys` are those of `known` files, and are added to in place; `added` is awaited after that.

    `passphrase_for` is asked for a key that is under a passphrase, and must not ask a person.
    """

    def __init__(
        self,
        data_folder: Path,
        keys: list[RecipientKey],
        known: tuple[Path, ...],
        *,
        passphrase_for: Callable[[Path], Callable[[], str]],
        added: Callable[[], Awaitable[None]],
    ) -> None:
        self._data_folder = data_folder
        self._keys = keys
        self._known = set(known)
        self._refused: dict[Path, str] = {}
        self._passphrase_for = passphrase_for
        self._added = added

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Once. A key that cannot be used is told once, and tried again each time."""
        try:
            setup = await asyncio.to_thread(load_setup, self._data_folder)
        except ConsentryError as error:
            log.warning("audit_keys_not_looked_for", problem=str(error))
            return
        new = [path for path in setup.key_files if path not in self._known]
        if any([await self._take_up(path) for path in new]):
            await self._added()

    async def _take_up(self, path: Path) -> bool:
        try:
            key = await asyncio.to_thread(load_key, path, self._passphrase_for(path))
        except ConsentryError as error:
            if self._refused.get(path) != str(error):
                self._refused[path] = str(error)
                log.error("audit_key_unusable", file=str(path), problem=str(error))
            return False
        self._keys.append(key)
        self._known.add(path)
        self._refused.pop(path, None)
        log.info("audit_key_added", key_id=key.recipient.key_id.hex(), file=str(path))
        return True
