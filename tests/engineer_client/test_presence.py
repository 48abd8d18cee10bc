"""Whoever types into a shell is at work, though nothing that they type goes to the broker."""

import os
import pty
import sys
from pathlib import Path

import pytest

from engineer_client.presence import SAID_EVERY_SECONDS, Presence, typed_at
from tunnel.json_api import JsonApi


class Broker(JsonApi):
    """Notes what it was told."""

    def __init__(self) -> None:
        super().__init__("https://localhost", None)
        self.told: list[str] = []

    def post(self, path: str, body: dict[str, object]) -> None:
        self.told.append(path)


def test_what_was_typed_is_told_once_a_minute_and_nothing_when_nobody_types() -> None:
    """The shell that is open keeps no login alive; the keys that are typed into it do."""
    broker, typed = Broker(), [1000.0]
    presence = Presence(broker, lambda: typed[0])
    presence.tell()
    typed[0] += SAID_EVERY_SECONDS - 1
    presence.tell()
    assert broker.told == []
    typed[0] += 1
    presence.tell()
    presence.tell()
    assert broker.told == ["/v1/presence"]


def test_the_terminal_knows_when_it_was_typed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `w` tells it; where there is no terminal, nobody types."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "rb", buffering=0) as terminal, Path(os.devnull).open("rb") as nothing:
        monkeypatch.setattr(sys, "stdin", terminal)
        os.utime(os.ttyname(terminal.fileno()), (1000.0, 1000.0))
        assert typed_at() == 1000.0
        os.write(ours, b"ls\n")
        assert os.read(terminal.fileno(), 10) == b"ls\n"
        assert typed_at() > 1_700_000_000
        monkeypatch.setattr(sys, "stdin", nothing)
        assert typed_at() == 0.0
    os.close(ours)
