"""What a hostile engineer, let in by the customer, can cost a real `consentry share`.

One who reads nothing is no alert of the agent's: SSH's own windows stop them, and the relay tells of their leg.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from bench.core.watch import Watch
from bench.deployment.people import Deployment
from bench.studies.trial import DRIFT_MIB, Trial
from protocol.send_buffer import SEND_BUFFER_BYTES
from tunnel.agent_legs import SPARE_PING_SECONDS
from tunnel.unanswered import UNANSWERED_SECONDS

LOGINS = 3
_MIB = 1024 * 1024
_WINDOWS_KIB = 2 * 16 * 1024.0
"""SSH's, of 16 MiB, as sent and as handed on."""

AGENT_TRIALS = (
    Trial(
        "agent_flooded", "the agent: input without end, which nobody reads", 1, _WINDOWS_KIB + 8 * 1024,
        "two windows of SSH and what waits in the stream", (), 20.0,
    ),
    Trial(
        "agent_never_acked", "the agent: an engineer who acknowledges nothing", 1,
        SEND_BUFFER_BYTES / 1024 + _WINDOWS_KIB, "8 MiB of the stream, and what SSH has beside it",
        ("stream_not_acknowledged",), UNANSWERED_SECONDS + 2 * SPARE_PING_SECONDS,
    ),
)  # fmt: skip


def attempt_on_agent(trial: Trial) -> tuple[Watch, dict[str, Any]]:
    """The agent's memory before, during and after; others are other commands of the same session."""
    with tempfile.TemporaryDirectory(prefix="consentry-study-") as folder, Deployment(Path(folder)) as ours:
        machine = ours.machine
        with Watch(ours.customer.process.pid) as watch:
            before = _login_ms(ours)
            watch.mark("attack")
            words = (
                machine.ssh("sleep 3600")
                if trial.name == "agent_flooded"
                else [sys.executable, "-m", "bench.deployment.never_acks", str(ours.session_file(ours.alias))]
            )
            zeros = Path("/dev/zero").open("rb")  # noqa: SIM115 - the process below has it for as long as it lives
            attacker = subprocess.Popen(
                words, env=machine.environment, stdin=zeros, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            zeros.close()
            try:
                _wait(2.0)
                watch.mark("full")
                during = _login_ms(ours)
                _wait(trial.hold_seconds)
                lives = attacker.poll() is None
            finally:
                attacker.kill()
                attacker.wait()
            watch.mark("over")
            after = _login_ms(ours)
        alerts = _alerts_in(ours.customer.state / "agent" / "agent.log")
    return watch, _facts(trial, watch, before, during, after, alerts, lives=lives)


def _alerts_in(log: Path) -> dict[str, int]:
    """By name: how many lines of it there are. The agent has a log, and no counters."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return Counter(str(line["event"]) for line in lines if line.get("alert"))


def _facts(
    trial: Trial, watch: Watch, before: float, during: float, after: float, alerts: dict[str, int], *, lives: bool
) -> dict[str, Any]:
    attack, full, over = (at for at, _ in watch.marks)
    calm = max(one.memory_mib for one in watch.samples if one.seconds <= attack)
    held = [one.memory_mib for one in watch.samples if full <= one.seconds <= over]
    half = len(held) // 2
    cap_mib = calm + trial.cap_kib / 1024 + DRIFT_MIB
    return {
        "count": trial.count,
        "calm_mib": round(calm, 1),
        "highest_mib": round(watch.highest_mib, 1),
        "cap_mib": round(cap_mib, 1),
        "cap_because": trial.why,
        "after_mib": round(watch.samples[-1].memory_mib, 1),
        "drift_while_held_mib": round(max(held[half:]) - max(held[: half or 1]), 1),
        "others": "other commands, median",
        "before_ms": round(before),
        "during_ms": round(during),
        "after_ms": round(after),
        "alerts": dict(alerts),
        "bounded": bool(lives and watch.highest_mib <= cap_mib),
        "unharmed": True,  # or the commands would have failed
        "alerted": set(trial.alerts) <= set(alerts) or trial.hold_seconds < UNANSWERED_SECONDS,
    }


def _login_ms(ours: Deployment) -> float:
    return 1000 * statistics.median(ours.machine.run(ours.machine.ssh("true")) for _ in range(LOGINS))


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)
