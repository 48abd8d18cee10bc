"""The SFTP server: every operation asks the grant, stays inside the folders, and is in the recording.

asyncssh speaks the protocol and calls one method per request, one after the other. Reading and writing are scopes of
their own: who may only write cannot list, who may only read cannot change a time stamp.

In the `strict` policy nothing is opened, and nothing is confirmed, before the record that says so is on the broker's
disk: an `open` is recorded as an operation of zero bytes, a `close` with what moved.
"""

import asyncio
import errno
import hashlib
import os
import stat
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncssh

from agent_client.access import Access
from agent_client.files.confined import ConfinedFolders, Place, change_mode, open_folder, open_regular
from agent_client.files.guarded import GuardedOperations
from agent_client.files.handles import FolderListing, OpenFile
from agent_client.recording import Recording
from agent_client.shell.pause import Pause
from agent_client.shell.tally import ChannelRecord
from protocol.errors import RefusedError
from protocol.events import FileAction
from protocol.grants import Scope

HANDLE_LIMIT = 64
"""Open files of one SFTP session; OpenSSH needs one at a time."""

INLINE_BYTES = 256 * 1024
"""Larger pieces are read, written and hashed in a thread, so that a key typed meanwhile does not wait."""

HASH_PIECE_BYTES = 4 * 1024 * 1024
"""How much of a file is hashed between two looks at the grant."""

DEFAULT_FILE_MODE = 0o666
DEFAULT_FOLDER_MODE = 0o777
"""Before the umask of the user who runs the agent."""


class TooManyOpenFiles(RefusedError):
    """One SFTP session opened more files than any tool needs."""

    sentence = "More than {limit} files are open in this SFTP session. Close some and try again."


class FilesServer(asyncssh.SFTPServer):
    """One SFTP session. Method names and arguments are asyncssh's."""

    def __init__(
        self,
        channel: asyncssh.SSHServerChannel[bytes],
        access: Access,
        recording: Recording,
        record: ChannelRecord,
        pause: Pause,
    ) -> None:
        super().__init__(channel)
        self._guard = GuardedOperations(access, recording, record, pause)
        self._recording = recording
        self._record = record
        self._folders = ConfinedFolders(access.folders)
        self._open: list[OpenFile] = []
        self._listings: weakref.WeakSet[FolderListing] = weakref.WeakSet()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when everything that was open is closed and recorded."""

    # ── open files ──────────────────────────────────────────────────────────────────────────────────────────────

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> OpenFile:
        readable, writable = bool(pflags & asyncssh.FXF_READ), bool(pflags & asyncssh.FXF_WRITE)
        action: FileAction = "write" if writable else "read"
        with self._guard.recorded(action, path, quiet=True):
            await self._guard.ask(*([Scope.FILES_READ] if readable or not writable else []))
            await self._guard.ask(*([Scope.FILES_WRITE] if writable else []))
            if len(self._open) >= HANDLE_LIMIT:
                raise TooManyOpenFiles(limit=HANDLE_LIMIT)
            mode = DEFAULT_FILE_MODE if attrs.permissions is None else attrs.permissions
            # Creating must not follow a link: the place is the one that was named.
            with self._folders.place(path, follow=not pflags & asyncssh.FXF_EXCL) as place:
                file = OpenFile(-1, place.path, readable or not writable, writable, bool(pflags & asyncssh.FXF_APPEND))
                if self._recording.strict:
                    self._guard.tell(action, place.shown)
                    await self._recording.wait_until_durable()
                file.descriptor = open_regular(place, _open_flags(pflags), mode)
        self._open.append(file)
        return file

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        file = _as_file(file_obj)
        with self._guard.while_open(file):
            await self._guard.ask(Scope.FILES_READ)
            if size > INLINE_BYTES:
                data = await asyncio.to_thread(self._read_now, file, offset, size)
            else:
                data = self._read_now(file, offset, size)
        if file.read.full:
            self._guard.tell_moved(file, "read")
        return data

    async def sha256(self, file_obj: object, offset: int, length: int) -> bytes:
        """Of that part of the file as it is on the disk now; no length means to its end. In pieces: the grant is asked
        again before each, and keys that are typed meanwhile do not wait."""
        file = _as_file(file_obj)
        whole = hashlib.sha256()
        with self._guard.while_open(file):
            size = os.fstat(file.descriptor).st_size
            end = min(offset + length, size) if length else size
            while offset < end:
                await self._guard.ask(Scope.FILES_READ)
                piece = await asyncio.to_thread(os.pread, file.descriptor, min(HASH_PIECE_BYTES, end - offset), offset)
                if not piece:
                    break
                await asyncio.to_thread(whole.update, piece)
                offset += len(piece)
            await self._guard.ask(Scope.FILES_READ)
        return whole.digest()

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        file = _as_file(file_obj)
        with self._guard.while_open(file):
            await self._guard.ask(Scope.FILES_WRITE)
            if len(data) > INLINE_BYTES:
                await asyncio.to_thread(self._write_now, file, offset, data)
            else:
                self._write_now(file, offset, data)
        if file.written.full:
            self._guard.tell_moved(file, "write")
        return len(data)

    async def close(self, file_obj: object) -> None:
        file = _as_file(file_obj)
        if file in self._open:
            self._close_and_tell(file)
            await self._recording.wait_until_durable()

    def _close_and_tell(self, file: OpenFile) -> None:
        self._open.remove(file)
        try:
            os.close(file.descriptor)
        except OSError:  # a network disk says only now that it did not write
            file.failed = True
            raise
        finally:
            if file.writable:
                self._guard.tell_moved(file, "write")
            if file.readable and (file.read.byte_count or not file.writable):
                self._guard.tell_moved(file, "read")

    def _read_now(self, file: OpenFile, offset: int, size: int) -> bytes:
        data = os.pread(file.descriptor, size, offset)
        file.read.moved(offset, data)
        return data

    def _write_now(self, file: OpenFile, offset: int, data: bytes) -> None:
        if file.append:
            offset = os.fstat(file.descriptor).st_size
        written = 0
        try:
            while written < len(data):
                written += os.pwrite(file.descriptor, data[written:] if written else data, offset + written)
        finally:  # a disk that is full may have taken a part
            if written:
                file.written.moved(offset, data if written == len(data) else data[:written])

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def lstat(self, path: bytes) -> os.stat_result:
        return await self._stat(path, follow=False)

    async def stat(self, path: bytes) -> os.stat_result:
        return await self._stat(path, follow=True)

    async def _stat(self, path: bytes, *, follow: bool) -> os.stat_result:
        """Either scope may look: writing a file needs to know whether it is there. Only a refusal is recorded."""
        with self._guard.recorded("list", path, quiet=True):
            await self._guard.ask_any()
            with self._folders.place(path, follow=follow) as place:
                return os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)

    async def fstat(self, file_obj: object) -> os.stat_result:
        file = _as_file(file_obj)
        with self._guard.while_open(file):
            await self._guard.ask_any()
            return os.fstat(file.descriptor)

    async def realpath(self, path: bytes) -> bytes:
        with self._guard.recorded("list", path, quiet=True):
            await self._guard.ask_any()
            return self._folders.real_path(path)

    async def readlink(self, path: bytes) -> bytes:
        with self._guard.recorded("list", path, quiet=True):
            await self._guard.ask(Scope.FILES_READ)
            with self._folders.place(path, follow=False) as place:
                return os.readlink(place.name, dir_fd=place.folder)

    def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """Opens at once, so that a refusal is the answer to `opendir` and not an empty folder."""
        with self._guard.recorded("list", path):
            self._guard.require(Scope.FILES_READ)
            if len(self._open) + len(self._listings) >= HANDLE_LIMIT:
                raise TooManyOpenFiles(limit=HANDLE_LIMIT)
            with self._folders.place(path, follow=True) as place:
                listing = FolderListing(open_folder(place))
        self._listings.add(listing)
        return self._list(listing)

    async def _list(self, listing: FolderListing) -> AsyncIterator[asyncssh.SFTPName]:
        await self._guard.ask(Scope.FILES_READ)
        await self._recording.wait_until_durable()
        for name in listing:
            yield name

    # ── changing ────────────────────────────────────────────────────────────────────────────────────────────────

    async def remove(self, path: bytes) -> None:
        async with self._changing("remove", path) as place:
            os.unlink(place.name, dir_fd=place.folder)

    async def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        mode = DEFAULT_FOLDER_MODE if attrs.permissions is None else attrs.permissions & DEFAULT_FOLDER_MODE
        async with self._changing("make-folder", path) as place:
            os.mkdir(place.name, mode, dir_fd=place.folder)

    async def rmdir(self, path: bytes) -> None:
        async with self._changing("remove-folder", path) as place:
            os.rmdir(place.name, dir_fd=place.folder)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """The protocol's rename never replaces (draft-ietf-secsh-filexfer-02, section 6.5)."""
        await self._rename(oldpath, newpath, replace=False)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._rename(oldpath, newpath, replace=True)

    async def _rename(self, old: bytes, new: bytes, *, replace: bool) -> None:
        async with self._changing("rename", old, target=new) as source:
            with self._folders.place(new, follow=False) as target:
                _refuse_granted_folder(target)
                if not replace and _exists(target):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
                os.rename(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder)

    async def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """A link that leads out would be a trap for the customer's own programs, even if we never follow it."""
        async with self._changing("link", newpath, target=oldpath) as place:
            self._folders.absolute(oldpath)
            if not self._folders.may_be_target(oldpath, newpath):
                raise asyncssh.SFTPPermissionDenied("The link's target is outside the granted folders")
            os.symlink(oldpath, place.name, dir_fd=place.folder)

    async def link(self, oldpath: bytes, newpath: bytes) -> None:
        async with self._changing("link", newpath, target=oldpath) as place:
            with self._folders.place(oldpath, follow=False) as source:
                os.link(
                    source.name,
                    place.name,
                    src_dir_fd=source.folder,
                    dst_dir_fd=place.folder,
                    follow_symlinks=False,
                )

    async def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        await self._set_attributes(path, attrs, follow=True)

    async def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        await self._set_attributes(path, attrs, follow=False)

    async def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        file = _as_file(file_obj)
        with self._guard.recorded("set-attributes", file.path):
            await self._guard.ask(Scope.FILES_WRITE)
            _refuse_owner(attrs)
            if attrs.size is not None:
                os.ftruncate(file.descriptor, attrs.size)
            if attrs.permissions is not None:
                os.fchmod(file.descriptor, stat.S_IMODE(attrs.permissions) & DEFAULT_FOLDER_MODE)
            if attrs.atime is not None and attrs.mtime is not None:
                os.utime(file.descriptor, (attrs.atime, attrs.mtime))
        await self._recording.wait_until_durable()

    async def _set_attributes(self, path: bytes, attrs: asyncssh.SFTPAttrs, *, follow: bool) -> None:
        async with self._changing("set-attributes", path, follow=follow, itself=True) as place:
            _refuse_owner(attrs)
            if attrs.size is not None:
                descriptor = open_regular(place, os.O_WRONLY, 0)
                try:
                    os.ftruncate(descriptor, attrs.size)
                finally:
                    os.close(descriptor)
            if attrs.permissions is not None:
                change_mode(place, attrs.permissions)
            if attrs.atime is not None and attrs.mtime is not None:
                os.utime(place.name, (attrs.atime, attrs.mtime), dir_fd=place.folder, follow_symlinks=False)

    async def statvfs(self, path: bytes) -> os.statvfs_result:
        with self._guard.recorded("list", path, quiet=True):
            await self._guard.ask_any()
            with self._folders.place(path, follow=True) as place:
                return os.fstatvfs(place.folder)

    async def fstatvfs(self, file_obj: object) -> os.statvfs_result:
        file = _as_file(file_obj)
        with self._guard.while_open(file):
            await self._guard.ask_any()
            return os.fstatvfs(file.descriptor)

    async def fsync(self, file_obj: object) -> None:
        file = _as_file(file_obj)
        with self._guard.while_open(file):
            await self._guard.ask(Scope.FILES_WRITE)
            await asyncio.to_thread(os.fsync, file.descriptor)

    def exit(self) -> None:
        """The client is gone, in order or not: what it left open is closed and recorded."""
        if self.closed.done():
            return
        self.closed.set_result(None)
        for file in list(self._open):
            with suppress(OSError):
                self._close_and_tell(file)
        for listing in list(self._listings):
            listing.close()
        self._folders.close()
        self._record.close(0)
        if not self.channel.is_closing():
            self.channel.exit(0)  # scp takes a missing exit status for a failure

    # ── in between ──────────────────────────────────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def _changing(
        self, action: FileAction, path: bytes, *, target: bytes = b"", follow: bool = False, itself: bool = False
    ) -> AsyncIterator[Place]:
        """Ask for the right to change, walk to the place, record how it went; confirm when durable, if strict.

        `itself`: whether a granted folder itself may be the place.
        """
        with self._guard.recorded(action, path, target):
            await self._guard.ask(Scope.FILES_WRITE)
            with self._folders.place(path, follow=follow) as place:
                if not itself:
                    _refuse_granted_folder(place)
                yield place
        await self._recording.wait_until_durable()


def _as_file(file_obj: object) -> OpenFile:
    assert isinstance(file_obj, OpenFile)
    return file_obj


def _open_flags(pflags: int) -> int:
    """Flags of `SSH_FXP_OPEN` (draft-ietf-secsh-filexfer-02, section 6.3) as the system's."""
    if pflags & asyncssh.FXF_WRITE:
        flags = os.O_RDWR if pflags & asyncssh.FXF_READ else os.O_WRONLY
    else:
        return os.O_RDONLY
    if pflags & asyncssh.FXF_CREAT:
        flags |= os.O_CREAT
    if pflags & asyncssh.FXF_TRUNC:
        flags |= os.O_TRUNC
    if pflags & asyncssh.FXF_EXCL:
        flags |= os.O_EXCL
    return flags


def _refuse_granted_folder(place: Place) -> None:
    if place.is_granted_folder:
        raise asyncssh.SFTPPermissionDenied("The granted folder itself cannot be moved or removed")


def _refuse_owner(attrs: asyncssh.SFTPAttrs) -> None:
    if attrs.uid is not None or attrs.gid is not None:
        raise asyncssh.SFTPPermissionDenied("Owners cannot be changed")


def _exists(place: Place) -> bool:
    try:
        os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
