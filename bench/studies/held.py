"""Load held: many sessions stand for minutes. Is memory flat, do descriptors stay, what does a key take?

Active sessions type a key a second, each echoed by the other end through the relay, and seal a record every two
seconds, which is made durable; idle ones hold their control connection and a spare leg. All of it over TLS.
"""

import argparse
import contextlib
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from bench.core.plots import IMAGES, MARK, OURS, keep, panels
from bench.core.statistics import Slope, slope
from bench.core.watch import Sample, Watch
from bench.deployment.cheap_sessions import figures, log_in
from bench.deployment.people import UNLIMITED
from bench.deployment.session_farm import SessionFarm
from bench.inside.asking import Answer, Inside, changes
from bench.studies.at_broker import ENGINEERS, fresh_broker

SETTLED_AFTER = 0.2
"""Share of the time in which allocators, caches and the database's pages come to rest; the slope is of the rest."""

FLAT_MIB_PER_HOUR_PER_SESSION = 0.02
"""Flat: at this rate, 8 hours cost a session 160 KiB more, as much as it costs at its start."""

ECHO_EVERY_SECONDS = 15.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench held", description=__doc__)
    parser.add_argument("--active", type=int, default=500, help="sessions in which somebody types (500)")
    parser.add_argument("--idle", type=int, default=5000, help="customers who wait (5000)")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long it is held (10)")
    parser.add_argument("--images", type=Path, default=IMAGES, help="where picture and figures go (docs/images)")
    parser.add_argument(
        "--inside", type=int, metavar="FRAMES", help="say which objects came, and with 1 or more which lines made them"
    )
    options = parser.parse_args(arguments)
    command = f"python -m bench held --active {options.active} --idle {options.idle} --minutes {options.minutes:g}"
    console = Console()
    watch, found = hold(options.active, options.idle, options.minutes * 60, frames=options.inside)
    picture = draw(watch, found, command, options.images)
    for name, value in found.items():
        if name == "inside":
            for kind, said in value.items():
                console.print(f"{kind}:", *said, sep="\n  ", highlight=False)
        elif not isinstance(value, list):
            console.print(f"{name}: {value}", highlight=False)
    console.print(f"{picture}", highlight=False)
    return 0 if found["held"] else 1


def hold(active: int, idle: int, seconds: float, *, frames: int | None = None) -> tuple[Watch, dict[str, Any]]:
    """Samples of the broker while the load stands, and what they come to.

    With `frames`, also what its process holds more than after the first window; looking for it takes the broker time.
    """
    answers: list[Answer] = []
    with TemporaryDirectory(prefix="consentry-inside-") as folder, contextlib.ExitStack() as stack:
        inside = None if frames is None else Inside(Path(folder), frames=frames)
        broker = stack.enter_context(fresh_broker(UNLIMITED | (inside.environment if inside else {})))
        token = log_in(broker.port, ENGINEERS[0])
        with Watch(broker.pid) as empty:
            time.sleep(1.0)
        began = time.monotonic()
        with SessionFarm(broker.port, token, active, idle) as farm:
            opened_seconds = time.monotonic() - began
            typed = []
            with Watch(broker.pid, every_seconds=max(0.25, seconds / 600)) as watch:
                while (left := seconds - watch_seconds(watch)) > 0:
                    typed.append(farm.type_for(min(ECHO_EVERY_SECONDS, left)))
                    if inside is not None:
                        answers = [*answers[:1], inside.ask()]
            counted = figures(broker.port)
    found = _found(active, idle, opened_seconds, empty, watch, typed, counted)
    if answers:
        found["inside"] = changes(answers[0], answers[-1])
    return watch, found


def watch_seconds(watch: Watch) -> float:
    return watch.samples[-1].seconds if watch.samples else 0.0


def _found(
    active: int,
    idle: int,
    opened_seconds: float,
    empty: Watch,
    watch: Watch,
    typed: list[dict[str, Any]],
    counted: dict[str, float],
) -> dict[str, Any]:
    sessions = active + idle
    settled = [one for one in watch.samples if one.seconds >= SETTLED_AFTER * watch_seconds(watch)]
    memory = slope([one.seconds / 3600 for one in settled], [one.memory_mib for one in settled])
    descriptors = slope([one.seconds / 3600 for one in settled], [float(one.descriptors) for one in settled])
    per_session_kib = (settled[-1].memory_mib - empty.samples[-1].memory_mib) * 1024 / max(1, sessions)
    lost = sum(one["lost_echoes"] + one["lost_connections"] for one in typed)
    is_flat = memory.low <= FLAT_MIB_PER_HOUR_PER_SESSION * sessions
    return {
        "active": active,
        "idle": idle,
        "seconds": round(watch_seconds(watch)),
        "opened_per_second": round(sessions / opened_seconds, 1),
        "memory_mib": round(settled[-1].memory_mib),
        "memory_kib_per_session": round(per_session_kib, 1),
        "memory_slope_mib_per_hour": _rounded(memory),
        "descriptors": settled[-1].descriptors,
        "descriptors_slope_per_hour": _rounded(descriptors),
        "cpu_share_of_a_core": round(_cpu_share(settled), 3),
        "echoes": sum(one["echoes"] for one in typed),
        "echo_p50_us": round(max(one["p50_us"] for one in typed)),
        "echo_p99_us": round(max(one["p99_us"] for one in typed)),
        "echo_windows": [{key: round(value) for key, value in one.items()} for one in typed],
        "records_acked": round(counted["consentry_records_acked_total"]),
        "lost": lost,
        "held": bool(is_flat and descriptors.low <= 0 <= descriptors.high and not lost),
    }


def _rounded(found: Slope) -> dict[str, float]:
    return {name: round(value, 2) for name, value in asdict(found).items()}


def _cpu_share(samples: list[Sample]) -> float:
    first, last = samples[0], samples[-1]
    return (last.cpu_seconds - first.cpu_seconds) / (last.seconds - first.seconds)


def draw(watch: Watch, found: dict[str, Any], command: str, folder: Path) -> Path:
    figure, (memory, descriptors, echo) = panels(
        1, 3, title=f"{found['active']:,} active and {found['idle']:,} idle sessions, held"
    )
    seconds = [one.seconds for one in watch.samples]
    memory.plot(seconds, [one.memory_mib for one in watch.samples], color=OURS)
    memory.set_ylim(bottom=0)
    slope_said = found["memory_slope_mib_per_hour"]
    memory.set_title(
        f"memory, MiB: {slope_said['value']:+.1f} per hour [{slope_said['low']:.1f}, {slope_said['high']:.1f}]"
    )
    descriptors.plot(seconds, [one.descriptors for one in watch.samples], color=OURS)
    descriptors.set_ylim(bottom=0)
    descriptors.set_title("open descriptors")
    windows = found["echo_windows"]
    at = [ECHO_EVERY_SECONDS * number for number in range(1, len(windows) + 1)]
    echo.plot(at, [one["p50_us"] / 1000 for one in windows], color=OURS, marker=".", label="p50")
    echo.plot(at, [one["p99_us"] / 1000 for one in windows], color=MARK, marker=".", label="p99")
    echo.set_ylim(bottom=0)
    echo.set_title("echo through the relay, ms")
    echo.legend(frameon=False)
    for axes in (memory, descriptors, echo):
        axes.set_xlabel("seconds")
    return keep(figure, found, command=command, name="held", folder=folder)
