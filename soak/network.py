"""`python -m soak.network`: transfers through a real network that loses, stalls and is cut; nothing of them is lost.

The customer sits in a network namespace. While files go there and back, and a command counts, the link is spoilt, then
cut for shorter than anybody notices, then for so long that both ends give their legs up and resume on new ones. Every
file's hash and every line of output has to be right, and the recording has to verify.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from soak.namespaces import Link, NamespacesMissing
from tests.helpers.deployment import CONSENTRY, Broker, Customer, Engineer, sha256_of
from tests.helpers.waiting import wait_until

FILE_BYTES = 64 * 1024 * 1024
LINES = 200_000
SHORT_CUT_SECONDS = 8.0
LONG_CUT_SECONDS = 70.0
"""Longer than the 45 seconds of silence after which an end gives up its leg."""

STEP_SECONDS = 300.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m soak.network", description=__doc__)
    parser.add_argument("--long-cut", type=float, default=LONG_CUT_SECONDS, metavar="SECONDS")
    options = parser.parse_args()
    try:
        with Link() as link, tempfile.TemporaryDirectory(prefix="consentry-network-") as folder:
            found = _run(link, Path(folder), options.long_cut)
    except NamespacesMissing as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(found, indent=2))
    return 0 if found["passed"] else 1


def _run(link: Link, folder: Path, long_cut_seconds: float) -> dict[str, Any]:
    broker = Broker(folder / "organisation", host=link.near_address)
    broker.add_user("sam", name="Sam Example", staff_number="S-17")
    broker.start()
    customer = Customer(broker, folder / "customer", program=(*link.inside, *CONSENTRY))
    try:
        engineer = Engineer(broker, folder / "engineer", "sam")
        alias = engineer.pair(customer.code)
        work = _Work(engineer, customer, alias, folder)
        found: dict[str, Any] = {"clean": work.done_while(lambda: None)}
        found["spoilt by"] = link.spoil()
        found["spoilt"] = work.done_while(lambda: None)
        found["packets lost"] = link.lost_packets()
        link.mend()
        for name, seconds in (("short cut", SHORT_CUT_SECONDS), ("long cut", long_cut_seconds)):
            found[name] = work.done_while(lambda seconds=seconds: _cut(link, seconds))  # type: ignore[misc]
        customer.stop()
        (session,) = (folder.name for folder in broker.records.iterdir() if folder.is_dir())
        found["intact"] = json.loads(broker.audit("verify", session, "--json").stdout)["intact"]
        found["passed"] = found["intact"] and found["packets lost"] > 0
        return found
    finally:
        customer.kill()
        broker.kill()


def _cut(link: Link, seconds: float) -> None:
    link.cut()
    threading.Event().wait(seconds)
    link.join()


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


class _Work:
    """A put, a get and a command at the same time, each checked to its last byte."""

    def __init__(self, engineer: Engineer, customer: Customer, alias: str, folder: Path) -> None:
        self._engineer = engineer
        self._customer = customer
        self._alias = alias
        self._folder = folder
        self._original = folder / "original.bin"
        self._original.write_bytes(os.urandom(FILE_BYTES))

    def done_while(self, happens: Callable[[], None]) -> dict[str, float]:
        """How many seconds it all took. Raises AssertionError for a wrong byte."""
        began = time.monotonic()
        there, back = self._customer.home / "there.bin", self._folder / "back.bin"
        source = self._customer.home / "source.bin"
        source.write_bytes(self._original.read_bytes())
        for path in (there, back):
            path.unlink(missing_ok=True)
        put = self._start("scp", "-q", str(self._original), f"{self._alias}:there.bin")
        get = self._start("scp", "-q", f"{self._alias}:source.bin", str(back))
        count = self._start("ssh", self._alias, f"seq {LINES}")
        assert count.stdout is not None
        counted = count.stdout.read(1)
        for arriving in (there, back):
            wait_until(partial(_has_bytes, arriving), "the transfers are under way")
        happens()
        counted += count.communicate(timeout=STEP_SECONDS)[0]
        for client in (put, get):
            client.communicate(timeout=STEP_SECONDS)
        assert (put.returncode, get.returncode, count.returncode) == (0, 0, 0), "a client failed"
        assert counted == "".join(f"{number}\n" for number in range(1, LINES + 1)).encode(), (
            "a command's output is wrong"
        )
        wanted = sha256_of(self._original)
        assert sha256_of(there) == sha256_of(back) == wanted, "a file is wrong"
        return {"seconds": round(time.monotonic() - began, 1)}

    def _start(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        return self._engineer.popen(program, *self._engineer.ssh_options, *arguments, stdout=subprocess.PIPE, bufsize=0)


if __name__ == "__main__":
    sys.exit(main())
