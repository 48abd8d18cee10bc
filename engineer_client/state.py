"""Where the engineer's client keeps what it must remember, readable by nobody else.

    <state>/logins/<host>-<port>.json       a login; `<state>/current` names the one that is meant by default
    <state>/profiles/<host>-<port>.note     the organisation's signed profile, as last seen
    <state>/logs/                           the organisations' logs, as last seen (see tunnel/log_memory.py)
    <state>/sessions/<alias>/               a session's keys (see session_files.py)
    <config>/ssh_config                     our ssh configuration (see ssh_config.py)

`CONSENTRY_HOME` moves all of it to one folder. This module is on the start-up path of `ssh-proxy`: standard library
only, and platformdirs only where it is needed.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from protocol.errors import InputError
from tunnel.whole_files import replace_file

HOME_VARIABLE = "CONSENTRY_HOME"


class FolderNotPrivate(InputError):
    """A folder that holds keys belongs to, or is open to, somebody else."""

    sentence = "The folder {path} holds keys and others can get at it. Make it yours alone: chmod 700 {path}"


@dataclass(frozen=True)
class State:
    """The two folders. Made by `open_state`; neither needs to exist before it is written to."""

    folder: Path
    config_folder: Path

    @property
    def logins(self) -> Path:
        return self.folder / "logins"

    @property
    def current_login(self) -> Path:
        return self.folder / "current"

    @property
    def profiles(self) -> Path:
        return self.folder / "profiles"

    @property
    def sessions(self) -> Path:
        return self.folder / "sessions"

    @property
    def ssh_config(self) -> Path:
        return self.config_folder / "ssh_config"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"


def open_state(environment: Mapping[str, str]) -> State:
    """The folders that this environment means."""
    home = environment.get(HOME_VARIABLE)
    if home:
        folder = Path(home).expanduser().absolute()
        return State(folder, folder)
    import platformdirs

    return State(Path(platformdirs.user_state_dir("consentry")), Path(platformdirs.user_config_dir("consentry")))


def make_private_folder(folder: Path) -> Path:
    """Makes the folder and its missing parents, 0700. Raises FolderNotPrivate if it was there and is not."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
    found = folder.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise FolderNotPrivate(path=folder)
    return folder


def write_private(file: Path, content: bytes) -> None:
    """Replaces the file whole, in a folder that is ours alone. Raises FolderNotPrivate."""
    make_private_folder(file.parent)
    replace_file(file, content)


@contextlib.contextmanager
def locked(state: State) -> Iterator[None]:
    """One process of ours at a time changes what several share: the ssh configuration, the list of aliases."""
    make_private_folder(state.folder)
    descriptor = os.open(state.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
