"""A shell on a real terminal: what passes through, what is signed for, and how it ends."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import ptyprocess
import pytest

from engineer_client.attest import OutputDigest
from engineer_client.openssh import as_foreground_job, run_ssh
from engineer_client.shell import OpenSshMissing, choose_client
from tests.engineer_client.conftest import Desk
from tests.engineer_client.customer import Customer
from tests.helpers.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.usefixtures("login")


class Terminal:
    """The command on a terminal of 100 by 30, and everything that appeared on it."""

    def __init__(self, desk: Desk, *arguments: str) -> None:
        self._process = ptyprocess.PtyProcess.spawn(
            [sys.executable, "-m", "consentry", *arguments], env=desk.environment, dimensions=(30, 100)
        )
        self.seen = b""

    async def until(self, text: bytes) -> None:
        """Waits until `text` has appeared."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while text not in self.seen:
                self.seen += await asyncio.to_thread(self._process.read, 65536)

    def type(self, keys: bytes) -> None:
        self._process.write(keys)

    async def end(self) -> int:
        """Reads to the end; the exit status."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    self.seen += await asyncio.to_thread(self._process.read, 65536)
            except EOFError:
                return int(await asyncio.to_thread(self._process.wait))


@pytest.mark.parametrize("client", ["openssh", "built-in"])
async def test_the_attested_hash_is_exactly_what_was_sent(client: str, desk: Desk, customer: Customer) -> None:
    """300 KB of every byte there is, through a real terminal with either client: both ends hash the same."""
    customer.shell_output = random.Random(7).randbytes(300_000) + b"customer$ "
    code = await customer.new_code()
    terminal = Terminal(desk, "connect", str(code), "--no-ssh-config", "--reason", "x", "--client", client)
    await terminal.until(b"customer$ ")
    terminal.type(b"hello\r")
    await terminal.until(b"hello\r")
    terminal.type(b"\x03q")  # Ctrl-C goes to the customer's shell, not to us
    assert await terminal.end() == 3
    assert customer.terminal_sizes == [(100, 30)]
    assert customer.attested == [True]
    assert b"you have signed for it" in terminal.seen


async def test_an_output_that_was_recorded_otherwise_is_told(desk: Desk, customer: Customer) -> None:
    """A dishonest customer's recording does not match: the engineer is warned, at once."""
    customer.lies = True
    code = await customer.new_code()
    terminal = Terminal(desk, "connect", str(code), "--no-ssh-config", "--reason", "x")
    await terminal.until(b"customer$ ")
    terminal.type(b"q")
    assert await terminal.end() == 3
    assert customer.attested == [False]
    assert b"Warning: the customer's computer recorded other output" in terminal.seen


async def test_the_customers_end_is_told_with_its_reason(desk: Desk, customer: Customer) -> None:
    """In the middle of a shell: ssh ends, the sentence says who ended it, and nothing of the session stays."""
    code = await customer.new_code()
    terminal = Terminal(desk, "connect", str(code), "--no-ssh-config", "--reason", "x")
    await terminal.until(b"customer$ ")
    await customer.end("customer-ended")
    assert await terminal.end() == 255
    assert b"The session is over: the customer ended it." in terminal.seen
    assert list(desk.state.sessions.iterdir()) == []


async def test_the_reason_is_asked_for_on_a_terminal(desk: Desk, customer: Customer) -> None:
    """Left out on the command line, it is asked for; without a terminal, it has to be given."""
    code = await customer.new_code()
    told = await desk.run("connect", str(code))
    assert told.err == "--reason is needed, and there is no terminal to ask on. Give it on the command line.\n"
    terminal = Terminal(desk, "connect", str(code), "--no-ssh-config", "--no-shell")
    await terminal.until(b"Why do you want in?")
    terminal.type(b"receipts never arrive\r")
    assert await terminal.end() == 0
    assert customer.requests[0].reason == "receipts never arrive"


def test_output_that_cannot_be_shown_is_not_vouched_for(tmp_path: Path) -> None:
    """`connect … | head`: the reader leaves, the child gets SIGPIPE as it would without us, and nothing is signed."""
    reading, writing = os.pipe()
    os.close(reading)
    digest = OutputDigest()
    status = run_ssh([sys.executable, "-c", "while True: print('x' * 1000)"], digest, writing)
    os.close(writing)
    assert status != 0
    assert not digest.is_whole


def test_without_openssh_the_built_in_client_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless OpenSSH was asked for by name."""
    assert choose_client(None) == "openssh"
    monkeypatch.setenv("PATH", "/nonexistent")
    assert choose_client(None) == "built-in"
    with pytest.raises(OpenSshMissing):
        choose_client("openssh")


_SUSPENDING = """
import asyncio, sys
from engineer_client.attest import OutputDigest
from engineer_client.openssh import as_foreground_job, run_ssh

async def main():
    with as_foreground_job():
        return await asyncio.to_thread(run_ssh, ["sh", "-c", "kill -STOP $$; echo went on"], OutputDigest(), 1)

sys.exit(asyncio.run(main()))
"""


def test_when_ssh_suspends_itself_so_do_we() -> None:
    """`~^Z`: the shell that waits for us sees us stopped, and when it lets us go on, ssh goes on."""
    process = subprocess.Popen([sys.executable, "-c", _SUSPENDING], stdout=subprocess.PIPE)
    assert process.stdout is not None
    stopped = os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    assert stopped is not None
    process.send_signal(signal.SIGCONT)
    assert process.stdout.read() == b"went on\n"
    assert process.wait() == 0


async def test_ctrl_c_is_for_ssh_to_act_on() -> None:
    """While ssh is in charge, SIGINT neither ends us nor is ignored by the child."""
    with as_foreground_job():
        os.kill(os.getpid(), signal.SIGINT)
        status = await asyncio.to_thread(run_ssh, ["sh", "-c", "kill -INT $$; sleep 60"], OutputDigest(), 1)
    assert status == 128 + signal.SIGINT
