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
import os
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from agent_client.faces.json_conversation import (
    LINE_LIMIT_BYTES,
    Backlog,
    Facts,
    JsonConversation,
    as_json,
    wall_clock_ms,
)

LAST_LINES_WITHIN_SECONDS = 2.0
"""How long leaving waits for the wrapper to read what was said last."""


class JsonFace(JsonConversation):
    """A `Face` over two file descriptors. Closes neither."""

    def __init__(self, *, read_fd: int = 0, write_fd: int = 1, now_ms: Callable[[], int] = wall_clock_ms) -> None:
        super().__init__(now_ms=now_ms)
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._out: queue.SimpleQueue[tuple[bytes, bool] | None] = queue.SimpleQueue()
        self._backlog = Backlog()
        self._is_far_behind = False

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

    # ── to the wrapper ──────────────────────────────────────────────────────────────────────────────────────────

    def room_output(self, data: bytes) -> None:
        if self._size is None:
            return
        skipped = self._backlog.takes_output(len(data))
        if skipped is None:
            return
        if skipped:
            self._say("room-output-skipped", {"bytes": skipped})
        self._say("room-output", {"data": base64.b64encode(data).decode()}, is_output=True)

    def _say(self, event: str, facts: Facts | None = None, *, is_output: bool = False) -> None:
        line = as_json(event, facts) + b"\n"
        self._is_far_behind = not self._backlog.put(len(line), is_output=is_output)
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
            self._backlog.read(len(line), is_output=is_output)

    # ── from the wrapper ────────────────────────────────────────────────────────────────────────────────────────

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
