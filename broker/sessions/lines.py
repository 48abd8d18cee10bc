"""Which agent is connected, and how to speak to it.

A session has at most one line. A new attachment takes over and the older connection is told to go: an agent whose
network changed is back before the broker has noticed that it was away.
"""

from typing import Protocol

from protocol.messages.agent import BrokerToAgent


class Line(Protocol):
    """The broker's end of one agent connection. Neither method blocks."""

    def send(self, message: BrokerToAgent) -> None: ...

    def hang_up(self, reason: str) -> None: ...


class Lines:
    """One line a session: who connects last has it."""

    def __init__(self) -> None:
        self._lines: dict[bytes, Line] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def connected(self, session_id: bytes) -> bool:
        return session_id in self._lines

    def connect(self, session_id: bytes, line: Line) -> None:
        older = self._lines.get(session_id)
        self._lines[session_id] = line
        if older is not None:
            older.hang_up("replaced")

    def disconnect(self, session_id: bytes, line: Line) -> bool:
        """False if another line has taken over since: then nothing has been lost."""
        if self._lines.get(session_id) is not line:
            return False
        del self._lines[session_id]
        return True

    def send(self, session_id: bytes, message: BrokerToAgent) -> bool:
        """False if the agent is away."""
        line = self._lines.get(session_id)
        if line is None:
            return False
        line.send(message)
        return True
