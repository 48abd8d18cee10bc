"""What every file operation of an SFTP session passes through: the grant is asked before it, the recording told after.

Knows no folder: `sftp.py` does the work in between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import asyncssh

from agent_client.access import Access, ScopeNotGranted
from agent_client.files.confined import shown_path
from agent_client.files.handles import OpenFile
from agent_client.files.transfer import Transfer
from agent_client.recording import Recording
from agent_client.shell.pause import Pause
from agent_client.shell.tally import ChannelRecord
from protocol.errors import ConsentryError
from protocol.events import FileAction, FileOperation
from protocol.grants import Scope

Outcome = Literal["ok", "refused", "failed"]


class GuardedOperations:
    """Those of one SFTP session."""

    def __init__(self, access: Access, recording: Recording, record: ChannelRecord, pause: Pause) -> None:
        self._access = access
        self._recording = recording
        self._record = record
        self._pause = pause

    async def ask(self, *scopes: Scope) -> None:
        """Waits out a pause and a recorder without room, then asks the grant: in this order, for it may have changed.

        Raises ScopeNotGranted.
        """
        await self._pause.passed()
        await self._recording.wait_for_room()
        self.require(*scopes)

    async def ask_any(self) -> None:
        """Whether files may be looked at, for whatever. Raises ScopeNotGranted."""
        await self.ask()
        if not (self._access.allows(Scope.FILES_READ) or self._access.allows(Scope.FILES_WRITE)):
            raise ScopeNotGranted(scope=Scope.FILES_READ.value)

    def require(self, *scopes: Scope) -> None:
        """The grant alone. Raises ScopeNotGranted."""
        for scope in scopes:
            if not self._access.allows(scope):
                raise ScopeNotGranted(scope=scope.value)

    @contextmanager
    def recorded(self, action: FileAction, path: bytes, target: bytes = b"", *, quiet: bool = False) -> Iterator[None]:
        """Records how the operation ended, and turns our errors into SFTP's. `quiet` ones record refusals only."""
        outcome: Outcome = "ok"
        try:
            yield
        except asyncssh.SFTPPermissionDenied:
            outcome = "refused"
            raise
        except ConsentryError as error:
            outcome = "refused"
            raise asyncssh.SFTPPermissionDenied(str(error)) from None
        except OSError:
            outcome = "failed"
            raise
        finally:
            if outcome == "refused" or not quiet:
                self.tell(action, shown_path(path), shown_path(target), outcome)

    @contextmanager
    def while_open(self, file: OpenFile) -> Iterator[None]:
        """For what is done with an open file, which is recorded when it is closed."""
        try:
            yield
        except ConsentryError as error:
            raise asyncssh.SFTPPermissionDenied(str(error)) from None
        except OSError:
            file.failed = True
            raise

    def tell_moved(self, file: OpenFile, action: Literal["read", "write"]) -> None:
        """Records what moved through the file in that direction since this was called last."""
        moved = file.read if action == "read" else file.written
        if action == "read":
            file.read = Transfer()
        else:
            file.written = Transfer()
        self.tell(action, shown_path(file.path), "", "failed" if file.failed else "ok", moved)

    def tell(
        self, action: FileAction, path: str, target: str = "", outcome: Outcome = "ok", moved: Transfer | None = None
    ) -> None:
        """Records one operation. Paths are as `shown_path` gives them."""
        self._recording.record(
            FileOperation(
                t_ms=self._recording.elapsed_ms(),
                channel=self._record.channel,
                participant=self._record.participant,
                action=action,
                path=path,
                target=target,
                outcome=outcome,
                byte_count=moved.byte_count if moved else 0,
                sha256=moved.sha256 if moved else b"",
                ranges=moved.ranges if moved else (),
            )
        )
