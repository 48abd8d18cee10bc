"""Holds everything that engineers run still: when the customer says so, and while a question stands on their screen.

A program in the granted shell runs as the customer's own user. Through a terminal multiplexer or the desktop it could
press the key that answers the question about itself. A stopped program presses nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from agent_client.faces.face import Face
from agent_client.faces.notices import Paused, Resumed
from agent_client.live import LiveSession
from protocol.events import SessionPaused, SessionResumed


class Freezer:
    """Frozen while at least one reason stands."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._live: LiveSession | None = None
        self._by_customer = False
        self._questions = 0
        self.on_reason: Callable[[Literal["customer", "question"], bool], None] = lambda _, __: None
        """Told of each reason when it comes and when it goes."""

    def session_opened(self, live: LiveSession) -> None:
        self._live = live
        if self._questions:
            self._freeze(live)

    def pause(self) -> None:
        """The customer wants everything to stand still."""
        if self._live is None or self._by_customer:
            return
        self._by_customer = True
        self._freeze(self._live)
        self._live.recording.record(SessionPaused(t_ms=self._live.recording.elapsed_ms(), by="customer"))
        self._face.show(Paused(by="customer"))
        self.on_reason("customer", True)

    def resume(self) -> None:
        if self._live is None or not self._by_customer:
            return
        self._by_customer = False
        self._live.recording.record(SessionResumed(t_ms=self._live.recording.elapsed_ms(), by="customer"))
        self._thaw(self._live)
        self._face.show(Resumed(by="customer"))
        self.on_reason("customer", False)

    @contextmanager
    def while_asking(self) -> Iterator[None]:
        self._questions += 1
        if self._live is not None:
            self._freeze(self._live)
        if self._questions == 1:
            self.on_reason("question", True)
        try:
            yield
        finally:
            self._questions -= 1
            if not self._questions:
                self.on_reason("question", False)
            if self._live is not None:
                self._thaw(self._live)

    def _freeze(self, live: LiveSession) -> None:
        live.room.pause()
        live.ssh.pause()

    def _thaw(self, live: LiveSession) -> None:
        if not self._by_customer and not self._questions:
            live.ssh.resume()
            live.room.resume()
