"""Criterion 4 with real programs: a broker that swaps, repeats, drops or invents never makes a session.

`consentry share` and `consentry connect` meet a man in the middle who has the broker's own certificate and may write
into every message. Whatever it does, the engineer's program ends with a sentence, the customer's says how the code
ended, nobody is asked for consent, and nothing is granted.
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.helpers.deployment import AS_ROOT, CONSENTRY, Broker, Customer, Engineer, plain_environment
from tests.helpers.relay_house import make_certificate
from tests.helpers.waiting import PATIENCE_SECONDS
from tests.hostile.liar import Direction, Liar, honest, untouched
from tests.hostile.lies import LIES


@dataclass
class Stage:
    """An engineer, a customer whose code is open, and the liar between them."""

    broker: Broker
    liar: Liar
    engineers: list[Engineer]
    new_customer: Callable[[], Customer]
    customer: Customer | None = None
    tried: int = 0
    lies: int = 0

    @property
    def engineer(self) -> Engineer:
        """They take turns: whoever burns five codes is locked out for a quarter of an hour, as the broker's rule is."""
        return self.engineers[self.lies % len(self.engineers)]

    def ready(self) -> Customer:
        """The customer who waits with a code; a new one where the last has given up after three burnt codes."""
        self.liar.lie, self.liar.tamper = honest, untouched
        if self.customer is None or self.tried % 3 == 0:
            if self.customer is not None:
                self.customer.stop()
            self.customer, self.tried = self.new_customer(), 0
        self.customer.heard("code-shown", count=self.tried + 1)
        return self.customer

    def connect(self, code: str, *, status: int = 1) -> str:
        """What the engineer's program says when nothing comes of it."""
        done = self.engineer.consentry(
            "connect", code, "--reason", "x", "--ticket", "1", "--scope", "shell",
            "--no-shell", "--no-ssh-config", status=status,
        )  # fmt: skip
        return done.stderr

    def nothing_came_of_it(self, customer: Customer, outcomes: set[str]) -> None:
        self.tried += 1
        self.lies += 1
        ended = customer.heard("code-ended", count=self.tried)
        assert ended["outcome"] in outcomes
        assert not [event for event in customer.events if event["event"] in ("consent-question", "participant-joined")]
        assert not list((self.engineer.folder / "state" / "sessions").glob("*"))
        assert not list(self.broker.records.glob("*/records.csr"))


@pytest.fixture(scope="module")
def stage(
    real_broker: Broker, log_in: Callable[[Broker, str], Engineer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with Liar(real_broker.port, real_broker.listen_port, real_broker.certificate) as liar:
        stage = Stage(
            real_broker,
            liar,
            [log_in(real_broker, "sam"), log_in(real_broker, "kim")],
            lambda: Customer(real_broker, tmp_path_factory.mktemp("customer")),
        )
        yield stage
        if stage.customer is not None:
            liar.lie = honest
            stage.customer.stop()


IN_REAL_LIFE = (
    "swaps the host keys",
    "swaps the engineer's share",
    "swaps the engineer's certificate",
    "swaps the session for the engineer",
    "swaps the session for the customer",
    "swaps the engineer's nonce",
    "swaps the nameplate for the engineer",
    "repeats the engineer's opening",
    "admits before the proof",
)
"""One of each kind; test_lies.py tries all of them on the same code without the processes."""


@pytest.mark.parametrize("what", IN_REAL_LIFE)
def test_no_session_comes_of_it(stage: Stage, what: str) -> None:
    """Either end ends with its own sentence; the code is used up, and the customer gets a new one or is warned."""
    lie, sentences, outcomes = LIES[what]
    customer = stage.ready()
    stage.liar.lie = lie()
    said = stage.connect(customer.code)
    assert any(sentence in said for sentence in sentences), said
    stage.nothing_came_of_it(customer, outcomes)


def test_what_the_relay_changes_is_not_believed(stage: Stage) -> None:
    """A flipped byte in what the relay carries, after an honest pairing: no consent is asked for in those words."""
    customer = stage.ready()
    changed: list[str] = []

    def flip(path: str, direction: Direction, payload: bytes) -> bytes:
        if path == "/relay/engineer" and direction == "up" and len(payload) > 200:
            changed.append(path)
            return payload[:-1] + bytes([payload[-1] ^ 1])
        return payload

    stage.liar.tamper = flip
    said = stage.connect(customer.code)
    assert changed
    assert "the connection was lost" in said
    assert customer.heard("code-ended", count=stage.tried + 1)["outcome"] == "paired"
    assert not [event for event in customer.events if event["event"] == "consent-question"]
    customer.stop()
    stage.customer = None


def test_a_relay_that_changes_bytes_of_a_session_ends_the_connection(stage: Stage) -> None:
    """In a session that was granted, a changed byte is noticed by SSH: no byte of it is shown, the next one works."""
    customer = stage.ready()
    alias = stage.engineer.pair(customer.code)
    assert stage.engineer.ssh(alias, "echo true").stdout == "true\n"

    def flip(path: str, direction: Direction, payload: bytes) -> bytes:
        if path != "/relay/engineer" or direction != "down" or len(payload) < 2000:
            return payload
        # In the middle: an acknowledgement may ride at the end, where a byte changed may be no worse than one unsaid.
        middle = len(payload) // 2
        return payload[:middle] + bytes([payload[middle] ^ 1]) + payload[middle + 1 :]

    stage.liar.tamper = flip
    done = stage.engineer.ssh(alias, "head -c 100000 /dev/zero | tr '\\0' x", status=255)
    assert set(done.stdout) <= {"x"}
    assert len(done.stdout) < 100_000
    assert done.stderr
    stage.liar.tamper = untouched
    assert stage.engineer.ssh(alias, "echo still true").stdout == "still true\n"
    stage.engineer.consentry("end", alias)
    customer.wait()
    stage.broker.audit("verify", customer.receipt.stem.removeprefix("receipt-"))
    stage.customer = None


def test_somebody_with_another_certificate_is_not_spoken_to(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Who ends TLS with a certificate of their own gets no hello from either end, and both say so."""
    customer = stage.ready()
    folder = tmp_path_factory.mktemp("impostor")
    certificate, key, _ = make_certificate(folder)
    port = stage.broker.port
    stage.liar.leave()
    try:
        with Liar(port, stage.broker.listen_port, (certificate, key)) as impostor:
            said = stage.connect(customer.code)
            assert "certificate" in said
            assert not impostor.seen
            newcomer = subprocess.run(
                [*CONSENTRY, "share", stage.broker.address, "--json", *(["--as-root"] if AS_ROOT else [])],
                env=plain_environment(CONSENTRY_HOME=str(folder), HOME=str(folder)),
                stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_SECONDS, check=False,
            )  # fmt: skip
            assert newcomer.returncode != 0
            assert b"certificate" in newcomer.stdout + newcomer.stderr
            assert not impostor.seen
    finally:
        customer.kill()
        stage.customer = None
