"""Criterion 9 with real programs: clocks off by a day, a disk that is full, codes as people type them, file names.

Each gets one clear sentence, and harms nothing.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.deployment import ALL_SCOPES, PASSWORD, REASON, Broker, Customer, Engineer, run
from tests.helpers.network import Wire
from tests.helpers.waiting import wait_until

SHIFTED = str(Path(__file__).parent / "shifted.py")
DAY_SECONDS = 86_400


@pytest.fixture(scope="module", autouse=True)
def _wire(real_broker: Broker) -> Iterator[None]:
    """Nobody is in between here."""
    wire = Wire(real_broker.port, real_broker.listen_port)
    yield
    wire.close()


@pytest.fixture(scope="module")
def engineer(real_broker: Broker, log_in: Callable[[Broker, str], Engineer]) -> Engineer:
    return log_in(real_broker, "sam")


def shifted(*, seconds: int = 0, file_bytes: int = 0) -> tuple[str, ...]:
    """The program on a machine with another clock or a small disk."""
    return (sys.executable, SHIFTED, str(seconds), str(file_bytes))


def connect(engineer: Engineer, code: str, *, seconds: int = 0) -> str:
    """What the engineer's program says when nothing comes of it."""
    scopes = [word for scope in ALL_SCOPES for word in ("--scope", scope)]
    done = run(
        *shifted(seconds=seconds), "connect", code, "--reason", REASON, "--ticket", "1", *scopes,
        "--no-shell", "--no-ssh-config", environment=engineer.environment, status=1,
    )  # fmt: skip
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("seconds", [DAY_SECONDS, -DAY_SECONDS])
def test_a_customers_clock_off_by_a_day(
    real_broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer], seconds: int
) -> None:
    """The customer is told which clock says what, the engineer that their certificate was not accepted."""
    customer = new_customer(real_broker, program=shifted(seconds=seconds))
    said = connect(engineer, customer.code)
    assert said.startswith("The customer's program does not accept your certificate.")
    sentence = customer.heard("failed")["sentence"]
    assert sentence.startswith("The engineer's certificate is valid from ")
    assert sentence.endswith("if not, set this machine's clock.")
    assert not [event for event in customer.events if event["event"] == "consent-question"]


def test_an_engineers_clock_a_day_behind(
    real_broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """Noticed at the engineer's own machine, before the code is spent."""
    customer = new_customer(real_broker)
    said = connect(engineer, customer.code, seconds=-DAY_SECONDS)
    assert "they are 1440 minutes apart" in said
    assert "If this computer's is wrong, set it and try again" in said
    engineer.consentry("end", engineer.pair(customer.code))


def test_an_engineers_clock_a_day_ahead(real_broker: Broker, engineer: Engineer) -> None:
    """Every login would have expired at once, so logging in says what is wrong instead of asking to log in again. It is
    kept for when the clock is set: the broker has put it in the place of the one before."""
    done = run(
        *shifted(seconds=DAY_SECONDS), "login", real_broker.address, "--user", "sam", "--password-stdin",
        environment=engineer.environment, input=f"{PASSWORD}\n", status=1,
    )  # fmt: skip
    assert "this computer's clock says" in done.stderr
    assert "If this computer's is wrong, set it" in done.stderr
    engineer.consentry("queue")


def test_a_full_disk_at_the_customers_lets_nobody_in(
    real_broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """Without a spool there is no session: both are told, nothing was run."""
    customer = new_customer(real_broker, program=shifted(file_bytes=3000))
    said = connect(engineer, customer.code)
    assert said.startswith("The session is over: it could not be recorded any longer.")
    assert customer.heard("failed")["sentence"].endswith("Free some disk space and share again.")


def test_a_disk_that_fills_up_ends_the_session(
    real_broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """A file that does not fit fails and is recorded so; when the recording does not fit, nothing goes on."""
    customer = new_customer(real_broker, program=shifted(file_bytes=100_000))
    alias = engineer.pair(customer.code)
    big = tmp_path / "big"
    big.write_bytes(os.urandom(200_000))
    put = run(
        "sftp", *engineer.ssh_options, "-b", "-", alias,
        environment=engineer.environment, input=f"put {big} big\n", status=1,
    )  # fmt: skip
    assert "Failure" in put.stderr
    assert engineer.ssh(alias, "echo unharmed").stdout == "unharmed\n"
    session = max(real_broker.records.glob("*/records.csr"), key=lambda path: path.stat().st_mtime_ns).parent.name
    wait_until(lambda: "big" in real_broker.audit("files", session).stdout, "the failed file is on the broker's disk")
    engineer.ssh(alias, "head -c 20000000 /dev/urandom | base64", status=255)
    assert customer.heard("failed")["sentence"].endswith("Free some disk space and share again.")
    assert customer.heard("session-summary")["reason"] == "recorder-failed"
    assert "FINAL" in real_broker.audit("verify", session, status=1).stdout
    assert "failed        100000" in real_broker.audit("files", session).stdout


HOSTILE_NAMES = (
    b"new\nline",
    b"\x1b]0;title\x07\x1b[31mred",
    "\N{RIGHT-TO-LEFT OVERRIDE}cod.exe".encode(),
    b"\xff\xfe\x80 not text",
    b"-rf",
    b"$(reboot) `id` ; echo",
    b"x" * 255,
    "打印机 ｆｕｌｌ".encode(),
)


def test_hostile_file_names_and_a_code_in_full_width(
    real_broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer]
) -> None:
    """A code typed with a Chinese keyboard works; names of any bytes arrive as they are, and act on no terminal."""
    customer = new_customer(real_broker)
    wide = customer.code.translate({ord(c): ord(c) - 0x20 + 0xFF00 for c in "0123456789-"})
    alias = engineer.pair(wide)
    for name in HOSTILE_NAMES:
        (customer.home / os.fsdecode(name)).write_bytes(name)
    back = engineer.folder / "back"
    run("scp", *engineer.ssh_options, "-q", "-r", f"{alias}:.", back, environment=engineer.environment)
    for name in HOSTILE_NAMES:
        assert (back / os.fsdecode(name)).read_bytes() == name
    too_long = "y" * 256
    said = run(
        "sftp", *engineer.ssh_options, "-b", "-", alias,
        environment=engineer.environment, input=f"get {too_long}\nput /etc/hostname ../escaped\n", status=1,
    )  # fmt: skip
    assert said.stderr
    engineer.consentry("end", alias)
    summary = customer.heard("session-summary")
    assert summary["delivered"]
    session = customer.receipt.stem.removeprefix("receipt-")
    real_broker.audit("verify", session)
    for view in (("files", session), ("show", session), ("export", session, "--format", "text")):
        shown = real_broker.audit(*view).stdout
        assert not {"\x1b", "\x07", "\u202e", "\x00"} & set(shown), view
    assert "new\nline" not in real_broker.audit("files", session).stdout
    assert not (customer.home.parent / "escaped").exists()
