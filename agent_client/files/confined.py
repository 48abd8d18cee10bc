"""From a hostile path to an open folder and one name in it, without ever following a link out.

Checking a path and then using it is a race: between the two, a folder can become a symbolic link. So no path is ever
given to the system. A path is taken apart, and walked one component at a time from a folder that is held open, each
opened with O_NOFOLLOW relative to the one before (openat(2)). What was walked is what is used, whatever is renamed
meanwhile. A link is read, and its target walked in the same manner from the granted folder: links that stay inside
work, links that lead out are refused.
"""

import errno
import os
import posixpath
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from protocol.details import Detail
from protocol.errors import RefusedError

PATH_LIMIT_BYTES = 4096
"""PATH_MAX of Linux, and the limit in docs/threat_model.md."""

LINK_LIMIT = 40
"""Links followed in one path; the limit of Linux (path_resolution(7))."""

PERMISSION_MASK = 0o777
"""Modes that may be set. Never set-user-id, set-group-id or sticky: such rights would outlive the session."""

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class OutsideFolders(RefusedError):
    """A path, or a link on its way, leads out of the folders that the customer granted."""

    sentence = "That path is outside the folders that the customer granted: {folders}."


class PathNotUsable(RefusedError):
    """A path that no system accepts, or a kind of file that is never opened."""

    sentence = "That path cannot be used: {problem}."


@dataclass(frozen=True)
class Place:
    """One name in an open folder. `name` is `.` for a granted folder itself."""

    folder: int
    name: bytes
    path: bytes

    @property
    def shown(self) -> str:
        return shown_path(self.path)

    @property
    def is_granted_folder(self) -> bool:
        return self.name == b"."


def shown_path(path: bytes) -> str:
    """A path for the recording and for people: valid UTF-8, never endless. Control characters stay as they are."""
    return path[:PATH_LIMIT_BYTES].decode("utf-8", "backslashreplace")


class ConfinedFolders:
    """The granted folders, held open. Belongs to one SFTP session; `close` at its end."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._roots: list[tuple[bytes, int]] = []
        self._shown = ", ".join(shown_path(os.fsencode(folder)) for folder in folders)
        for folder in folders:
            real = os.path.realpath(os.fsencode(folder))
            try:
                self._roots.append((real, os.open(real, _FOLDER_FLAGS)))
            except OSError:
                continue  # a granted folder that is gone grants nothing

    def close(self) -> None:
        for _, descriptor in self._roots:
            os.close(descriptor)
        self._roots.clear()

    def absolute(self, path: bytes) -> bytes:
        """Absolute and without `.` and `..`. Raises PathNotUsable; says nothing about whether it is inside."""
        if b"\0" in path:
            raise PathNotUsable(problem="it holds a NUL byte")
        if len(path) > PATH_LIMIT_BYTES:
            raise PathNotUsable(problem=Detail("it is longer than {limit_bytes} bytes", limit_bytes=PATH_LIMIT_BYTES))
        if not path.startswith(b"/"):
            path = (self._roots[0][0] if self._roots else b"/") + b"/" + path
        # POSIX lets two leading slashes mean something else; here they do not.
        return b"/" + posixpath.normpath(path).lstrip(b"/")

    @contextmanager
    def place(self, path: bytes, *, follow: bool) -> Iterator[Place]:
        """Walk to `path`. With `follow`, a link as last component is followed too (as open and stat do).

        Raises OutsideFolders, PathNotUsable, OSError.
        """
        absolute = self.absolute(path)
        follow = follow or path.endswith(b"/")  # "what is in there", as everywhere in POSIX
        for _ in range(LINK_LIMIT):
            place, absolute = self._walk(absolute, follow=follow)
            if place is not None:
                try:
                    yield place
                finally:
                    os.close(place.folder)
                return
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))

    def real_path(self, path: bytes) -> bytes:
        """The path without links, as far as it exists; the rest as it was written. Raises OutsideFolders."""
        try:
            with self.place(path, follow=True) as place:
                return place.path
        except FileNotFoundError:
            absolute = self.absolute(path)
            self._root_of(absolute)
            return absolute

    def may_be_target(self, target: bytes, link: bytes) -> bool:
        """Whether a link at `link` may point to `target`: only to something inside."""
        folder = posixpath.dirname(self.absolute(link))
        try:
            self._root_of(self.absolute(posixpath.join(folder, target)))
        except RefusedError:
            return False
        return True

    def _root_of(self, absolute: bytes) -> tuple[bytes, int]:
        """The granted folder that holds `absolute`: the deepest, where one lies in another."""
        holding = [root for root in self._roots if _is_below(absolute, root[0])]
        if not holding:
            raise OutsideFolders(folders=self._shown)
        return max(holding, key=lambda root: len(root[0]))

    def _walk(self, absolute: bytes, *, follow: bool) -> tuple[Place | None, bytes]:
        """The place; or None and the path to walk instead, because a component was a link."""
        root, descriptor = self._root_of(absolute)
        components = [name for name in absolute[len(root) :].split(b"/") if name]
        folder = os.dup(descriptor)
        walked = root
        try:
            for index, name in enumerate(components):
                rest = components[index + 1 :]
                if rest or follow:
                    target = _link_target(folder, name)
                    if target is not None:
                        os.close(folder)
                        return None, self.absolute(posixpath.join(walked, target, *rest))
                walked = posixpath.join(walked, name)
                if not rest:
                    return Place(folder, name, walked), absolute
                deeper = os.open(name, _FOLDER_FLAGS, dir_fd=folder)
                os.close(folder)
                folder = deeper
            return Place(folder, b".", walked), absolute
        except OSError:
            os.close(folder)
            raise


def open_regular(place: Place, flags: int, mode: int) -> int:
    """Open a regular file, creating it if `flags` say so. Never a device, a pipe or a link.

    O_NONBLOCK keeps a pipe without a writer from stopping the agent; on a regular file it means nothing.
    """
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    truncate = flags & os.O_TRUNC
    descriptor = os.open(place.name, flags & ~os.O_TRUNC, mode & PERMISSION_MASK, dir_fd=place.folder)
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(kind):
            raise PathNotUsable(problem="it is no regular file")
        if truncate:
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def open_folder(place: Place) -> int:
    return os.open(place.name, _FOLDER_FLAGS, dir_fd=place.folder)


def change_mode(place: Place, mode: int) -> None:
    """chmod(2) of what stands at the place; a link is refused, not followed."""
    if sys.platform != "linux":
        os.chmod(place.name, mode & PERMISSION_MASK, dir_fd=place.folder, follow_symlinks=False)
        return
    # Linux has no chmod that spares links before 6.6: hold the file by O_PATH and name it through /proc.
    descriptor = os.open(place.name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place.folder)
    try:
        if stat.S_ISLNK(os.fstat(descriptor).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        Path(f"/proc/self/fd/{descriptor}").chmod(mode & PERMISSION_MASK)
    finally:
        os.close(descriptor)


def _link_target(folder: int, name: bytes) -> bytes | None:
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOENT):  # no link, or nothing yet: a file about to be created
            return None
        raise


def _is_below(path: bytes, root: bytes) -> bool:
    return path == root or path.startswith(root.rstrip(b"/") + b"/")
