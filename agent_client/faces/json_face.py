"""JSON lines on standard output and standard input: the customer's side for wrappers, services and tests.

Every line out is an object with `event`; every line in is an object with `command`. docs/json_face.md lists them all.
Output is ASCII: whatever an engineer wrote, no byte of it can steer a terminal or break a line.

Two threads do the reading and the writing, so that a wrapper that is slow, or gone, never holds the session up:

    the wrapper does not read       room output is skipped and counted; with too many notices behind, the session ends,
                                    for nobody watches it any more
    the wrapper closes its input    open questions are answered with no, and `commands` ends
    a line cannot be understood     one `input-error` line, nothing else happens
"""

import asyncio
import base64
import concurrent.futures
import json
import os
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from types import TracebackType
from typing import Self

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
"""Room output that may wait for the wrapper to read; beyond it is skipped and counted."""

UNREAD_NOTICES_LIMIT_BYTES = 8 * 1024 * 1024
"""Notices are never skipped; a wrapper this far behind does not watch any more."""

UNTAKEN_COMMANDS_LIMIT = 1_000
"""Typing is refused beyond this many commands that the session has not taken yet (it may be paused)."""

LAST_LINES_WITHIN_SECONDS = 2.0
"""How long leaving waits for the wrapper to read what was said last."""

PROGRESS_EVERY_MS = 250
"""Recorder progress comes with every acknowledgement: more often than this helps nobody."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class JsonFace:
    """A `Face` over two file descriptors. Closes neither."""

    def __init__(self, *, read_fd: int = 0, write_fd: int = 1, now_ms: Callable[[], int] = _now_ms) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._now_ms = now_ms
        self._commands: asyncio.Queue[CustomerCommand | None] = asyncio.Queue()
        self._questions: dict[int, tuple[ConsentQuestion, asyncio.Future[ConsentAnswer]]] = {}
        self._question_count = 0
        self._rating: asyncio.Future[Rating | None] | None = None
        self._size: tuple[int, int] | None = None
        self._gone = False
        self._progress_at_ms = 0
        self._out: queue.SimpleQueue[tuple[bytes, bool] | None] = queue.SimpleQueue()
        self._unread = {True: 0, False: 0}
        self._skipped_bytes = 0
        self._is_far_behind = False
        self._unread_lock = threading.Lock()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._writer = threading.Thread(target=self._write_lines, name="write json lines", daemon=True)
        self._writer.start()
        threading.Thread(target=self._read_lines, name="read json lines", daemon=True).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone = True
        self._out.put(None)
        # What was said last (summary, receipt, failure) is to be read; a wrapper that reads nothing is not waited for.
        if not self._is_far_behind:
            await asyncio.to_thread(self._writer.join, LAST_LINES_WITHIN_SECONDS)

    @property
    def room_size(self) -> tuple[int, int] | None:
        return self._size

    # ── to the wrapper ──────────────────────────────────────────────────────────────────────────────────────────

    def show(self, notice: Notice) -> None:
        if isinstance(notice, RecorderProgress):
            now_ms = self._now_ms()
            if 0 <= now_ms - self._progress_at_ms < PROGRESS_EVERY_MS and notice.recorded_bytes != notice.acked_bytes:
                return
            self._progress_at_ms = now_ms
        self._say(_kebab(type(notice).__name__), _plain_fields(notice))

    async def decide(self, question: ConsentQuestion) -> ConsentAnswer:
        if self._gone:
            return DENIED
        self._question_count += 1
        number = self._question_count
        answer: asyncio.Future[ConsentAnswer] = self._loop.create_future()
        self._questions[number] = (question, answer)
        self._say("consent-question", {"question": number, **_plain_fields(question)})
        try:
            return await answer
        except asyncio.CancelledError:
            self._say("consent-question-withdrawn", {"question": number})
            raise
        finally:
            del self._questions[number]

    def room_output(self, data: bytes) -> None:
        if self._size is None:
            return
        with self._unread_lock:
            if self._unread[True] + len(data) > UNREAD_OUTPUT_LIMIT_BYTES:
                self._skipped_bytes += len(data)
                return
            skipped, self._skipped_bytes = self._skipped_bytes, 0
        if skipped:
            self._say("room-output-skipped", {"bytes": skipped})
        self._say("room-output", {"data": base64.b64encode(data).decode()}, is_output=True)

    async def rate(self) -> Rating | None:
        if self._gone:
            return None
        self._rating = self._loop.create_future()
        self._say("rating-question")
        try:
            return await self._rating
        finally:
            self._rating = None

    def _say(self, event: str, facts: dict[str, object] | None = None, *, is_output: bool = False) -> None:
        line = json.dumps({"event": event, **(facts or {})}, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        with self._unread_lock:
            self._unread[is_output] += len(line)
            self._is_far_behind = self._unread[False] > UNREAD_NOTICES_LIMIT_BYTES
        if self._is_far_behind:
            self._nobody_left()
            return
        self._out.put((line, is_output))

    def _write_lines(self) -> None:
        """In a thread of its own: a wrapper that does not read blocks nobody else."""
        while (item := self._out.get()) is not None:
            line, is_output = item
            view = memoryview(line)
            try:
                while view:
                    view = view[os.write(self._write_fd, view) :]
            except OSError:
                self._in_loop(self._nobody_left)
                return
            with self._unread_lock:
                self._unread[is_output] -= len(line)

    # ── from the wrapper ────────────────────────────────────────────────────────────────────────────────────────

    async def commands(self) -> AsyncIterator[CustomerCommand]:
        while (command := await self._commands.get()) is not None:
            yield command
        # The end is the end for whoever asks again, too.
        self._commands.put_nowait(None)

    def _read_lines(self) -> None:
        """In a thread of its own: standard input may be a file, a pipe or a terminal."""
        rest = b""
        overlong = False
        while True:
            try:
                data = os.read(self._read_fd, LINE_LIMIT_BYTES)
            except OSError:
                data = b""
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if not overlong and not self._in_loop(self._take_line, line):
                    return
                overlong = False
            if len(rest) > LINE_LIMIT_BYTES:
                if not overlong and not self._in_loop(self._complain, "too-long", f"{LINE_LIMIT_BYTES} bytes at most"):
                    return
                rest, overlong = b"", True
            if not data:
                if rest and not overlong:
                    self._in_loop(self._take_line, rest)
                self._in_loop(self._nobody_left)
                return

    def _in_loop(self, function: Callable[..., None], *arguments: object) -> bool:
        """Runs it in the event loop and waits until it is done: a flood of lines cannot run ahead of the loop."""

        async def call() -> None:
            function(*arguments)

        coroutine = call()
        try:
            asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
        except (RuntimeError, concurrent.futures.CancelledError):
            # The loop was closed: the session is over.
            coroutine.close()
            return False
        return True

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
        if not scopes <= question.scopes or minutes > question.minutes:
            self._complain("more-than-asked", "scopes and minutes are at most what was asked")
        elif question.scopes and not scopes:
            self._complain("nothing-allowed", "an answer that allows names at least one scope")
        elif self._now_ms() < question.allow_not_before_ms:
            self._complain("too-early", f"not before {question.allow_not_before_ms}")
        else:
            answer.set_result(ConsentAnswer(allowed=True, scopes=scopes, minutes=minutes))

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


def _plain_fields(value: object) -> dict[str, object]:
    return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}  # type: ignore[arg-type]


def _plain(value: object) -> object:
    """As JSON knows it: sets in a fixed order, dataclasses as objects."""
    if isinstance(value, frozenset):
        return sorted(str(scope) for scope in value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return _plain_fields(value)
    return value


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
