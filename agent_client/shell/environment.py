"""What a started program inherits from the agent: little, and nothing that leads out of the room."""

import os
import pwd
import re
from dataclasses import dataclass
from pathlib import Path

KEPT = frozenset({"HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "XDG_RUNTIME_DIR"})
"""Everything else stays behind: SSH_AUTH_SOCK would lend the customer's keys, TMUX, STY and DISPLAY would open doors to
screens that nobody records, and a variable of the agent's own could hold a secret."""

NO_SHELLS = frozenset({"nologin", "false", "true"})
"""What accounts have that nobody is to log in to. The customer who shares one runs the agent there, and said yes."""

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEFAULT_TERMINAL = "xterm-256color"
_TERMINAL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")


@dataclass(frozen=True)
class ShellProfile:
    """Which shell is started, where, and with what around it."""

    shell: str
    folder: Path
    environment: dict[str, str]

    def login(self) -> tuple[str, ...]:
        """A login shell: its own name for itself starts with a dash."""
        return (self.shell, f"-{Path(self.shell).name}")

    def command(self, command: str) -> tuple[str, ...]:
        return (self.shell, Path(self.shell).name, "-c", command)

    def for_terminal(self, terminal: str) -> dict[str, str]:
        """`terminal` is what the engineer's client called itself, hostile like everything from there."""
        name = terminal if _TERMINAL_NAME.fullmatch(terminal) else DEFAULT_TERMINAL
        return {**self.environment, "TERM": name}


def shell_profile() -> ShellProfile:
    """The shell and home of the user who runs the agent."""
    environment = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("LC_")}
    try:
        user = pwd.getpwuid(os.geteuid())
        shell, home = user.pw_shell, user.pw_dir
    except KeyError:  # a container's user often has no entry
        shell, home = "/bin/sh", os.environ.get("HOME", "/")
    if not os.access(shell, os.X_OK) or Path(shell).name in NO_SHELLS:
        shell = "/bin/sh"
    folder = Path(os.environ.get("HOME", home))
    environment.setdefault("PATH", DEFAULT_PATH)
    environment["HOME"] = str(folder)
    environment["SHELL"] = shell
    return ShellProfile(shell, folder if folder.is_dir() else Path("/"), environment)
