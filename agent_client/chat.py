"""What people of the session write to each other: recorded first, then shown to everybody, in one order.

A line waits like everything else for a recording that has no room, and with the `strict` policy for the broker's disk.
Secrets that the rules name are blotted out before either. Before anybody is in there is no recording, and no chat.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from agent_client.live import LiveSession
from agent_client.recorder.redaction import RedactionRules, RuleRedactor
from agent_client.recording import Recording
from protocol.chat import KEPT_LINES, LINE_LIMIT_CHARACTERS, SESSION_LIMIT_LINES, Pace, is_chat_line
from protocol.events import ROOM_CHANNEL, ChatSaid
from protocol.messages.control import NotSaid

WAITING_LIMIT_LINES = 32
"""Taken and not yet recorded. More come together only while the recording has no room."""


@dataclass(frozen=True, slots=True)
class Line:
    """`participant` 0 is the customer, whose `name` is empty. Times are Unix milliseconds on this machine's clock."""

    number: int
    participant: int
    name: str
    said_at_ms: int
    text: str


class LineRefused(Exception):
    """The line was not taken: nobody sees it."""

    def __init__(self, reason: NotSaid) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Waiting:
    participant: int
    name: str
    text: str
    taken: "asyncio.Future[int]"

    def refuse(self) -> None:
        """The session is over."""
        if not self.taken.done():
            self.taken.set_exception(LineRefused("not-in"))


class Chat:
    """The lines of one session. `run` brings them into the recording; `on_line` is told of each afterwards."""

    def __init__(self, rules: RedactionRules, clock: Callable[[], int]) -> None:
        self._rules = rules
        self._clock = clock
        self._live: LiveSession | None = None
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._paces: dict[int, Pace] = {}
        self._lines: deque[Line] = deque(maxlen=KEPT_LINES)
        self._count = 0
        self.on_line: Callable[[Line], None] = lambda _: None

    def session_opened(self, live: LiveSession) -> None:
        """From now on there is a recording that lines can stand in."""
        self._live = live

    def session_ended(self) -> None:
        """Nothing more is taken; what waits for the recording was not said."""
        self._live = None
        while not self._waiting.empty():
            self._waiting.get_nowait().refuse()

    @property
    def newest(self) -> int:
        """The number of the last line; 0 before there is one."""
        return self._lines[-1].number if self._lines else 0

    def lines_after(self, number: int) -> list[Line]:
        """Those that are still remembered, in their order."""
        return [line for line in self._lines if line.number > number]

    def write(self, participant: int, name: str, text: str) -> "asyncio.Future[int]":
        """Takes a line; the answer is its number, once it is in the recording. Both may raise LineRefused."""
        if self._live is None:
            raise LineRefused("not-in")
        if not is_chat_line(text):
            raise LineRefused("unusable")
        if self._count + self._waiting.qsize() >= SESSION_LIMIT_LINES:
            raise LineRefused("full")
        pace = self._paces.setdefault(participant, Pace())
        if self._waiting.qsize() >= WAITING_LIMIT_LINES or not pace.may_write(self._clock()):
            raise LineRefused("too-fast")
        taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Waiting(participant, name, text, taken))
        return taken

    async def run(self) -> None:
        """Until cancelled. Who stops waiting for an answer does not take the line back: it was said."""
        while True:
            waiting = await self._waiting.get()
            if self._live is not None:
                await self._live.recording.wait_for_room()
            if self._live is None:
                waiting.refuse()
                continue
            recording = self._live.recording
            line = self._record(waiting, recording)
            await recording.wait_until_durable()
            self._lines.append(line)
            self.on_line(line)
            if not waiting.taken.done():
                waiting.taken.set_result(line.number)

    def _record(self, waiting: _Waiting, recording: Recording) -> Line:
        redactor = RuleRedactor(self._rules, recording, ROOM_CHANNEL)
        shown = (redactor.feed(waiting.text.encode()) + redactor.flush()).decode(errors="replace")
        text = shown.replace("\r\n", "\n")[:LINE_LIMIT_CHARACTERS]
        said_at_ms = self._clock()
        recording.record(ChatSaid(t_ms=recording.elapsed_ms(), participant=waiting.participant, text=text))
        self._count += 1
        return Line(self._count, waiting.participant, waiting.name, said_at_ms, text)
