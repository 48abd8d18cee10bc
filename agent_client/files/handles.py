"""What SFTP handles stand for: an open file, and an open folder."""

import errno
import os
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field

import asyncssh

from agent_client.files.transfer import Transfer


@dataclass
class OpenFile:
    """What an SFTP handle stands for."""

    descriptor: int
    path: bytes
    readable: bool
    writable: bool
    append: bool
    read: Transfer = field(default_factory=Transfer)
    written: Transfer = field(default_factory=Transfer)
    failed: bool = False

    def seek(self, offset: int, whence: int) -> int:
        """Where data and holes are: asyncssh answers its `ranges@asyncssh.com` with it. Nothing else here has a place.

        Without it no client that is asyncssh could get a file. Raises OSError.
        """
        if not self.readable:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return os.lseek(self.descriptor, offset, whence)


class FolderListing:
    """An open folder, until it was read to its end or nobody holds it any more."""

    def __init__(self, descriptor: int) -> None:
        self._entries = os.scandir(descriptor)
        self._here = asyncssh.SFTPAttrs.from_local(os.fstat(descriptor))
        self._close = weakref.finalize(self, _close_listing, descriptor, self._entries)

    def __iter__(self) -> Iterator[asyncssh.SFTPName]:
        for name in (b".", b".."):
            yield asyncssh.SFTPName(name, attrs=self._here)
        for entry in self._entries:
            try:
                attributes = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # removed while we looked
            yield asyncssh.SFTPName(os.fsencode(entry.name), attrs=asyncssh.SFTPAttrs.from_local(attributes))
        self.close()

    def close(self) -> None:
        self._close()


def _close_listing(descriptor: int, entries: "os._ScandirIterator[str]") -> None:
    entries.close()
    os.close(descriptor)
