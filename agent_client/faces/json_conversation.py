"""A session told and steered in JSON: what the pipe of a wrapper and the websocket of the local page have in common.

Every object out has `event`; every object in has `command` (docs/json_face.md). Who carries them is a subclass' affair:

    json_face.py            lines over two pipes
    ../page/page_face.py    frames of a websocket on the loopback address
"""

import asyncio
import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from dataclasses import fields

import msgspec

from agent_client.faces.face import (
    DENIED,
    CancelCode,
    ConsentAnswer,
    ConsentQuestion,
    CustomerCommand,
    End,
    Narrow,
    NewCode,
    Pause,
    Rating,
    Resized,
    Resume,
    Say,
    Typed,
)
from agent_client.faces.json_lines import (
    AnswerLine,
    CancelCodeLine,
    EndLine,
    Line,
    NarrowLine,
    NewCodeLine,
    PauseLine,
    RateLine,
    ResumeLine,
    SayLine,
    SkipRatingLine,
    TypeLine,
    WatchLine,
    line_decoder,
)
from agent_client.faces.notices import Notice, RecorderProgress
from protocol.decoding import UNREADABLE

LINE_LIMIT_BYTES = 64 * 1024
"""Longest line in. A paste of some screens fits; a line without end does not fill the memory."""

UNREAD_OUTPUT_LIMIT_BYTES = 1024 * 1024
"""Room output that may wait to be read; beyond it is skipped and counted."""

UNREAD_NOTICES_LIMIT_BYTES = 8 * 1024 * 1024
"""Notices are never skipped; a reader this far behind does not watch any more."""

UNTAKEN_COMMANDS_LIMIT = 1_000
"""Typing is refused beyond this many commands that the session has not taken yet (it may be paused)."""

PROGRESS_EVERY_MS = 250
"""Recorder progress comes with every acknowledgement: more often than this helps nobody."""

Facts = dict[str, object]


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


class Backlog:
    """What a reader has not read yet, and whether more may be put on top. Safe to be used from two threads."""

    def __init__(self) -> None:
        self._unread_bytes = {True: 0, False: 0}
        self._skipped_bytes = 0
        self._lock = threading.Lock()

    def takes_output(self, byte_count: int) -> int | None:
        """None: leave it out. Otherwise how much was left out since the last that was taken."""
        with self._lock:
            if self._unread_bytes[True] + byte_count > UNREAD_OUTPUT_LIMIT_BYTES:
                self._skipped_bytes += byte_count
                return None
            skipped, self._skipped_bytes = self._skipped_bytes, 0
        return skipped

    def put(self, byte_count: int, *, is_output: bool) -> bool:
        """False: the reader is so far behind that nobody watches any more."""
        with self._lock:
            self._unread_bytes[is_output] += byte_count
            return self._unread_bytes[False] <= UNREAD_NOTICES_LIMIT_BYTES

    def read(self, byte_count: int, *, is_output: bool) -> None:
        with self._lock:
            self._unread_bytes[is_output] -= byte_count


class JsonConversation(ABC):
    """Everything of a `Face` but the transport. A subclass has `_say`, `room_output`, `room_size` and the entering."""

    def __init__(self, *, now_ms: Callable[[], int] = wall_clock_ms) -> None:
        self._now_ms = now_ms
        self._commands: asyncio.Queue[CustomerCommand | None] = asyncio.Queue()
        self._questions: dict[int, tuple[ConsentQuestion, asyncio.Future[ConsentAnswer]]] = {}
        self._question_count = 0
        self._rating: asyncio.Future[Rating | None] | None = None
        self._size: tuple[int, int] | None = None
        self._gone = False
        self._progress_at_ms = 0

    @abstractmethod
    def _say(self, event: str, facts: Facts | None = None, *, is_output: bool = False) -> None:
        """One object out. Returns at once."""

    @property
    def room_size(self) -> tuple[int, int] | None:
        return self._size

    # ── to the customer ─────────────────────────────────────────────────────────────────────────────────────────

    def show(self, notice: Notice) -> None:
        if isinstance(notice, RecorderProgress):
            now_ms = self._now_ms()
            if 0 <= now_ms - self._progress_at_ms < PROGRESS_EVERY_MS and notice.recorded_bytes != notice.acked_bytes:
                return
            self._progress_at_ms = now_ms
        self._say(kebab(type(notice).__name__), plain_fields(notice))

    async def decide(self, question: ConsentQuestion) -> ConsentAnswer:
        if self._gone:
            return DENIED
        self._question_count += 1
        number = self._question_count
        answer: asyncio.Future[ConsentAnswer] = asyncio.get_running_loop().create_future()
        self._questions[number] = (question, answer)
        self._put(number)
        try:
            return await answer
        except asyncio.CancelledError:
            self._say("consent-question-withdrawn", {"question": number})
            raise
        finally:
            del self._questions[number]

    async def rate(self) -> Rating | None:
        if self._gone:
            return None
        self._rating = asyncio.get_running_loop().create_future()
        self._say("rating-question")
        try:
            return await self._rating
        finally:
            self._rating = None

    def _put(self, number: int) -> None:
        """The question, in front of the customer."""
        question, _ = self._questions[number]
        self._say("consent-question", {"question": number, **plain_fields(question)})

    # ── from the customer ───────────────────────────────────────────────────────────────────────────────────────

    async def commands(self) -> AsyncIterator[CustomerCommand]:
        while (command := await self._commands.get()) is not None:
            yield command
        # The end is the end for whoever asks again, too.
        self._commands.put_nowait(None)

    def _take_line(self, line: bytes) -> None:
        if not line.strip() or self._gone:
            return
        if len(line) > LINE_LIMIT_BYTES:
            self._complain("too-long", f"{LINE_LIMIT_BYTES} bytes at most")
            return
        try:
            said = line_decoder.decode(line)
        except msgspec.ValidationError as error:
            self._complain("not-understood", str(error))
        except UNREADABLE as error:
            self._complain("not-json", str(error))
        else:
            self._obey(said)

    def _obey(self, said: Line) -> None:
        match said:
            case AnswerLine():
                self._answer(said)
            case RateLine(stars, solved, comment):
                self._rated(Rating(stars, solved, comment))
            case SkipRatingLine():
                self._rated(None)
            case WatchLine(columns, rows):
                self._size = (columns, rows)
                self._commands.put_nowait(Resized(columns, rows))
            case NarrowLine(participant, scopes):
                self._commands.put_nowait(Narrow(participant, frozenset(scopes)))
            case TypeLine(data):
                if self._commands.qsize() > UNTAKEN_COMMANDS_LIMIT:
                    self._complain("too-fast", "the shared terminal does not take more at this moment")
                else:
                    self._commands.put_nowait(Typed(data))
            case SayLine(text):
                self._commands.put_nowait(Say(text))
            case PauseLine():
                self._commands.put_nowait(Pause())
            case ResumeLine():
                self._commands.put_nowait(Resume())
            case NewCodeLine():
                self._commands.put_nowait(NewCode())
            case CancelCodeLine():
                self._commands.put_nowait(CancelCode())
            case EndLine():
                self._commands.put_nowait(End())

    def _answer(self, said: AnswerLine) -> None:
        if said.question not in self._questions:
            self._complain("no-such-question", f"question {said.question} is not open")
            return
        question, answer = self._questions[said.question]
        if answer.done():
            return
        if not said.allow:
            answer.set_result(DENIED)
            return
        scopes = question.scopes if said.scopes is None else frozenset(said.scopes)
        minutes = question.minutes if said.minutes is None else said.minutes
        allowed = ConsentAnswer(allowed=True, scopes=scopes, minutes=minutes)
        if not scopes <= question.scopes or minutes > question.minutes:
            self._complain("more-than-asked", "scopes and minutes are at most what was asked")
        elif not allowed.gives_something(question):
            self._complain(
                "nothing-allowed", "a first answer that allows gives a scope and minutes, a later one either"
            )
        elif self._now_ms() < question.allow_not_before_ms:
            self._complain("too-early", f"not before {question.allow_not_before_ms}")
        else:
            answer.set_result(allowed)

    def _rated(self, rating: Rating | None) -> None:
        if self._rating is None or self._rating.done():
            self._complain("no-such-question", "no rating is asked for")
        else:
            self._rating.set_result(rating)

    def _complain(self, code: str, detail: str) -> None:
        self._say("input-error", {"code": code, "detail": detail})

    def _nobody_left(self) -> None:
        if self._gone:
            return
        self._gone = True
        for _, answer in self._questions.values():
            if not answer.done():
                answer.set_result(DENIED)
        if self._rating is not None and not self._rating.done():
            self._rating.set_result(None)
        self._commands.put_nowait(None)


def as_json(event: str, facts: Facts | None) -> bytes:
    """ASCII: whatever an engineer wrote, no byte of it can steer a terminal or break a line."""
    return json.dumps({"event": event, **(facts or {})}, ensure_ascii=True, separators=(",", ":")).encode()


def plain_fields(value: object) -> Facts:
    """A dataclass as JSON knows it."""
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}  # type: ignore[arg-type]  # a dataclass


def _plain(value: object) -> object:
    """As JSON knows it: sets in a fixed order, dataclasses as objects."""
    if isinstance(value, frozenset):
        return sorted(str(scope) for scope in value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return plain_fields(value)
    return value


def kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
