"""Our own ssh configuration file, and the one line of the user's that includes it.

Stock `ssh`, `sftp`, `scp` and `rsync` find a session by its alias, because `~/.ssh/config` begins with an `Include` of
a file of ours. Nothing else of the user's configuration is touched, ever; the line is added once, and never in the
middle of somebody's Host block, where it would hold for that host only.

Everything that is written here was checked first: an alias with a blank, a wildcard or a line break in it could
redirect the user's other hosts. See ssh_config(5) for what the options mean.
"""

import os
import pwd
import re
import shlex
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engineer_client.state import HOME_VARIABLE, State, write_private
from protocol.details import system_reason
from protocol.errors import InputError, UnavailableError
from tunnel.whole_files import replace_file

_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
"""No dot: a real host's name (`github.com`) must not become the name of a session."""

_NOT_IN_A_PATH = re.compile(r'[\x00-\x1f\x7f"%$*?\[\]\\]')
"""ssh would end, expand or glob a path at these, differently from option to option and version to version."""

_OPENS_A_BLOCK = re.compile(rb"\s*(host|match)\b", re.IGNORECASE)
_INCLUDE = re.compile(rb"\s*include[\s=]+(.*)", re.IGNORECASE)
_HOST = re.compile(rb"\s*host[\s=]+(.*)", re.IGNORECASE)

_HEADER = """\
# Written by consentry: one entry per open session. Entries come and go with sessions; what you change here is lost.
"""


class AliasUnusable(InputError):
    """The alias would not be safe in an ssh configuration."""

    sentence = "{alias} cannot be an alias. Use at most 40 letters, digits and dashes, and no dash at the beginning."


class AliasTaken(InputError):
    """The alias means something already."""

    sentence = "The name {alias} is in use already. Choose another one with --alias."


class PathUnusable(InputError):
    """ssh cannot be told such a path."""

    sentence = "ssh cannot work with the path {path}. Set CONSENTRY_HOME to a folder with a plainer name."


class SshConfigNotWritable(UnavailableError):
    """The user's ssh configuration is managed by something else, or read-only."""

    sentence = (
        "{path} cannot be changed ({problem}). Add this as its first line yourself, or use --no-ssh-config: {line}"
    )


@dataclass(frozen=True)
class HostEntry:
    """One session as ssh has to know it. The files are in the session's own folder."""

    alias: str
    host_key_alias: str
    known_hosts: Path
    identity: Path


def check_alias(alias: str) -> str:
    """Returns the alias. Raises AliasUnusable."""
    if not _ALIAS.fullmatch(alias):
        raise AliasUnusable(alias=alias)
    return alias


def user_ssh_config() -> Path:
    """Where ssh itself looks: it goes by the password database, not by HOME."""
    return Path(pwd.getpwuid(os.getuid()).pw_dir) / ".ssh" / "config"


def names_in(user_file: Path) -> set[str]:
    """The host names that the user's own configuration gives a meaning to; wildcards left out."""
    try:
        lines = user_file.read_bytes().splitlines()
    except OSError:
        return set()
    found: set[str] = set()
    for line in lines:
        if match := _HOST.match(line):
            found |= {word.strip('"').lower() for word in match[1].decode("utf-8", "replace").split()}
    return {name for name in found if not set(name) & set("*?!")}


def write_entries(state: State, entries: Iterable[HostEntry]) -> None:
    """Writes our own file anew: the sessions on disk are the truth, this is a view of them. Call it under the lock."""
    text = _HEADER + "".join(_render(state, entry) for entry in sorted(entries, key=lambda entry: entry.alias))
    write_private(state.ssh_config, text.encode())


def include_line(state: State) -> str:
    return f"Include {_quoted(state.ssh_config)}"


def ensure_include(state: State, user_file: Path) -> bool:
    """Puts our line at the top of the user's file unless it is there. True if the file was changed.

    A link is followed, so that a file kept in a dotfiles folder stays there; mode and owner stay as they are.
    Raises SshConfigNotWritable.
    """
    line = include_line(state)
    try:
        if not user_file.parent.exists():
            user_file.parent.mkdir(mode=0o700)
        target = user_file.resolve()
        while True:
            before = _stat_or_none(target)
            content = target.read_bytes() if before is not None else b""
            if _includes(content, state.ssh_config, user_file.parent):
                return False
            mode = stat.S_IMODE(before.st_mode) if before is not None else 0o600
            if before is not None and not os.access(target, os.W_OK):
                raise PermissionError(None, "it is read-only")
            new = line.encode() + _line_end(content) + content
            if _stat_or_none(target) == before:  # an editor was faster: read again
                replace_file(target, new, mode=mode)
                return True
    except (OSError, RuntimeError) as error:
        problem = system_reason(error, "its links go in a circle")
        raise SshConfigNotWritable(what="ssh", path=user_file, problem=problem, line=line) from error


def proxy_command(alias: str, state: State) -> str:
    """The program that carries a session's bytes, as a line for `sh` after ssh has expanded percent signs."""
    moved = ["env", f"{HOME_VARIABLE}={state.folder}"] if os.environ.get(HOME_VARIABLE) else []
    program = [sys.executable] if getattr(sys, "frozen", False) else [*python_words(), "consentry"]
    return shlex.join([*moved, *program, "ssh-proxy", alias]).replace("%", "%%")


def python_words() -> list[str]:
    """This interpreter, about to run a module: works without PATH and without an active virtual environment.

    `-P` keeps the current folder out of the import path: `ssh` may be started in a folder that somebody else filled.
    """
    return [sys.executable, "-P", "-m"]


def _render(state: State, entry: HostEntry) -> str:
    alias = check_alias(entry.alias)
    return f"""
Host {alias}
    HostName {alias}
    HostKeyAlias {entry.host_key_alias}
    User consentry
    ProxyCommand {proxy_command(alias, state)}
    IdentityFile {_quoted(entry.identity)}
    IdentitiesOnly yes
    IdentityAgent none
    PreferredAuthentications publickey
    UserKnownHostsFile {_quoted(entry.known_hosts)}
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    HostKeyAlgorithms ssh-ed25519
    UpdateHostKeys no
    CheckHostIP no
    CanonicalizeHostname no
    ForwardAgent no
    ForwardX11 no
    ServerAliveInterval 0
"""


def _quoted(path: Path) -> str:
    if _NOT_IN_A_PATH.search(str(path)):
        raise PathUnusable(path=path)
    return f'"{path}"'


def _includes(content: bytes, ours: Path, relative_to: Path) -> bool:
    for line in content.splitlines():
        if _OPENS_A_BLOCK.match(line):
            return False
        if match := _INCLUDE.match(line):
            for word in re.findall(r'"[^"]*"|\S+', match[1].decode("utf-8", "replace")):
                path = Path(word.strip('"'))
                path = path.expanduser() if word.lstrip('"').startswith("~") else relative_to / path
                if path == ours:
                    return True
    return False


def _line_end(content: bytes) -> bytes:
    first, found, _ = content.partition(b"\n")
    return b"\r\n" if found and first.endswith(b"\r") else b"\n"


def _stat_or_none(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
