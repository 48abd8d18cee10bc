"""Attacks on a broker, each by one process: `python -m bench.deployment.attackers NAME PORT TOKEN COUNT`.

Prints "full" when the attack is at its height, which it holds until its standard input says something; then one line of
JSON: what it tried, and how it was answered. `TOKEN` is a login: some attackers are engineers.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import uvloop

from bench.deployment.cheap_ends import CheapEnd, Dialler, Gone
from bench.deployment.cheap_sessions import Customer, Upload, claim
from broker.pairing.board import CODES_PER_SESSION
from protocol.legs import ENGINEER_LEG_PATH
from protocol.messages.agent import NewCode
from protocol.messages.pairing import BrokerToEngineer, PairingStarted
from protocol.messages.wire import encode
from protocol.websocket_frames import frame_header
from serving.descriptors import raise_descriptor_limit
from tests.helpers.recordings import make_key

AT_ONCE = 32
GIANT_BYTES = 1 << 40
"""What a giant frame says that it will be."""

FILL_SECONDS = 30.0
"""Until recorders that send faster than a busy disk takes have as much under way as they may. At 45 s they are cut."""

PIECE = os.urandom(64 * 1024)

Tally = Counter[str]


class Attack:
    """`full` is set at its height; `over` when it has to stop. Tasks that are left then are cancelled."""

    def __init__(self, port: int, token: str, count: int) -> None:
        self.dialler = Dialler(port)
        self.token = token
        self.count = count
        self.tally: Tally = Counter()
        self.over = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, work: Awaitable[None]) -> None:
        async def watched() -> None:
            try:
                await work
            except Gone as gone:
                self.tally[f"gone: {str(gone)[:60]}"] += 1

        self.tasks.append(asyncio.ensure_future(watched()))

    async def at_once(self, make: Callable[[], Awaitable[None]], count: int, width: int = AT_ONCE) -> None:
        """`make` so often, `width` at a time; those that are refused are counted."""
        left = itertools.repeat(None, count)

        async def work() -> None:
            for _ in left:
                try:
                    await make()
                except Gone as gone:
                    self.tally[f"refused: {str(gone)[:60]}"] += 1

        await asyncio.gather(*(work() for _ in range(width)))


async def half_open(attack: Attack) -> None:
    """Strangers open sessions with as many codes as they may, until there are no more codes, and try on."""
    held: list[Customer] = []

    async def stranger() -> None:
        customer = await Customer.arrive(attack.dialler)
        held.append(customer)
        for _ in range(CODES_PER_SESSION):
            await customer.new_code()
            attack.tally["codes"] += 1

    await attack.at_once(stranger, -(-attack.count // CODES_PER_SESSION) + 20)


async def claims(attack: Attack) -> None:
    """An engineer claims the codes of everybody who waits, and every other number, without knowing any secret half."""
    waiting = [await Customer.arrive(attack.dialler) for _ in range(attack.count)]
    nameplates = [(await customer.new_code()).nameplate for customer in waiting]

    async def guess(nameplate: str) -> None:
        end = await claim(attack.dialler, attack.token, nameplate)
        await end.hear(PairingStarted, BrokerToEngineer)
        attack.tally["runs"] += 1
        end.abort()

    async def go_on() -> None:
        for nameplate in itertools.chain(nameplates, map(str, itertools.cycle(range(100, 10_000)))):
            await attack.at_once(lambda nameplate=nameplate: guess(nameplate), 1, 1)  # type: ignore[misc]

    for _ in range(8):
        attack.start(go_on())


async def slow_readers(attack: Attack) -> None:
    """Agents that ask and do not read the answers; and streams whose far end does not read."""

    async def asks_without_reading() -> None:
        customer = await Customer.arrive(attack.dialler)
        customer.line.stop_reading()
        while True:
            customer.line.send(encode(NewCode(agent_nonce=bytes(16))))
            await customer.line.drain()
            await asyncio.sleep(0)

    for _ in range(attack.count // 2):
        attack.start(asks_without_reading())
    for _ in range(attack.count // 2):
        near, far = await _pair_of_legs(attack)
        far.stop_reading()
        attack.start(_pour(attack, near))


async def giant_frames(attack: Attack) -> None:
    """Frames of a tebibyte: to conversations, which take none of it, and to legs, which carry them piece by piece."""

    async def sends_giant(path: str, token: str) -> None:
        while True:
            end = await attack.dialler.conversation(path, token=token)
            await _pour_giant(attack, end)

    for number in range(attack.count):
        path, token = (("/v1/agent", ""), ("/v1/records", ""), ("/v1/pairing", attack.token))[number % 3]
        attack.start(_until_gone(attack, lambda path=path, token=token: sends_giant(path, token)))  # type: ignore[misc]
    for _ in range(max(1, attack.count // 10)):
        near, far = await _pair_of_legs(attack)
        far.on_payload = lambda _: None
        attack.start(_pour_giant(attack, near))


async def never_acks(attack: Attack) -> None:
    """Recorders that send record after record and read no acknowledgement."""
    audit_key = make_key()

    async def records_without_reading() -> None:
        customer = await Customer.arrive(attack.dialler)
        upload = await Upload.begin(customer, audit_key)
        upload.end.stop_reading()
        while True:
            upload.send_record(200)
            attack.tally["records"] += 1
            await upload.end.drain()
            await asyncio.sleep(0)

    for _ in range(attack.count):
        attack.start(records_without_reading())
    await asyncio.sleep(FILL_SECONDS)


async def flooding_engineer(attack: Attack) -> None:
    """Engineers' ends that send as fast as they can, to agents that read everything."""
    for _ in range(attack.count):
        near, far = await _pair_of_legs(attack)
        far.on_payload = lambda _: None
        attack.start(_pour(attack, near))


async def _pair_of_legs(attack: Attack) -> tuple[CheapEnd, CheapEnd]:
    customer = await Customer.arrive(attack.dialler)
    ticket = await customer.pair(attack.token)
    far = await customer.dial_spare()
    attack.start(far.stay_alive())
    return await attack.dialler.leg(ENGINEER_LEG_PATH, ticket), far


async def _pour(attack: Attack, end: CheapEnd) -> None:
    while True:
        end.send(PIECE)
        attack.tally["poured_bytes"] += len(PIECE)
        await end.drain()
        await asyncio.sleep(0)


async def _pour_giant(attack: Attack, end: CheapEnd) -> None:
    """One frame that never ends. Raises Gone."""
    end.transport.write(frame_header(GIANT_BYTES, masked=True) + bytes(4))
    attack.tally["giant frames"] += 1
    while True:
        end.transport.write(PIECE)
        attack.tally["poured_bytes"] += len(PIECE)
        await end.drain()
        await asyncio.sleep(0)


async def _until_gone(attack: Attack, make: Callable[[], Awaitable[None]]) -> None:
    """Comes back each time that it was hung up on, after a moment."""
    while True:
        try:
            await make()
        except Gone as gone:
            attack.tally[f"gone: {str(gone)[:60]}"] += 1
            await asyncio.sleep(0.1)


ATTACKS: dict[str, Callable[[Attack], Awaitable[None]]] = {
    "half_open": half_open,
    "claims": claims,
    "slow_readers": slow_readers,
    "giant_frames": giant_frames,
    "never_acks": never_acks,
    "flooding_engineer": flooding_engineer,
}


async def main(name: str, port: int, token: str, count: int) -> None:
    raise_descriptor_limit()
    attack = Attack(port, token, count)
    began = time.monotonic()
    await ATTACKS[name](attack)
    attack.tally["seconds_to_full"] = round(time.monotonic() - began)
    print("full", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for task in attack.tasks:
        task.cancel()
    print(json.dumps(dict(attack.tally)), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
