"""Many sessions in one process: `python -m bench.deployment.session_farm PORT TOKEN ACTIVE IDLE`.

Prints "open" when all of them stand. Each line on standard input is a number of seconds, during which the active ones
type; then one line of JSON says how long their keys took. Its end ends all sessions.
"""

import asyncio
import json
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import uvloop

from bench.core.statistics import percentile
from bench.deployment.cheap_ends import Dialler
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

LATE_SECONDS = 5.0
"""An echo that has not come for so long, counts as lost."""


async def main(port: int, token: str, active_count: int, idle_count: int) -> None:
    raise_descriptor_limit()
    dialler, audit_key = Dialler(port), make_key()
    pairing_gate, gate = asyncio.Semaphore(PAIR_AT_ONCE), asyncio.Semaphore(OPEN_AT_ONCE)

    async def begin() -> ActiveSession:
        async with pairing_gate:
            return await ActiveSession.begin(dialler, token, audit_key)

    async def wait_for_help() -> Customer:
        async with gate:
            customer = await Customer.arrive(dialler)
            await customer.dial_spare()
            return customer

    active = await asyncio.gather(*(begin() for _ in range(active_count)))
    idle = await asyncio.gather(*(wait_for_help() for _ in range(idle_count)))
    print("open", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        await type_for(active, float(line), record_bytes=RECORD_BYTES, keys_per_second=KEYS_PER_SECOND)
        ends = [end for one in active for end in (one.customer.line, one.near, one.far, one.upload.end)]
        ends += [end for customer in idle for end in (customer.line, customer.spare) if end is not None]
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
