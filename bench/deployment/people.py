"""A whole deployment of ours: broker, customer and engineer, as `tests/helpers/deployment.py` starts them."""

import shlex
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.helpers.deployment import CONSENTRY, Broker, Customer, Engineer
from tests.helpers.ports import free_port

RUN_SECONDS = 300.0
"""After this long a client is not slow but stuck."""

UNLIMITED = {
    "CONSENTRY_MAX_SESSIONS": "100000",
    "CONSENTRY_MAX_SESSIONS_PER_ENGINEER": "1000",
    "CONSENTRY_OPENINGS_PER_MINUTE": "1000000",
    "CONSENTRY_OPENINGS_PER_MINUTE_PER_ADDRESS": "1000000",
    "CONSENTRY_CLAIMS_PER_MINUTE": "1000000",
    "CONSENTRY_SSH_GATEWAY_PER_MINUTE_PER_ADDRESS": "1000000",
    "CONSENTRY_CLAIMS_PER_MINUTE_PER_ENGINEER": "1000000",
}
"""Limits that protect a broker from many people at once: here all of them are one machine."""

UNRECORDED_AGENT = (CONSENTRY[0], "-m", "bench.deployment.unrecorded")


class Deployment:
    """A broker, one customer who said yes to everything, and one engineer who is paired with them as `alias`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.customers: list[Customer] = []

    def __enter__(self) -> Self:
        try:
            return self._start()
        except BaseException:
            self.__exit__()
            raise

    def _start(self) -> Self:
        self.broker = Broker(self._folder / "organisation")
        self.broker.add_user("sam", name="Sam Example", staff_number="S-17")
        self.broker.environment = UNLIMITED | {"CONSENTRY_SSH_GATEWAY_PORT": str(free_port())}
        self.broker.start()
        self.engineer = Engineer(self.broker, self._folder / "engineer", "sam")
        self.customer = self.new_customer()
        self.alias = self.engineer.pair(self.customer.code)
        return self

    def __exit__(self, *_: object) -> None:
        for customer in self.customers:
            customer.kill()
        self.broker.stop()

    def new_customer(self, **options: Any) -> Customer:
        customer = Customer(self.broker, self._folder / f"customer-{len(self.customers)}", **options)
        self.customers.append(customer)
        return customer

    def dismiss(self, customer: Customer) -> None:
        """Ends a further customer's session, so that it does not weigh on what comes next."""
        self.customers.remove(customer)
        customer.stop()

    @property
    def program(self) -> str:
        """How a shell starts `consentry`."""
        return shlex.join(CONSENTRY)

    @property
    def machine(self) -> "Machine":
        return self.reached_as(self.alias)

    def reached_as(self, alias: str) -> "Machine":
        return Machine(("ssh", *self.engineer.ssh_options), alias, self.engineer.environment)

    @property
    def pids(self) -> tuple[int, int]:
        """Broker and agent: whose CPU time is counted."""
        return self.broker.pid, self.customer.process.pid

    def session_file(self, alias: str) -> Path:
        return self.engineer.folder / "state" / "sessions" / alias / "session.json"


@dataclass(frozen=True)
class Machine:
    """How to reach one with stock clients: ssh and its options, the machine's name, and the environment."""

    client: Sequence[str]
    host: str
    environment: dict[str, str] | None = None

    def ssh(self, *command: str, options: Sequence[str] = ()) -> list[str]:
        return [*self.client, *options, self.host, *command]

    def sftp(self, batch: Path) -> list[str]:
        return ["sftp", "-q", "-b", str(batch), *self.client[1:], self.host]

    def run(self, words: Sequence[str]) -> float:
        """Runs a client to its end, its output thrown away; how many seconds it took. Raises CalledProcessError."""
        began = time.perf_counter()
        subprocess.run(words, env=self.environment, stdout=subprocess.DEVNULL, check=True, timeout=RUN_SECONDS)
        return time.perf_counter() - began
