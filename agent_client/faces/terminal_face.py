"""The full-screen terminal face: which screen is on, which keys mean what, and when a frame is drawn.

    on the screen       while
    ─────────────       ─────
    request             a question is open (one at a time, in order)
    rating              the session asks for it
    summary             the session is over
    change              the customer narrows what was allowed
    chat                the customer reads and writes messages
    shared terminal     the session is live
    code                before that

Frames: at most 30 a second, and never more than 4 ms of emulating for each. Under a flood the shared terminal runs
ahead of the screen; then the oldest output is left out, the newest is drawn, and the status says how much was not.
"""

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
from agent_client.faces.face import (
    DENIED,
    CancelCode,
    ConsentAnswer,
    ConsentQuestion,
    CustomerCommand,
    End,
    NewCode,
    Pause,
    Rating,
    Resized,
    Resume,
    Say,
    Typed,
)
from agent_client.faces.notices import Notice
from agent_client.faces.terminal import CustomerTerminal
from agent_client.screens.chat_screen import ChatForm
from agent_client.screens.code_screen import CodeFacts, code_rows
from agent_client.screens.end_screen import RatingForm, summary_rows
from agent_client.screens.keys import PASTE_BEGIN, PASTE_END, Key, KeyReader
from agent_client.screens.live_screen import STATUS_ROWS, ChangeForm, LiveFacts, status_rows
from agent_client.screens.request_screen import RequestForm
from agent_client.screens.room_screen import RoomScreen
from agent_client.screens.rows import BLANK, Row, Span, paint, row, shown, wrapped
from wording import Wording

PREFIX = "]"
"""Ctrl-] (as telnet has it): rarely wanted by a program, and a Chinese keyboard has it too."""

FRAME_SECONDS = 1 / 30
EMULATE_SECONDS = 0.004
EMULATE_BYTES = 1024
"""Output goes to the emulator in pieces of this size, with a look at the clock after each."""

UNDRAWN_LIMIT_BYTES = 128 * 1024
KEPT_UNDRAWN_BYTES = 32 * 1024
"""When too much waits to be drawn, this much of the newest is kept: some screens full."""

REPAINT_SECONDS = 1.0
ESCAPE_SECONDS = 0.03
"""An Escape byte with nothing behind it for this long was the Escape key."""

LEAST_COLUMNS, LEAST_ROWS = 40, 12


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


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
        self._wording = wording
        self._colour = not environment.get("NO_COLOR")
        self._fd = fd
        self._now_ms = now_ms
        self._commands: asyncio.Queue[CustomerCommand | None] = asyncio.Queue()
        self._keys = KeyReader()
        self._code = CodeFacts()
        self._live: LiveFacts | None = None
        self._room: RoomScreen | None = None
        self._undrawn: deque[bytes] = deque()
        self._undrawn_bytes = 0
        self._requests: deque[tuple[ConsentQuestion, asyncio.Future[ConsentAnswer]]] = deque()
        self._request: RequestForm | None = None
        self._change: ChangeForm | None = None
        self._chat: ChatForm | None = None
        self._rating: RatingForm | None = None
        self._rated: asyncio.Future[None] | None = None
        self._summary: notices.SessionSummary | None = None
        self._receipt = ""
        self._failure = ""
        self._prefix_pressed = False
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
        self._terminal.give_back([paint(line, columns, colour=self._colour) for line in self._last_words(columns)])
        self._gone()

    def _on_signal(self, number: signal.Signals, call: Callable[[], None]) -> None:
        self._loop.add_signal_handler(number, call)
        self._signals.append(number)

    def _last_words(self, columns: int) -> list[Row]:
        rows: list[Row] = [row(Span(line, "warning")) for line in wrapped(self._failure, columns) if line]
        if self._summary is not None:
            rows += summary_rows(self._summary, self._receipt, self._wording, columns)
        return rows

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
        self._next_request()
        try:
            return await answer
        finally:
            self._requests = deque(waiting for waiting in self._requests if waiting[1] is not answer)
            self._request = None
            self._code.asking = False
            self._next_request()

    def room_output(self, data: bytes) -> None:
        self._undrawn.append(data)
        self._undrawn_bytes += len(data)
        if self._undrawn_bytes > UNDRAWN_LIMIT_BYTES:
            self._leave_out()
        self._wanted.set()

    async def commands(self) -> AsyncIterator[CustomerCommand]:
        while (command := await self._commands.get()) is not None:
            yield command
        self._commands.put_nowait(None)

    async def rate(self) -> Rating | None:
        if self._is_gone:
            return None
        self._rating = RatingForm()
        self._rated = self._loop.create_future()
        self._terminal.forget_input()
        self._wanted.set()
        await self._rated
        return self._rating.rating

    def show(self, notice: Notice) -> None:
        match notice:
            case notices.SharingStarted():
                self._code.organisation, self._code.notice = notice.organisation, notice.notice
            case notices.HelpAsked(words):
                self._code.asked = words
            case notices.HelpTaken(name, staff_number):
                self._code.helper, self._code.helper_number = name, staff_number
            case notices.CodeShown(code, expires_at_ms):
                self._code.code, self._code.expires_at_ms = code, expires_at_ms
            case notices.CodeEnded(outcome):
                self._code.code, self._code.ended = "", outcome
            case notices.EngineerAsking():
                self._code.asking = True
            case notices.SessionLive(participants):
                self._live = LiveFacts({each.participant: each for each in participants})
                self._ready_room()
            case notices.ConnectionState(to="broker"):
                self._code.offline_since_ms = notice.waiting_since_ms
            case notices.SessionSummary():
                self._summary = notice
            case notices.ReceiptWritten(path):
                self._receipt = path
            case notices.Failed(sentence):
                self._failure = shown(sentence, 2000)
            case notices.Stopped(name, staff_number, why):
                self._failure = self._wording.say(
                    "agent-stopped", name=shown(name, 100), staff_number=shown(staff_number, 100), why=shown(why, 200)
                )
            case notices.RoomResized(columns, rows) if self._room is not None:
                self._emulate(deadline=None)
                self._room.resize(columns, rows)
            case notices.ChatRefused(reason) if self._chat is not None:
                self._chat.refused(f"agent-chat-refused-{reason}")
            case _:
                pass
        if self._live is not None:
            self._live.take(notice, self._wording, self._now_ms())
            if self._chat is not None and isinstance(notice, notices.ChatSaid):
                self._live.messages_read()
        self._wanted.set()

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, data: bytes) -> None:
        self._press_all(self._keys.feed(data))
        # On the request an Escape is no key: the rest of a terminal's answer could otherwise be taken for letters.
        if self._keys.is_undecided and self._request is None:
            self._loop.call_later(ESCAPE_SECONDS, self._settle)

    def _settle(self) -> None:
        if self._request is None:
            self._press_all(self._keys.settle())

    def _press_all(self, keys: list[Key]) -> None:
        typed = b"".join(self._press(key) for key in keys)
        if typed:
            self._commands.put_nowait(Typed(typed))
        self._wanted.set()

    def _press(self, key: Key) -> bytes:
        """What is to be typed into the shared terminal, if the key was meant for it."""
        if self._request is not None:
            answer = self._request.press(key, self._now_ms())
            if answer is not None and answer.allowed and not self._fits(self._request):
                answer = None  # nobody allows what they cannot see
            if answer is not None and not self._requests[0][1].done():
                self._requests[0][1].set_result(answer)
        elif self._rating is not None and self._rated is not None:
            self._rating.press(key)
            if self._rating.is_over and not self._rated.done():
                self._rated.set_result(None)
        elif self._summary is not None:
            pass
        elif self._change is not None:
            narrowings = self._change.press(key)
            if narrowings is not None:
                self._change = None
                for narrowing in narrowings:
                    self._commands.put_nowait(narrowing)
        elif self._chat is not None:
            line = self._chat.press(key)
            if line is not None:
                self._commands.put_nowait(Say(line))
            if self._chat.is_over:
                self._chat = None
        elif self._live is not None and self._room is not None:
            return self._press_live(self._live, self._room, key)
        else:
            self._press_before(key)
        return b""

    def _press_before(self, key: Key) -> None:
        if key.text in ("q", "Q") or (key.kind == "control" and key.text in ("c", "d")):
            self._commands.put_nowait(End())
        elif key.text in ("n", "N") and not self._code.code:
            self._commands.put_nowait(NewCode())

    def _press_live(self, live: LiveFacts, room: RoomScreen, key: Key) -> bytes:
        is_prefix = key.kind == "control" and key.text == PREFIX
        if not self._prefix_pressed:
            self._prefix_pressed = is_prefix
            return b"" if is_prefix else _as_typed(key, room)
        self._prefix_pressed = False
        match key.text.lower() if key.kind == "text" else "":
            case "p":
                self._commands.put_nowait(Resume() if live.paused_by else Pause())
            case "c":
                self._change = ChangeForm(dict(live.participants))
            case "m":
                self._chat = ChatForm()
                live.messages_read()
            case "n":
                self._commands.put_nowait(CancelCode() if live.code else NewCode())
            case "e":
                self._commands.put_nowait(End())
            case _ if is_prefix:
                return key.raw
            case _:
                live.happened(self._wording.say("agent-live-help"), self._now_ms())
        return b""

    def _next_request(self) -> None:
        if self._request is None and self._requests:
            self._terminal.forget_input()
            self._change = None
            self._prefix_pressed = False
            self._request = RequestForm(self._requests[0][0], self._now_ms())
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
        if size is not None and self._live is not None:
            self._commands.put_nowait(Resized(*size))
        self._painted_at = 0.0
        self._wanted.set()

    def _ready_room(self) -> None:
        if self._room is None:
            self._room = RoomScreen(*(self.room_size or (80, 24)))

    def _leave_out(self) -> None:
        """Keeps the newest output only. The emulator is told, so that no half sequence swallows what follows."""
        skipped = 0
        while self._undrawn_bytes > KEPT_UNDRAWN_BYTES and len(self._undrawn) > 1:
            piece = self._undrawn.popleft()
            self._undrawn_bytes -= len(piece)
            skipped += len(piece)
        if self._undrawn_bytes > KEPT_UNDRAWN_BYTES:
            piece = self._undrawn.pop()
            skipped += len(piece) - KEPT_UNDRAWN_BYTES
            self._undrawn.append(piece[-KEPT_UNDRAWN_BYTES:])
            self._undrawn_bytes = KEPT_UNDRAWN_BYTES
        if self._room is not None:
            self._room.skip()
        if self._live is not None:
            self._live.left_out(skipped, self._now_ms())

    def _emulate(self, deadline: float | None) -> None:
        """Feeds what waits to the emulator, until there is nothing more or the deadline has passed."""
        while self._undrawn and self._room is not None:
            piece = self._undrawn.popleft()
            if len(piece) > EMULATE_BYTES:
                self._undrawn.appendleft(piece[EMULATE_BYTES:])
                piece = piece[:EMULATE_BYTES]
            self._undrawn_bytes -= len(piece)
            self._room.feed(piece)
            if deadline is not None and time.monotonic() >= deadline:
                self._wanted.set()
                return

    async def _draw_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REPAINT_SECONDS):
                    await self._wanted.wait()
            self._wanted.clear()
            started = time.monotonic()
            self._emulate(deadline=started + EMULATE_SECONDS)
            everything = started - self._painted_at >= REPAINT_SECONDS
            if self._terminal.is_busy:
                self._wanted.set()
            else:
                if everything:
                    self._painted_at = started
                lines, cursor = self._frame()
                self._terminal.draw(lines, cursor, everything=everything)
            await asyncio.sleep(FRAME_SECONDS)

    def _frame(self) -> tuple[list[str], tuple[int, int] | None]:
        columns, height = self._terminal.size
        now_ms = self._now_ms()
        cursor: tuple[int, int] | None = None
        if columns < LEAST_COLUMNS or height < LEAST_ROWS:
            too_small = self._wording.say("agent-too-small", columns=LEAST_COLUMNS, rows=LEAST_ROWS)
            rows = [row(line) for line in wrapped(too_small, columns)]
            return self._painted(rows, columns, height), None
        if self._request is not None:
            rows = self._request_rows(self._request, columns, height)
        elif self._summary is not None:
            rows = [BLANK, *summary_rows(self._summary, self._receipt, self._wording, columns)]
            if self._rating is not None:
                rows += self._rating.rows(self._wording, columns)
        elif self._change is not None:
            rows = self._change.rows(self._wording)
        elif self._chat is not None and self._live is not None:
            rows = self._chat.rows(self._live.lines, self._wording, columns, height - 1)
        elif self._live is not None and self._room is not None:
            room = self._room.painted(colour=self._colour)[: height - STATUS_ROWS]
            room += [""] * (height - STATUS_ROWS - len(room))
            cursor = self._room.cursor
            if cursor is not None and cursor[1] >= height - STATUS_ROWS:
                cursor = None
            status = status_rows(self._live, self._wording, now_ms, prefix_pressed=self._prefix_pressed)
            return room + self._painted(status, columns, STATUS_ROWS), cursor
        else:
            rows = code_rows(self._code, self._wording, columns, now_ms)
        if self._failure:
            rows += [BLANK, *(row("  ", Span(line, "warning")) for line in wrapped(self._failure, columns - 4))]
        if self._live is not None and self._summary is None:
            # Whatever is in front, who is in and that it is recorded stays in sight.
            status = status_rows(self._live, self._wording, now_ms, prefix_pressed=False)[:1]
            return self._painted(rows, columns, height - 1) + self._painted(status, columns, 1), None
        return self._painted(rows, columns, height), None

    def _fits(self, request: RequestForm) -> bool:
        columns, height = self._terminal.size
        is_readable = columns >= LEAST_COLUMNS and height >= LEAST_ROWS
        return is_readable and len(request.rows(self._wording, columns, self._now_ms())) <= height

    def _request_rows(self, request: RequestForm, columns: int, height: int) -> list[Row]:
        """All of the question, or its beginning with what the window lacks, and No as the one answer."""
        rows = request.rows(self._wording, columns, self._now_ms())
        if len(rows) <= height:
            return rows
        lacks = self._wording.say("agent-request-too-long", columns=columns, rows=len(rows))
        hint = [row("  ", Span(line, "warning")) for line in wrapped(lacks, columns - 4)]
        return [*rows[: height - len(hint)], *hint]

    def _painted(self, rows: list[Row], columns: int, height: int) -> list[str]:
        lines = [paint(line, columns, colour=self._colour) for line in rows[:height]]
        return lines + [""] * (height - len(lines))


def _as_typed(key: Key, room: RoomScreen) -> bytes:
    """What a program in the shared terminal expects to get for a key, in the modes that it has set."""
    if key.kind == "paste":
        return PASTE_BEGIN + key.raw + PASTE_END if room.wants_bracketed_paste else key.raw
    if room.wants_application_keys and key.kind in ("up", "down", "left", "right"):
        return b"\x1bO" + key.raw[-1:]
    return key.raw
