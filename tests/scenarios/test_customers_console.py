"""The customer's own console: a real terminal, and nobody but the person in front of it can press its keys."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

from tests.helpers.deployment import ALL_SCOPES, AS_ROOT, CONSENTRY, Broker, Engineer, ended, plain_environment
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until

COLUMNS, ROWS = 100, 30

PRESS_KEYS_FOR_EVER = """
import fcntl, os, sys, termios
target = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
open(sys.argv[2], "w").close()
while True:
    for key in b"a\\ry":
        try:
            fcntl.ioctl(target, termios.TIOCSTI, bytes([key]))
        except OSError as refused:
            open(sys.argv[2] + ".refused", "w").write(str(refused))
            os.write(target, b"a")
"""
"""What a program in the granted shell can try against the customer's terminal: push keys into it, or write to it."""


class ConsoleCustomer:
    """`consentry share` in a pseudo-terminal, and what a person would see on it."""

    def __init__(self, broker: Broker, folder: Path, language: str) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.master, slave = pty.openpty()
        self.terminal_name = os.ttyname(slave)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._tape = b""
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            [
                *CONSENTRY, "share", broker.address, "--folder", str(self.home), *(["--as-root"] if AS_ROOT else []),
            ],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=plain_environment(
                CONSENTRY_HOME=str(folder / "state"), HOME=str(self.home), CONSENTRY_LANGUAGE=language, TERM="xterm"
            ),
        )  # fmt: skip
        os.close(slave)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            with self._lock:
                self._tape += data
                self._stream.feed(data)

    @property
    def text(self) -> str:
        with self._lock:
            return "\n".join(self._screen.display)

    @property
    def said(self) -> str:
        """All that it ever wrote, without the white space that depends on the window."""
        with self._lock:
            return re.sub(r"\s", "", self._tape.decode(errors="replace"))

    def sees(self, pattern: str) -> re.Match[str]:
        found = wait_until(lambda: re.search(pattern, self.text), f"the screen shows {pattern}\n{self.text}")
        assert isinstance(found, re.Match)
        return found

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def allow(self) -> None:
        """Once the countdown is over: nothing like “2 s …” stands any more before the time that is left."""
        self.sees(r" N .* a .*[^…\s] +\(\d+:\d\d\)")
        self.press("a")

    @property
    def code(self) -> str:
        return self.sees(r"\d{3} - \d{4} - \d{4}").group().replace(" ", "")


@pytest.fixture(params=["en", "zh-CN"])
def console(request: pytest.FixtureRequest, broker: Broker, tmp_path: Path) -> Iterator[ConsoleCustomer]:
    customer = ConsoleCustomer(broker, tmp_path / "customer", request.param)
    yield customer
    customer.process.kill()
    customer.process.wait()
    os.close(customer.master)


def _connect(engineer: Engineer, code: str) -> "subprocess.Popen[bytes]":
    scopes = [word for scope in ALL_SCOPES for word in ("--scope", scope)]
    return engineer.popen(
        *CONSENTRY, "connect", code, "--reason", "receipts", "--no-ssh-config", "--no-shell", "--alias", f"c{code[:3]}",
        *scopes, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_person_at_a_terminal_allows_watches_and_ends(console: ConsoleCustomer, engineer: Engineer) -> None:
    """Code, request, Allow, shared terminal, end, rating, receipt: with a terminal and the keyboard alone."""
    code = console.code
    with ended(_connect(engineer, code)) as connecting:
        console.sees(r"Sam Example")
        console.sees(r"S-17")
        console.allow()
        assert connecting.wait(PATIENCE_SECONDS) == 0
    alias = f"c{code[:3]}"
    with ended(engineer.popen("ssh", *engineer.ssh_options, "-tt", alias, stdin=subprocess.PIPE)) as shell:
        assert shell.stdin is not None
        shell.stdin.write(b"echo seen-by-$((40+2))-all\n")
        shell.stdin.flush()
        console.sees("seen-by-42-all")
        console.press("echo typed-by-$((1+0))-customer\r")
        console.sees("typed-by-1-customer")
        console.press("\x1de")
        assert shell.wait(PATIENCE_SECONDS) != 0
    console.sees("1.*5")
    console.press("5")
    wait_until(lambda: (console.press("\r"), console.process.poll() is not None)[1], "it says goodbye")
    assert console.process.returncode == 0
    wait_until(lambda: "receipt-" in console.said, "it says where the receipt is")


def test_the_granted_shell_cannot_answer_for_the_customer(broker: Broker, engineer: Engineer, tmp_path: Path) -> None:
    """A program that pushes keys into the customer's terminal all the time does not get its own question answered."""
    console = ConsoleCustomer(broker, tmp_path / "customer", "en")
    try:
        code = console.code
        with ended(_connect(engineer, code)) as connecting:
            console.sees("Sam Example")
            console.allow()
            assert connecting.wait(PATIENCE_SECONDS) == 0
        alias = f"c{code[:3]}"
        program, started = tmp_path / "press.py", tmp_path / "started"
        program.write_text(PRESS_KEYS_FOR_EVER)
        engineer.ssh(
            alias, f"nohup setsid {sys.executable} {program} {console.terminal_name} {started} >/dev/null 2>&1 &"
        )
        wait_until(started.exists, "the keys are being pressed")
        asking = engineer.popen(
            *CONSENTRY, "request-more", alias, "--scope", "forward", "--reason", "more",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with ended(asking):
            console.sees("forward|connections")
            with pytest.raises(subprocess.TimeoutExpired):
                asking.wait(6)  # the countdown is three seconds: a pressed key would have counted by now
            console.press("n")
            assert asking.wait(PATIENCE_SECONDS) == 1
    finally:
        console.process.kill()
        console.process.wait()
        os.close(console.master)
