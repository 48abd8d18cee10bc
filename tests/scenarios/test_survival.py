"""What dies, dies without taking the session, the files or the recording along."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.deployment import Broker, Customer, Engineer, Lines, ended, sha256_of
from tests.helpers.network import Wire
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until

FLOOD = "while :; do echo the quick brown fox jumps over the lazy dog, again and again; done"
COPY_BYTES = 24 * 1024 * 1024


def _session(customer: Customer) -> str:
    return customer.receipt.stem.removeprefix("receipt-")


def _shell(engineer: Engineer, alias: str) -> "subprocess.Popen[bytes]":
    return engineer.popen("ssh", *engineer.ssh_options, "-tt", alias, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _type(shell: "subprocess.Popen[bytes]", text: str) -> None:
    assert shell.stdin is not None
    shell.stdin.write(text.encode())
    shell.stdin.flush()


def test_a_killed_broker_costs_nothing_but_time(
    mortal_broker: Broker, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """kill -9 of the broker under a flooding shell and an scp: both go on after its restart, the recording verifies."""
    engineer = Engineer(mortal_broker, tmp_path / "sam", "sam")
    customer = new_customer(mortal_broker)
    alias = engineer.pair(customer.code)
    original = tmp_path / "original"
    original.write_bytes(os.urandom(COPY_BYTES))
    arrived = customer.home / "copy"
    with ended(_shell(engineer, alias)) as shell:
        lines = Lines(shell)
        _type(shell, f"{FLOOD}\n")
        lines.wait_for(b"lazy dog, again and again\r\n")
        with ended(engineer.popen("scp", *engineer.ssh_options, "-q", str(original), f"{alias}:copy")) as copying:
            wait_until(lambda: arrived.exists() and arrived.stat().st_size > COPY_BYTES // 8, "the copy is under way")
            copying.send_signal(signal.SIGSTOP)  # or it could be over by now
            mortal_broker.kill()
            copying.send_signal(signal.SIGCONT)
            customer.heard("recorder-progress")
            acked_before = max(e["acked_bytes"] for e in customer.events if e["event"] == "recorder-progress")
            assert copying.poll() is None
            mortal_broker.start()
            assert copying.wait(PATIENCE_SECONDS) == 0
        assert sha256_of(arrived) == sha256_of(original)
        _type(shell, "\x03")
        _type(shell, "echo after-$((20+3))-the-restart; exit\n")
        lines.wait_for(b"after-23-the-restart")
        assert shell.wait(PATIENCE_SECONDS) == 0
    engineer.consentry("end", alias)
    summary = customer.heard("session-summary")
    assert summary["delivered"]
    session = _session(customer)
    mortal_broker.audit("verify", session)
    assert sum(path.stat().st_size for path in mortal_broker.records.glob(f"{session}*/records.csr")) >= acked_before
    assert "after-23-the-restart" in mortal_broker.audit("export", session, "--format", "asciicast").stdout


def test_what_a_killed_agent_sealed_is_delivered_at_its_next_start(
    mortal_broker: Broker, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """kill -9 of the agent while the broker is away: the next start delivers, QA sees where it ends."""
    engineer = Engineer(mortal_broker, tmp_path / "sam", "sam")
    customer = new_customer(mortal_broker)
    alias = engineer.pair(customer.code)
    with ended(_shell(engineer, alias)) as shell:
        _type(shell, "echo before-$((40+2))-the-end\n")
        Lines(shell).wait_for(b"before-42-the-end")
        (spool,) = (customer.state / "agent" / "spool").glob("*")
        # Twice: what is written first may have been on its way to the disk when that output came.
        for _ in range(2):
            sealed = spool.stat().st_size
            _type(shell, "echo what is sealed next has that in it\n")
            wait_until(lambda before=sealed: spool.stat().st_size > before, "the output is sealed")
        mortal_broker.kill()
        customer.kill()
        shell.kill()
    mortal_broker.start()
    customer.start()
    customer.heard("code-shown")
    wait_until(lambda: not list((customer.state / "agent" / "spool").glob("*")), "the spool is delivered")
    (listed,) = [json.loads(line) for line in mortal_broker.audit("list", "--json").stdout.splitlines()]
    assert listed["state"] in ("arriving", "partial")
    text = mortal_broker.audit("export", listed["session_id"], "--format", "text").stdout
    assert "before-42-the-end" in text
    said = mortal_broker.audit("verify", listed["session_id"], status=1).stdout
    assert "FINAL" in said


@pytest.fixture
def wired(founded: Broker, tmp_path: Path) -> Iterator[tuple[Broker, Wire]]:
    broker = Broker(tmp_path / "organisation", behind_wire=True, like=founded)
    broker.start()
    wire = Wire(broker.port, broker.listen_port)
    yield broker, wire
    broker.stop()
    wire.close()


def test_a_cut_network_needs_no_new_code(
    wired: tuple[Broker, Wire], new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """With the network gone for a while, shell and copy wait and go on; the same session, the same code."""
    broker, wire = wired
    engineer = Engineer(broker, tmp_path / "sam", "sam")
    customer = new_customer(broker)
    alias = engineer.pair(customer.code)
    original = tmp_path / "original"
    original.write_bytes(os.urandom(COPY_BYTES))
    arrived = customer.home / "copy"
    with ended(_shell(engineer, alias)) as shell:
        lines = Lines(shell)
        _type(shell, "echo connected-$((1+1))\n")
        lines.wait_for(b"connected-2")
        with ended(engineer.popen("scp", *engineer.ssh_options, "-q", str(original), f"{alias}:copy")) as copying:
            wait_until(lambda: arrived.exists() and arrived.stat().st_size > COPY_BYTES // 8, "the copy is under way")
            wire.cut()
            customer.heard("connection-state", to="broker", connected=False)
            _type(shell, "echo typed-while-$((3+3))-cut-off\n")
            wire.mend()
            customer.heard("connection-state", to="broker", connected=True)
            lines.wait_for(b"typed-while-6-cut-off")
            assert copying.wait(PATIENCE_SECONDS) == 0
        assert sha256_of(arrived) == sha256_of(original)
    assert len([event for event in customer.events if event["event"] == "code-shown"]) == 1
    engineer.consentry("end", alias)
    broker.audit("verify", _session(customer))


def test_the_same_broker_finds_its_data_again(
    mortal_broker: Broker, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """After a stop and a start, logins, users and sessions are what they were."""
    engineer = Engineer(mortal_broker, tmp_path / "sam", "sam")
    customer = new_customer(mortal_broker)
    alias = engineer.pair(customer.code)
    engineer.consentry("note", alias, "paper jam in tray two")
    mortal_broker.stop()
    mortal_broker.start()
    customer.heard("connection-state", to="broker", connected=True)
    (session,) = json.loads(engineer.consentry("sessions", "--json").stdout)
    assert session["state"] == "live"
    assert engineer.ssh(alias, "echo still here").stdout == "still here\n"
