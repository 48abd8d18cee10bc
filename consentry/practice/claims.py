"""What a practice has for itself on this machine while it runs: its folder, and the ports that it chose.

A port that is free when it is looked for is another's before a server listens on it, where two practices start at once:
both would write it into their organisation's address for good. So whoever chooses a port claims it first. A claim is a
lock on a small file, and ends with its process, however that ends.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

_held: ContextVar[dict[Path, int] | None] = ContextVar("held", default=None)


@contextlib.contextmanager
def keeping_claims() -> Iterator[None]:
    """While the block runs claims are made and kept; outside of one, `claim` says yes to everything."""
    held: dict[Path, int] = {}
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)
        for handle in held.values():
            os.close(handle)


def claim(path: Path) -> bool:
    """Whether this file is ours now. A second time is the same."""
    held = _held.get()
    if held is None or path in held:
        return True
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return False  # somebody else's, whose practice has it or had it
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return False
    held[path] = handle
    return True


def claim_port(port: int) -> bool:
    """Whether no other practice of this machine has chosen it."""
    return claim(_file_of(port))


def has_chosen(port: int) -> bool:
    """Whether this very practice has."""
    return _file_of(port) in (_held.get() or {})


def _file_of(port: int) -> Path:
    return Path(tempfile.gettempdir()) / f"consentry-practice-{port}.lock"
