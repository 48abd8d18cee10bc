"""Abuse: one attack after the other, each on a fresh broker. Is memory bounded, are others unharmed, is it told?

A few honest sessions type before, during and after; honest customers who have a code are paired with an honest
engineer while the attack is at its height. Two attacks more are an engineer's on a customer's agent.
"""

import argparse
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from rich.console import Console

from bench.core.plots import FAINT, IMAGES, MARK, OURS, keep, panels
from bench.core.watch import Watch
from bench.deployment.cheap_sessions import figures, log_in
from bench.deployment.people import UNLIMITED
from bench.deployment.session_farm import SessionFarm
from bench.studies.abuse_agent import AGENT_TRIALS, attempt_on_agent
from bench.studies.at_broker import ENGINEERS, fresh_broker
from bench.studies.trial import DEAF_SECONDS, DRIFT_MIB, STALLED_SECONDS, Trial

HONEST_TYPISTS = 4
HONEST_WAITING = 4
BEFORE_SECONDS = 4.0
_TO_KIB = 1024.0


_TOLD_AFTER_SECONDS = {"leg_stalled": STALLED_SECONDS, "peer_too_slow": DEAF_SECONDS}

_TLS_KIB = 160.0
"""A connection with its TLS and its event loop's buffers, generously."""

TRIALS = (
    Trial(
        "half_open", "5,000 half-open pairings", 5000, _TLS_KIB / 3 + 8, "a third of a connection and a mailbox",
        ("codes_exhausted",),
    ),
    Trial(
        "claims", "one engineer claims everybody's codes", 200, 2 * _TLS_KIB, "a customer who waits, and a few runs",
        ("engineer_locked", "requests_limited"), 20.0,
        {**UNLIMITED, "CONSENTRY_CLAIMS_PER_MINUTE": "120", "CONSENTRY_CLAIMS_PER_MINUTE_PER_ENGINEER": "30"},
    ),
    Trial(
        "slow_readers", "200 peers that do not read", 200, 3 * _TLS_KIB + 700,
        "a queue of 256 messages, or 64 KiB to write and one read of 120 KiB, twice", ("leg_stalled",), STALLED_SECONDS,
    ),
    Trial(
        "giant_frames", "100 peers with frames of a tebibyte", 100, 3 * _TLS_KIB + 600, "300 KiB of a frame and a read",
        ("frame_too_large",),
    ),
    Trial(
        "never_acks", "50 recorders that read no acknowledgement", 50, 2 * _TLS_KIB + 4 * 1024 + 700,
        "4 MiB that wait for the disk, and a queue of 256 messages", ("peer_too_slow",), DEAF_SECONDS,
    ),
    Trial(
        "flooding_engineer", "20 engineers who flood", 20, 3 * _TLS_KIB + 600, "64 KiB to write and a read, twice", ()
    ),
)  # fmt: skip


def main(arguments: list[str]) -> int:
    names = [trial.name for trial in (*TRIALS, *AGENT_TRIALS)]
    parser = argparse.ArgumentParser(prog="python -m bench abuse", description=__doc__)
    parser.add_argument("--only", choices=names, nargs="+", default=names, metavar="ATTACK", help=", ".join(names))
    parser.add_argument("--share", type=float, default=1.0, help="of the crowd and of the time (1.0)")
    parser.add_argument("--images", type=Path, default=IMAGES, help="where picture and figures go (docs/images)")
    options = parser.parse_args(arguments)
    console = Console()
    done = []
    for trial in (*TRIALS, *AGENT_TRIALS):
        if trial.name in options.only:
            smaller = trial.scaled(options.share)
            done.append((trial, *(attempt_on_agent if trial in AGENT_TRIALS else attempt)(smaller)))
            facts = done[-1][2]
            verdict = "bounded" if facts["bounded"] and facts["unharmed"] and facts["alerted"] else "NOT as promised"
            console.print(f"{trial.name}: {verdict} {json.dumps(facts)}", highlight=False, soft_wrap=True)
    command = "python -m bench abuse" + (f" --share {options.share:g}" if options.share != 1 else "")
    console.print(f"{_draw(done, command, options.images)}", highlight=False)
    return 0 if all(f["bounded"] and f["unharmed"] and f["alerted"] for _, _, f in done) else 1


def attempt(trial: Trial) -> tuple[Watch, dict[str, Any]]:
    """The broker's memory before, during and after, and what the attack came to."""
    codes = min(5000, trial.count) if trial.name == "half_open" else 5000
    with fresh_broker({**trial.settings, "CONSENTRY_MAX_OPEN_CODES": str(codes)}, engineers=ENGINEERS) as broker:
        attacker_token, honest_token = (log_in(broker.port, user) for user in ENGINEERS)
        with (
            SessionFarm(broker.port, honest_token, HONEST_TYPISTS, HONEST_WAITING) as honest,
            Watch(broker.pid) as watch,
        ):
            before = honest.type_for(BEFORE_SECONDS)
            watch.mark("attack")
            with _Attack(trial, broker.port, attacker_token) as attack:
                typed = []
                while not attack.is_full:
                    typed.append(honest.type_for(1.0))
                watch.mark("full")
                typed.append(honest.type_for(trial.hold_seconds / 2))
                paired_seconds = honest.seconds_to_pair()
                typed.append(honest.type_for(trial.hold_seconds / 2))
                answered = attack.stop()
            watch.mark("over")
            after = honest.type_for(BEFORE_SECONDS)
        counted = figures(broker.port)
    return watch, _facts(trial, watch, before, typed, after, paired_seconds, answered, counted)


class _Attack:
    """The attackers' process."""

    def __init__(self, trial: Trial, port: int, token: str) -> None:
        words = [sys.executable, "-m", "bench.deployment.attackers", trial.name, str(port), token, str(trial.count)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._full = threading.Event()
        threading.Thread(target=self._wait_until_full, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def is_full(self) -> bool:
        """Raises EOFError if it ended instead."""
        if self._process.poll() is not None:
            raise EOFError("the attackers ended before their attack was at its height")
        return self._full.is_set()

    def stop(self) -> dict[str, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print("over", file=self._process.stdin, flush=True)
        return dict(json.loads(self._process.stdout.readline()))

    def _wait_until_full(self) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline() == "full\n":
            self._full.set()


def _facts(
    trial: Trial,
    watch: Watch,
    before: dict[str, Any],
    typed: Sequence[dict[str, Any]],
    after: dict[str, Any],
    paired_seconds: float | None,
    answered: dict[str, int],
    counted: dict[str, float],
) -> dict[str, Any]:
    attack, full, over = (at for at, _ in watch.marks)
    calm = max(one.memory_mib for one in watch.samples if one.seconds <= attack)
    held = [one.memory_mib for one in watch.samples if full <= one.seconds <= over]
    half = len(held) // 2
    cap_mib = trial.count * trial.cap_kib / _TO_KIB + DRIFT_MIB
    alerts = {
        name.partition('"')[2].partition('"')[0]: round(value)
        for name, value in counted.items()
        if name.startswith("consentry_alerts_total") and value
    }
    lost = sum(one["lost_echoes"] + one["lost_connections"] for one in (before, *typed, after))
    # What is told of after a minute, a smaller trial does not hold for so long.
    expected = [kind for kind in trial.alerts if trial.hold_seconds >= _TOLD_AFTER_SECONDS.get(kind, 0.0)]
    return {
        "count": trial.count,
        "calm_mib": round(calm, 1),
        "highest_mib": round(watch.highest_mib, 1),
        "cap_mib": round(calm + cap_mib, 1),
        "cap_because": trial.why,
        "after_mib": round(watch.samples[-1].memory_mib, 1),
        "drift_while_held_mib": round(max(held[half:]) - max(held[: half or 1]), 1),
        "before_ms": round(before["p99_us"] / 1000, 1),
        "during_ms": round(max(one["p99_us"] for one in typed) / 1000, 1),
        "paired_in_seconds": paired_seconds and round(paired_seconds, 2),
        "lost_by_others": lost,
        "answered": answered,
        "alerts": alerts,
        "bounded": bool(watch.highest_mib <= calm + cap_mib and max(held[half:]) - max(held[: half or 1]) <= DRIFT_MIB),
        "unharmed": bool(not lost and paired_seconds is not None),
        "alerted": all(alerts.get(kind) for kind in expected),
    }


def _draw(done: Sequence[tuple[Trial, Watch, dict[str, Any]]], command: str, folder: Path) -> Path:
    columns = min(3, len(done))
    figure, axes = panels(
        -(-len(done) // columns),
        columns,
        title="Memory under attack, MiB: the broker's, and a customer's agent's; the broken line is the bound",
    )
    for one in axes[len(done) :]:
        one.set_visible(False)
    for one, (trial, watch, facts) in zip(axes, done, strict=False):
        one.plot([s.seconds for s in watch.samples], [s.memory_mib for s in watch.samples], color=OURS)
        one.axhline(facts["cap_mib"], color=MARK, linestyle="--", linewidth=1)
        for at, what in watch.marks:
            one.axvline(at, color=FAINT, linewidth=0.8)
            one.annotate(what, (at, 0), fontsize=7, color=FAINT, rotation=90, va="bottom", ha="right")
        one.set_ylim(bottom=0)
        one.set_title(trial.title)
        others = facts.get("others", "others' echo, p99")
        before, during = facts["before_ms"], facts["during_ms"]
        one.set_xlabel(f"seconds      {others}: {before:g} ms before, {during:g} ms during", fontsize=8)
    return keep(
        figure,
        {"trials": {trial.name: facts for trial, _, facts in done}},
        command=command,
        name="abuse",
        folder=folder,
    )
