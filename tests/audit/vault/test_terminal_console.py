"""The reader's terminal: its size as it is now, told at once when it is another one."""

import os
import pty
import signal
import termios
from collections.abc import Iterator

import pytest

from audit.vault.terminal_console import RESIZED, TerminalConsole


@pytest.fixture
def terminal() -> Iterator[int]:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    yield theirs
    os.close(ours)
    os.close(theirs)


def test_the_size_is_the_terminals(terminal: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the one that a shell exported when it began: below a shorter picture, old lines would stay."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    with TerminalConsole(terminal, terminal) as console:
        assert console.size() == (80, 24)
        termios.tcsetwinsize(terminal, (30, 100))
        assert console.size() == (100, 30)


def test_another_size_is_told_at_once(terminal: int) -> None:
    """Also to whoever waits for a key for ever; afterwards nobody listens any more."""
    before = signal.getsignal(signal.SIGWINCH)
    with TerminalConsole(terminal, terminal) as console:
        os.kill(os.getpid(), signal.SIGWINCH)
        assert console.wait(None) == RESIZED
        assert console.wait(0) is None
    assert signal.getsignal(signal.SIGWINCH) is before
