"""A stock ssh client with a terminal at the far end, driven through its pipes, key by key or with a flood."""

import contextlib
import os
import select
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

READ_BYTES = 256 * 1024
PATIENCE_SECONDS = 20.0


class RemoteTerminal:
    """`words` start ssh with `-tt`. Whoever logs in gets a shell; `READY` is waited for before anything is timed."""

    def __init__(self, words: Sequence[str], environment: dict[str, str] | None) -> None:
        self._words = words
        self._environment = environment

    def __enter__(self) -> Self:
        self._ssh = subprocess.Popen(
            self._words, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._ssh.stdin is not None
        assert self._ssh.stdout is not None
        self._input = self._ssh.stdin.fileno()
        self._output = self._ssh.stdout.fileno()
        self._has_output = select.poll()
        self._has_output.register(self._output, select.POLLIN)
        # The quotes keep the echo of what is typed from looking like the answer.
        self._type(b"stty -icanon min 1; echo rea''dy\n")
        self._read_until(b"ready\r\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ssh.kill()
        self._ssh.wait()
        for pipe in (self._ssh.stdin, self._ssh.stdout):
            assert pipe is not None
            pipe.close()

    @property
    def pid(self) -> int:
        """Of the ssh client."""
        return self._ssh.pid

    def start_listener(self) -> None:
        """From here on the far end's terminal echoes each key, and nobody but it answers."""
        self._type(b"echo lis''tening; exec cat >/dev/null\n")
        self._read_until(b"listening\r\n")
        time.sleep(0.1)  # until `cat` has replaced the shell, whose line editor would echo in its own way

    def echo_seconds(self, key: bytes) -> float:
        """From the key to its echo."""
        began = time.perf_counter()
        os.write(self._input, key)
        self._read()
        return time.perf_counter() - began

    def flood_seconds(self, command: str, size_bytes: int) -> float:
        """From the command to the last byte of what it puts out. `size_bytes` counts what the terminal adds, too."""
        self._type(f"stty -echo; echo g''o; {command}; echo o''ver\n".encode())
        seen = len(self._read_until(b"go\r\n"))
        began = time.perf_counter()
        while seen < size_bytes:
            seen += len(self._read())
        return time.perf_counter() - began

    def end(self) -> None:
        """Ends the shell, or the listener that took its place, and waits for the client to notice.

        In a shared room the shell does not end because somebody leaves: the next one would find what is left of it.
        """
        self._type(b"\x03\nexit\n")
        with contextlib.suppress(EOFError):
            while self._read():
                pass
        self._ssh.wait(PATIENCE_SECONDS)

    def _type(self, data: bytes) -> None:
        os.write(self._input, data)

    def _read_until(self, wanted: bytes) -> bytes:
        """Returns what came right behind."""
        seen = b""
        while wanted not in seen:
            seen += self._read()
        return seen.partition(wanted)[2]

    def _read(self) -> bytes:
        """What has come, at least a byte. Raises TimeoutError, and EOFError at the end."""
        if not self._has_output.poll(PATIENCE_SECONDS * 1000):
            raise TimeoutError("nothing came from the terminal any more")
        data = os.read(self._output, READ_BYTES)
        if not data:
            raise EOFError("the terminal ended")
        return data
