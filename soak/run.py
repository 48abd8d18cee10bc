"""One soak from the first process to the last look for what was left behind."""

import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from soak.books import Books
from soak.dice import load_dice
from soak.house import House
from soak.leftovers import SPARE_DESCRIPTORS, check_files, check_processes, descriptors, grown
from soak.post import Post
from soak.report import Bar, said_of
from soak.striker import Striker
from soak.tally import Tally
from tests.helpers.waiting import wait_until


@dataclass(frozen=True)
class Budget:
    """Strikes end with the first of the two."""

    seconds: float
    kills: int
    posts: int
    end_seconds: float
    """After the last strike, for everybody to finish what they are doing. It is a violation to take longer."""


def soak(folder: Path, seed: int, budget: Budget, console: Console) -> Tally:
    """Everything below `folder`, whose `soak.jsonl` tells what happened when."""
    tally = Tally(folder / "soak.jsonl")
    house = House(folder, tally)
    try:
        books = Books(house.broker, tally)
        posts = [Post(house, books, number, load_dice(seed, number)) for number in range(1, budget.posts + 1)]
        before = descriptors(house.broker.pid)  # engineers have logged in: it is wholly there
        threads = [
            threading.Thread(target=_guarded, args=(post.run, tally), name=f"post {post.number}") for post in posts
        ]
        for thread in threads:
            thread.start()
        # A slow machine might else lose everybody before there is anything to be lost.
        wait_until(lambda: all(post.recording is not None for post in posts), "everybody works")
        began = time.monotonic()
        with Bar(console, "soak", budget.seconds) as bar:
            striker = Striker(house, posts, seed)
            striker.strike_until(
                budget.seconds, budget.kills, lambda: bar.show(time.monotonic() - began, said_of(tally))
            )
        house.settle()
        house.stopping.set()
        _join(dict(zip(threads, posts, strict=True)), house, budget.end_seconds)
        for post in posts:
            post.settle()
        books.verify_the_rest()
        _check_descriptors(house, before, tally)
    finally:
        house.stopping.set()
        house.close()
    check_processes(tally)
    check_files(folder, tally)
    tally.close()
    return tally


def _join(threads: dict[threading.Thread, Post], house: House, seconds: float) -> None:
    """Returns when all have ended. Who takes too long is named, with what it waits for, and loses its agent."""
    deadline = time.monotonic() + seconds
    for thread, post in threads.items():
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            waited_for = ", ".join(client.name for client in house.clients.alive()) or "no client"
            house.tally.violated(
                f"{thread.name} still works {seconds:.0f} s after the last strike; alive: {waited_for}"
            )
            post.kill_agent()  # now nothing that it waits for can come any more, and it knows
            thread.join()


def _guarded(run: Callable[[], None], tally: Tally) -> None:
    """A mistake of the soak itself is no reason to stop without a word."""
    try:
        run()
    except Exception:  # noqa: BLE001 - whatever it is, it is reported as a violation
        tally.violated(f"the soak itself failed: {traceback.format_exc()}")


def _check_descriptors(house: House, before: Counter[str], tally: Tally) -> None:
    """With nobody left, the broker holds what it held at its first start."""

    def settled() -> bool:
        return grown(before, descriptors(house.broker.pid)).total() <= SPARE_DESCRIPTORS

    try:
        wait_until(settled, "the broker lets go of its descriptors")
    except AssertionError:
        more = grown(before, descriptors(house.broker.pid))
        tally.violated(f"the broker holds more descriptors than when it started: {dict(more)}")
