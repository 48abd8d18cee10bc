"""What an engineer does for as long as an agent lives: a shell that floods and echoes, copies, commands.

Each load is a loop in a thread of its own. Every step ends in one of three ways: it was right; it was ended by a kill
that hit it or its agent; or it is a violation.
"""

import hashlib
import random
import subprocess
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from soak.clients import Client, Clients
from soak.screen import Gone, Screen, Silence, WrongBytes, flood_command
from soak.tally import Tally
from tests.helpers.deployment import Engineer, sha256_of

STEP_SECONDS = 110.0
"""No step takes so long, with all the restarts that may fall into it."""

LOOK_SECONDS = 0.5

INTERRUPT = "\x03\n"
"""The room outlives whoever types into it: half a command, or a flood, of a killed client may be in it."""

COPY_BYTES = (1, 6 * 1024 * 1024)
FLOOD_LINES = (200, 12_000)
COMMAND_LINES = (10, 40_000)


class Unexplained(Exception):
    """A step failed although nobody killed what it stands on."""


class Life:
    """One agent from its first code to its end, as far as loads care."""

    def __init__(self, alias: str, home: Path) -> None:
        self.alias = alias
        self.home = home
        self.over = threading.Event()
        """No new steps: the session is about to end, or it has."""
        self.agent_struck = threading.Event()

    @property
    def goes_on(self) -> bool:
        return not self.over.is_set() and not self.agent_struck.is_set()


class Load:
    """The tools of every load: how a client is started, and how its end is judged."""

    def __init__(self, life: Life, engineer: Engineer, clients: Clients, tally: Tally, dice: random.Random) -> None:
        self.life = life
        self.engineer = engineer
        self.clients = clients
        self.tally = tally
        self.dice = dice

    def run(self, step: Callable[[], None]) -> None:
        """Repeats the step until the life is over; the thread's target."""
        while self.life.goes_on:
            try:
                step()
            except Unexplained as problem:
                self.tally.violated(f"{self.life.alias}: {problem}")
                self.life.over.wait(1.0)
            except Exception:  # noqa: BLE001 - a mistake of the soak itself is no reason to stop without a word
                self.tally.violated(f"the soak itself failed: {traceback.format_exc()}")
                self.life.over.wait(1.0)

    def running(self, name: str, program: str, *arguments: str, **options: Any) -> AbstractContextManager[Client]:
        """An OpenSSH client of our engineer's."""
        return self.clients.running(
            name,
            self.engineer,
            program,
            *self.engineer.ssh_options,
            *arguments,
            gives_up=self.life.agent_struck.is_set,
            **options,
        )

    def finish(self, client: Client) -> tuple[bool, bytes]:
        """Whether it ended well, and its output. Raises Unexplained."""
        deadline = time.monotonic() + STEP_SECONDS
        while True:
            try:
                out, _ = client.process.communicate(timeout=LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if self.life.agent_struck.is_set():
                    client.kill()  # its agent may come back until the resume window is over; this one will not
                elif time.monotonic() > deadline:
                    raise Unexplained(f"{client.name} did not end within {STEP_SECONDS:.0f} s") from None
        if client.process.returncode == 0:
            return True, out or b""
        self.judge(client, f"status {client.process.returncode}: {client.last_words()}")
        return False, b""

    def judge(self, client: Client, what: str) -> None:
        """Raises Unexplained for an end that no kill explains."""
        if client.struck or self.life.agent_struck.is_set():
            self.tally.add(f"{client.name.split()[0]} ended by a kill")
            return
        raise Unexplained(f"{client.name}: {what}")


def copy(load: Load, folder: Path) -> None:
    """One file there and back again with `scp`; the hash of what arrives is the hash of what went."""
    low, high = COPY_BYTES
    size_bytes = int(low * (high / low) ** load.dice.random())
    name = f"copy-{load.dice.getrandbits(32):08x}"
    original, back, there = folder / name, folder / f"{name}.back", load.life.home / name
    original.write_bytes(load.dice.randbytes(size_bytes))
    try:
        digest = sha256_of(original)
        for what, source, target, arrived in (
            ("put", str(original), f"{load.life.alias}:{name}", there),
            ("get", f"{load.life.alias}:{name}", str(back), back),
        ):
            with load.running(f"{what} {size_bytes}", "scp", "-q", source, target, stdout=subprocess.DEVNULL) as client:
                if not load.finish(client)[0]:
                    return
            if sha256_of(arrived) != digest:
                raise Unexplained(f"{what} of {size_bytes} bytes arrived with other bytes")
            load.tally.add(f"{what} files")
            load.tally.add("file bytes", size_bytes)
    finally:
        for path in (original, back, there):
            path.unlink(missing_ok=True)


def command(load: Load) -> None:
    """`ssh ALIAS …`: all of the output, or all of the input echoed by `cat`."""
    count = load.dice.randint(*COMMAND_LINES)
    numbers = "".join(f"{number}\n" for number in range(1, count + 1)).encode()
    echo = load.dice.random() < 0.5
    wanted = hashlib.sha256(numbers).digest()
    program = "cat" if echo else f"seq 1 {count}"
    # A file: `communicate` never gives the rest of a pipe's input once it has timed out (CPython up to 3.14).
    with tempfile.TemporaryFile() as given:
        given.write(numbers if echo else b"")
        given.seek(0)
        pipes = {"stdin": given, "stdout": subprocess.PIPE}
        with load.running(f"command {count}", "ssh", load.life.alias, program, **pipes) as client:
            good, output = load.finish(client)
    if good:
        if hashlib.sha256(output).digest() != wanted:
            raise Unexplained(f"{client.name} gave other bytes: {len(output)} instead of {len(numbers)}")
        load.tally.add("commands")
        load.tally.add("command bytes", len(output))


def shell(load: Load) -> None:
    """An interactive shell that echoes and floods until it is killed or the life is over."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with load.running("shell", "ssh", "-tt", load.life.alias, **pipes) as client:
        process = client.process
        screen = Screen(process, gives_up=load.life.agent_struck.is_set)
        try:
            screen.expect_anything()
            screen.type(INTERRUPT)
            while load.life.goes_on:
                _echo(load, screen)
                _flood(load, screen)
        except Gone:
            if load.life.agent_struck.is_set():
                client.kill()
            process.wait()
            load.judge(client, f"status {process.returncode}: {client.last_words()}")
        except Silence as silence:
            load.judge(client, f"nothing comes any more: {silence}")
        except WrongBytes as wrong:
            raise Unexplained(f"wrong bytes in a shell: {wrong}") from None
        finally:
            load.tally.add("shell bytes", screen.bytes_read)


def _echo(load: Load, screen: Screen) -> None:
    name = f"{load.dice.getrandbits(48):012x}"
    left, right = load.dice.randrange(1000), load.dice.randrange(1000)
    screen.type(f"echo {name}-$(({left}+{right}))-heard\n")
    screen.expect_mark(f"{name}-{left + right}-heard")
    load.tally.add("echoes")


def _flood(load: Load, screen: Screen) -> None:
    name, count = f"f{load.dice.getrandbits(40):010x}", load.dice.randint(*FLOOD_LINES)
    screen.type(flood_command(name, count))
    screen.expect_flood(name, count)
    load.tally.add("flood lines", count)
