"""What has to be installed beside us. Whatever is missing is said before anything is measured."""

import os
import shutil
from collections.abc import Collection

PACKAGES = {
    "ssh": "openssh-client",
    "sftp": "openssh-client",
    "sshd": "openssh-server",
    "haproxy": "haproxy",
    "asciinema": "asciinema",
    "rg": "ripgrep",
    "chromium": "chromium",
    "node": "nodejs",
}
"""Program to Debian package."""

_SEARCHED = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


class PeerMissing(Exception):
    """There is nothing to compare with. The text says how to get it."""

    def __init__(self, programs: Collection[str]) -> None:
        packages = sorted({PACKAGES[program] for program in programs})
        super().__init__(
            f"To compare with, {', '.join(programs)} must be installed. "
            f"Get what is missing with: sudo apt-get install {' '.join(packages)}"
        )


def find(program: str) -> str:
    """Its path. Raises PeerMissing."""
    path = shutil.which(program, path=_SEARCHED)
    if path is None:
        raise PeerMissing([program])
    return path


def require(programs: Collection[str]) -> None:
    """Raises PeerMissing, which names all that is missing at once."""
    missing = [program for program in programs if shutil.which(program, path=_SEARCHED) is None]
    if missing:
        raise PeerMissing(missing)
