"""Every system call of the append paths fails once: the stories of tests/faults, all of them instead of a sample."""

import os
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from rich.console import Console

from soak.report import Bar
from tests.faults.stories import Story, told
from tests.faults.strace import Fault, faults_for

AT_ONCE = (os.cpu_count() or 1) + 1
"""Runs beside each other: a part of each is waiting, for a refusal that may still end the broker."""


def play_every_fault(folder: Path, console: Console) -> tuple[dict[str, int], list[str]]:
    """How many faults of each kind came to pass, and what was violated."""
    hits: Counter[str] = Counter()
    broken: list[str] = []
    with told(folder) as stories:
        for story in stories:
            began = time.monotonic()
            hits_here, broken_here = _play_all(story, console)
            _say(
                console, f"{hits_here.total()} failed, {len(broken_here)} violations, {time.monotonic() - began:.0f} s"
            )
            hits += hits_here
            broken += broken_here
    return dict(hits), broken


def _play_all(story: Story, console: Console) -> tuple[Counter[str], list[str]]:
    hits: Counter[str] = Counter()
    broken: list[str] = []
    # One more than were counted, of each: the last ones must find no call any more.
    faults = faults_for(story.count_calls(), beyond=1)
    _say(console, f"{story.name}: {len(faults)} ways for a system call to fail, one in each run")
    with Bar(console, story.name, len(faults)) as bar, ThreadPoolExecutor(AT_ONCE) as pool:
        for number, (fault, hit, problem) in enumerate(pool.map(partial(_play, story), faults), 1):
            if hit:
                hits[f"{story.name}: {fault.system_call} {fault.name}"] += 1
            if problem:
                broken.append(f"{story.name}: {problem}")
            bar.show(number, f"{hits.total()} failed calls, {len(broken)} violations")
    return hits, broken


def _say(console: Console, sentence: str) -> None:
    """Seen without a terminal, too, where there is no bar."""
    console.print(sentence, highlight=False, soft_wrap=True)


def _play(story: Story, fault: Fault) -> tuple[Fault, bool, str]:
    try:
        return fault, story.play(fault), ""
    except AssertionError as broken:
        return fault, True, f"{fault}: {broken}"
    except Exception:  # noqa: BLE001 - whatever it is, it is reported, and the others are played
        return fault, True, f"{fault}: {traceback.format_exc()}"
