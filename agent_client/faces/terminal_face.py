"""The full-screen terminal face: the customer's screens on a real terminal, at most 30 frames a second."""

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Self

from agent_client.faces import notices
from agent_client.faces.face import DENIED, ConsentAnswer, ConsentQuestion, CustomerCommand, Rating, Resized
from agent_client.faces.notices import Notice
from agent_client.faces.terminal import CustomerTerminal
from agent_client.faces.undrawn_output import UndrawnOutput
from agent_client.screens.customer_screens import CustomerScreens
from agent_client.screens.end_screen import RatingForm
from agent_client.screens.keys import Key, KeyReader
from agent_client.screens.room_screen import RoomScreen
from agent_client.screens.status_rows import STATUS_ROWS
from protocol.events import CUSTOMER
from wording import Wording

FRAME_SECONDS = 1 / 30
REPAINT_SECONDS = 1.0
ESCAPE_SECONDS = 0.03
"""An Escape byte with nothing behind it for this long was the Escape key."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _is_said_to_the_customer(notice: Notice) -> bool:
    return isinstance(notice, notices.ChatSaid) and notice.participant != CUSTOMER


class TerminalFace:
    """A `Face` on the terminal that `fd` is. The calling thread has to be the main one (signals)."""

    def __init__(
        self,
        wording: Wording,
        environment: Mapping[str, str] = os.environ,
        *,
        fd: int = 0,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        self._screens = CustomerScreens(wording, colour=not environment.get("NO_COLOR"))
        self._fd = fd
        self._now_ms = now_ms
        self._commands: asyncio.Queue[CustomerCommand | None] = asyncio.Queue()
        self._keys = KeyReader()
        self._undrawn = UndrawnOutput()
        self._requests: deque[tuple[ConsentQuestion, asyncio.Future[ConsentAnswer]]] = deque()
        self._rated: asyncio.Future[None] | None = None
        self._is_gone = False
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._painted_at = 0.0

    # ── taking and giving back ──────────────────────────────────────────────────────────────────────────────────

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._terminal = CustomerTerminal(self._fd, on_input=self._read, on_gone=self._gone)
        self._terminal.take()
        self._signals: list[signal.Signals] = []
        self._on_signal(signal.SIGWINCH, self._resized)
        for number in (signal.SIGTERM, signal.SIGHUP):
            # Whoever started us may have its own idea; the default would leave the terminal in raw mode.
            if signal.getsignal(number) is signal.SIG_DFL:
                self._on_signal(number, self._gone)
        self._drawing = asyncio.create_task(self._draw_forever(), name="draw the customer's screen")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drawing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._drawing
        for number in self._signals:
            self._loop.remove_signal_handler(number)
        columns, _ = self._terminal.size
        self._terminal.give_back(self._screens.last_words(columns))
        self._gone()

    def _on_signal(self, number: signal.Signals, call: Callable[[], None]) -> None:
        self._loop.add_signal_handler(number, call)
        self._signals.append(number)

    # ── Face ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def room_size(self) -> tuple[int, int] | None:
        columns, rows = self._terminal.size
        return columns, max(rows - STATUS_ROWS, 1)

    async def decide(self, question: ConsentQuestion) -> ConsentAnswer:
        if self._is_gone:
            return DENIED
        answer: asyncio.Future[ConsentAnswer] = self._loop.create_future()
        self._requests.append((question, answer))
        if len(self._requests) == 1:
            self._ask_next()
        try:
            return await answer
        finally:
            was_asked = self._requests[0][1] is answer
            self._requests = deque(waiting for waiting in self._requests if waiting[1] is not answer)
            if was_asked:
                self._screens.stop_asking()
                self._ask_next()

    def room_output(self, data: bytes) -> None:
        skipped_bytes = self._undrawn.add(data)
        if skipped_bytes:
            self._screens.output_left_out(skipped_bytes, self._now_ms())
        self._wanted.set()

    async def commands(self) -> AsyncIterator[CustomerCommand]:
        while (command := await self._commands.get()) is not None:
            yield command
        self._commands.put_nowait(None)

    async def rate(self) -> Rating | None:
        if self._is_gone:
            return None
        rating = self._screens.rating = RatingForm()
        self._rated = self._loop.create_future()
        self._terminal.forget_input()
        self._wanted.set()
        await self._rated
        return rating.rating

    def show(self, notice: Notice) -> None:
        match notice:
            case notices.SessionLive() if self._screens.room is None:
                self._screens.room = RoomScreen(*(self.room_size or (80, 24)))
            case notices.RoomResized(columns, rows) if self._screens.room is not None:
                self._undrawn.draw_all(self._screens.room)
                self._screens.room.resize(columns, rows)
            case _:
                pass
        if isinstance(notice, notices.ParticipantJoined | notices.Stopped) or _is_said_to_the_customer(notice):
            self._terminal.ring()
        self._screens.take(notice, self._now_ms())
        self._wanted.set()

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, data: bytes) -> None:
        self._press_all(self._keys.feed(data))
        # On the request an Escape is no key: the rest of a terminal's answer could otherwise be taken for letters.
        if self._keys.is_undecided and self._screens.request is None:
            self._loop.call_later(ESCAPE_SECONDS, self._settle)

    def _settle(self) -> None:
        if self._screens.request is None:
            self._press_all(self._keys.settle())

    def _press_all(self, keys: list[Key]) -> None:
        for wish in self._screens.press(keys, self._now_ms()):
            if not isinstance(wish, ConsentAnswer):
                self._commands.put_nowait(wish)
            elif not self._requests[0][1].done():
                self._requests[0][1].set_result(wish)
        rating = self._screens.rating
        if rating is not None and rating.is_over and self._rated is not None and not self._rated.done():
            self._rated.set_result(None)
        self._wanted.set()

    def _ask_next(self) -> None:
        if self._requests:
            self._terminal.forget_input()
            self._screens.ask(self._requests[0][0], self._now_ms())
            self._terminal.ring()
        self._wanted.set()

    def _gone(self) -> None:
        """The terminal was closed, or we are to stop: nobody is there who could say yes."""
        if self._is_gone:
            return
        self._is_gone = True
        for _, answer in self._requests:
            if not answer.done():
                answer.set_result(DENIED)
        if self._rated is not None and not self._rated.done():
            self._rated.set_result(None)
        self._commands.put_nowait(None)

    # ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _resized(self) -> None:
        size = self.room_size
        if size is not None and self._screens.live is not None:
            self._commands.put_nowait(Resized(*size))
        self._painted_at = 0.0
        self._wanted.set()

    async def _draw_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REPAINT_SECONDS):
                    await self._wanted.wait()
            self._wanted.clear()
            started = time.monotonic()
            if self._screens.room is not None and self._undrawn.draw(self._screens.room):
                self._wanted.set()
            everything = started - self._painted_at >= REPAINT_SECONDS
            if self._terminal.is_busy:
                self._wanted.set()
            else:
                if everything:
                    self._painted_at = started
                lines, cursor = self._screens.frame(*self._terminal.size, self._now_ms())
                self._terminal.draw(lines, cursor, everything=everything)
            await asyncio.sleep(FRAME_SECONDS)
