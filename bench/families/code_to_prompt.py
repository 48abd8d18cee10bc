"""From the code to the prompt: `consentry connect CODE` on a terminal until the far shell says something.

Without the human: what the customer takes to decide, including the pause that the agent itself imposes before Allow on
powerful scopes, is taken out. In parts:

    to the question   start of the command, certificate, code, key exchange, the request on the customer's screen
    to the prompt     the answer, the recording's first record durable, the grant, `ssh`, the shell's prompt
"""

import os
import subprocess
import threading
import time
from typing import Any

from bench.core.results import Goal, Result
from bench.core.workbench import Workbench
from tests.helpers.deployment import CONSENTRY, Customer


class TimedCustomer(Customer):
    """Notes when the question came and when it was answered."""

    asked_at = 0.0
    answered_at = 0.0

    def say(self, command: str, **fields: Any) -> None:
        if command == "answer":
            self.answered_at = time.perf_counter()
        super().say(command, **fields)

    def note(self, question: dict[str, Any]) -> dict[str, Any]:
        del question
        self.asked_at = time.perf_counter()
        return {"allow": True}


def measure(bench: Workbench) -> list[Result]:
    parts: list[tuple[float, float]] = []
    for number in range(bench.rounds):
        parts.append(_once(bench, number))
        bench.round_done(number + 1)
    to_question, to_prompt = zip(*parts, strict=True)
    whole = [sum(part) for part in parts]
    return [
        Result.alone("code entered to prompt", "s", whole, Goal("<=", 0.8)),
        Result.alone("  of it, to the customer's question", "s", to_question),
        Result.alone("  of it, from the answer to the prompt", "s", to_prompt),
    ]


def _once(bench: Workbench, number: int) -> tuple[float, float]:
    """Seconds to the question, and from the answer to the prompt."""
    customer = TimedCustomer(bench.ours.broker, bench.folder / f"timed-customer-{number}")
    customer.decide = customer.note
    code = customer.code
    time.sleep(0.5)  # a customer who reads a code to somebody is done starting
    near, far = os.openpty()
    began = time.perf_counter()
    engineer = subprocess.Popen(
        [
            *CONSENTRY, "connect", code, "--reason", "a measurement", "--ticket", "8841", "--alias", f"timed-{number}",
            "--no-ssh-config", "--scope", "shell", *(["--scope", "root"] if os.geteuid() == 0 else []),
        ],
        env=bench.ours.engineer.environment,
        stdin=far,
        stdout=subprocess.PIPE,
        stderr=far,
        start_new_session=True,
    )  # fmt: skip
    threading.Thread(target=_drain, args=(near,), daemon=True).start()
    try:
        assert engineer.stdout is not None
        if not os.read(engineer.stdout.fileno(), 4096):
            raise EOFError("consentry connect ended without a prompt")
        prompted_at = time.perf_counter()
    finally:
        engineer.kill()
        engineer.wait()
        os.close(far)
        customer.kill()
    return customer.asked_at - began, prompted_at - customer.answered_at


def _drain(terminal: int) -> None:
    """Nobody reads what is said beside the shell, but it must not fill the terminal."""
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        os.close(terminal)
