"""Many sessions in one process: `python -m bench.deployment.session_farm PORT TOKEN ACTIVE IDLE`.

Prints "open" when all of them stand. Then each line on standard input asks for something, and is answered by one line
of JSON:

    a number    the active ones type for so many seconds; how long their keys took
    pair        one of the customers who wait is paired with an engineer, by a code that it has had since the start
    attach      everybody who waits comes back at once, after a restart of the broker; seconds until all are back

The end of standard input ends all sessions.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import uvloop

from bench.core.statistics import percentile
from bench.deployment.cheap_ends import ALIVE_SECONDS, CheapEnd, Dialler, Gone
from bench.deployment.cheap_sessions import ActiveSession, Customer, type_for
from serving.descriptors import raise_descriptor_limit
from tests.helpers.recordings import make_key

PAIR_AT_ONCE = 4
"""One engineer may have no more codes under way: all of them could yet be burnt."""

OPEN_AT_ONCE = 32
RECORD_BYTES = 600
"""In each record: about two seconds of somebody's typing."""

KEYS_PER_SECOND = 1.0
"""Of each active session: people read more than they type."""

ALIVE_TURNS = 60
"""In which all legs say that they are alive: four a second."""

WITH_CODES = 8
"""Of those who wait; codes are a limited good."""

LATE_SECONDS = 5.0
"""An echo that has not come for so long, counts as lost."""


async def main(port: int, token: str, active_count: int, idle_count: int) -> None:
    raise_descriptor_limit()
    dialler, audit_key = Dialler(port), make_key()
    pairing_gate, gate = asyncio.Semaphore(PAIR_AT_ONCE), asyncio.Semaphore(OPEN_AT_ONCE)

    legs: list[CheapEnd] = []  # from the first one on: opening all of them may take minutes
    staying = asyncio.create_task(_stay_alive(legs))

    async def begin() -> ActiveSession:
        async with pairing_gate:
            session = await ActiveSession.begin(dialler, token, audit_key)
        legs.extend(leg for leg in (session.near, session.far, session.customer.spare) if leg is not None)
        return session

    async def wait_for_help(with_code: bool) -> tuple[Customer, str]:
        async with gate:
            customer = await Customer.arrive(dialler)
            legs.append(await customer.dial_spare())
            return customer, (await customer.new_code()).nameplate if with_code else ""

    active = await asyncio.gather(*(begin() for _ in range(active_count)))
    idle = await asyncio.gather(*(wait_for_help(number < WITH_CODES) for number in range(idle_count)))
    ready = [one for one in idle if one[1]]
    print("open", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line == "pair\n":
            print(json.dumps({"seconds": await _seconds_to_pair(*ready.pop(), token)}), flush=True)
            continue
        if line == "attach\n":
            print(json.dumps({"seconds": await _seconds_to_attach([customer for customer, _ in idle])}), flush=True)
            continue
        await type_for(active, float(line), record_bytes=RECORD_BYTES, keys_per_second=KEYS_PER_SECOND)
        ends = [end for one in active for end in (one.customer.line, one.near, one.far, one.upload.end)]
        ends += [end for customer, _ in idle for end in (customer.line, customer.spare) if end is not None]
        echoes = [echo for session in active for echo in session.echo_us]
        said = {
            "echoes": len(echoes),
            "p50_us": percentile(echoes, 50) if echoes else 0.0,
            "p99_us": percentile(echoes, 99) if echoes else 0.0,
            "longest_us": max(echoes, default=0.0),
            "lost_echoes": sum(session.owed_seconds > LATE_SECONDS for session in active),
            "lost_connections": sum(end.transport.is_closing() for end in ends),
        }
        for session in active:
            session.echo_us.clear()
        print(json.dumps(said), flush=True)
    staying.cancel()


async def _stay_alive(legs: list[CheapEnd]) -> None:
    """All legs in the course of 15 seconds, not all of them at once; nor one by one, each in its own turn:
    on a busy machine thousands of them would be given up as silent before it came.
    """
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        now = [*legs]
        for shift in range(ALIVE_TURNS):
            for leg in now[shift::ALIVE_TURNS]:
                leg.say_alive()
            await asyncio.sleep(max(0.0, began + (shift + 1) * ALIVE_SECONDS / ALIVE_TURNS - loop.time()))


async def _seconds_to_attach(customers: list[Customer]) -> float:
    for customer in customers:
        customer.line.abort()
    began = time.perf_counter()
    await asyncio.gather(*(customer.attach() for customer in customers))
    return time.perf_counter() - began


async def _seconds_to_pair(customer: Customer, nameplate: str, token: str) -> float | None:
    """None if it could not be done."""
    began = time.perf_counter()
    try:
        await customer.pair(token, nameplate)
    except Gone:
        return None
    return time.perf_counter() - began


@dataclass
class SessionFarm:
    """The process, for whoever measures a broker meanwhile. Stands when the block begins."""

    port: int
    token: str
    active: int
    idle: int = 0

    def __enter__(self) -> Self:
        numbers = (str(self.port), self.token, str(self.active), str(self.idle))
        words = [sys.executable, "-m", "bench.deployment.session_farm", *numbers]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self._expect_open()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start_typing(self, seconds: float) -> None:
        assert self._process.stdin is not None
        print(seconds, file=self._process.stdin, flush=True)

    def finish_typing(self) -> dict[str, Any]:
        """Waits for the end of what was started, and says what it came to."""
        assert self._process.stdout is not None
        return dict(json.loads(self._process.stdout.readline()))

    def seconds_to_pair(self) -> float | None:
        """How long a pairing takes at this time; None if it fails."""
        assert self._process.stdin is not None
        print("pair", file=self._process.stdin, flush=True)
        seconds = self.finish_typing()["seconds"]
        return None if seconds is None else float(seconds)

    def seconds_to_attach(self) -> float:
        """How long it takes until everybody who waits is back after a restart."""
        assert self._process.stdin is not None
        print("attach", file=self._process.stdin, flush=True)
        return float(self.finish_typing()["seconds"])

    def type_for(self, seconds: float) -> dict[str, Any]:
        self.start_typing(seconds)
        return self.finish_typing()

    def _expect_open(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line != "open\n":
            raise EOFError(f"the sessions did not come to stand: {line!r}")


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
