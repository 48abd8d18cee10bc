"""What an agent leaves behind when it dies, and how the next one delivers it."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.recorder.deliver import deliver_spools
from agent_client.recorder.limits import RecorderLimits
from agent_client.recorder.recorded_session import RecordedSession
from agent_client.recorder.recorder import Recorder
from agent_client.recorder.spool import FoundSpool
from agent_client.recorder.upload import Connect
from protocol.events import ROOM_CHANNEL, TerminalOutput
from protocol.messages.wire import Refused
from protocol.records import RecordHeader, RecordType
from tunnel.backoff import Backoff

QUICK = RecorderLimits(seal_after_ms=1, start_within_ms=60_000, finish_within_ms=20)
AGENT = Path(__file__).with_name("spooling_agent.py")


def always(connect: Connect) -> Callable[[object], Connect]:
    return lambda _head: connect


async def leave_spool(broker: Any, session: RecordedSession, state: Path, backoff: Backoff) -> None:
    """A session whose broker goes away before the end: the whole rest of it stays in the spool."""
    recorder = Recorder(session, state, connect=broker.connect, backoff=backoff, limits=QUICK)
    await recorder.start(b"manifest", bytes(32))
    await broker.until(lambda: len(broker.records[session.session_id]) == 2)
    await broker.stop()
    recorder.record(TerminalOutput(1, ROOM_CHANNEL, b"after the broker was gone"))
    finished = await recorder.finish("customer-ended")
    assert not finished.delivered
    assert finished.summary is not None


async def test_delivers_at_the_next_start(
    broker: Any, new_session: Callable[..., RecordedSession], tmp_path: Path, backoff: Backoff
) -> None:
    """A recording that ended without its broker is completed, FINAL included, and its spool removed."""
    session = new_session()
    await leave_spool(broker, session, tmp_path, backoff)
    await broker.start()
    (delivery,) = await deliver_spools(tmp_path, connect_for=always(broker.connect), backoff=backoff)
    assert delivery.outcome == "delivered"
    assert delivery.session_id == session.session_id
    assert RecordHeader.parse(broker.records[session.session_id][-1]).type is RecordType.FINAL
    assert list((tmp_path / "spool").iterdir()) == []
    assert await deliver_spools(tmp_path, connect_for=always(broker.connect), backoff=backoff) == []


async def test_unreachable_broker_keeps_the_spool(
    broker: Any, new_session: Callable[..., RecordedSession], tmp_path: Path, backoff: Backoff
) -> None:
    """What cannot be delivered in time stays for the start after this one."""
    await leave_spool(broker, new_session(), tmp_path, backoff)
    (delivery,) = await deliver_spools(
        tmp_path, connect_for=always(broker.connect), backoff=backoff, give_up_after_seconds=0.05
    )
    assert delivery.outcome == "unreachable"
    await broker.start()
    (delivery,) = await deliver_spools(tmp_path, connect_for=always(broker.connect), backoff=backoff)
    assert delivery.outcome == "delivered"


async def test_refused_spool_is_put_aside(
    broker: Any, new_session: Callable[..., RecordedSession], tmp_path: Path, backoff: Backoff
) -> None:
    """Records that no broker will ever take are kept for a person, and not tried again."""
    await leave_spool(broker, new_session(), tmp_path, backoff)
    broker.refuse = Refused("session-unknown", "There is no such session.")
    await broker.start()
    (delivery,) = await deliver_spools(tmp_path, connect_for=always(broker.connect), backoff=backoff)
    assert delivery.outcome == "refused"
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".refused"]
    assert await deliver_spools(tmp_path, connect_for=always(broker.connect), backoff=backoff) == []


async def test_one_bad_spool_does_not_stop_the_others(
    broker: Any, new_session: Callable[..., RecordedSession], tmp_path: Path, backoff: Backoff
) -> None:
    """Each spool is delivered for itself."""
    for _ in range(2):
        await leave_spool(broker, new_session(), tmp_path, backoff)
        await broker.start()
    first, second = sorted((tmp_path / "spool").iterdir())
    spool = FoundSpool.open(first)
    assert spool is not None
    with spool:
        stranger = replace_id(first, spool)
    for seconds in (1.0, 10.0, 100.0):  # the first in which a machine this busy delivers the good one
        deliveries = await deliver_spools(
            tmp_path, connect_for=always(broker.connect), backoff=backoff, give_up_after_seconds=seconds
        )
        if not second.exists():
            break
    assert {delivery.outcome for delivery in deliveries} == {"unreachable", "delivered"}
    assert stranger.exists()
    assert not second.exists()


def replace_id(path: Path, spool: FoundSpool) -> Path:
    """Makes it the spool of a session that the broker does not know (the fake's connection then breaks off)."""
    data = path.read_bytes()
    line, rest = data.split(b"\n", 1)
    head = msgspec.structs.replace(spool.head, session_id=b"?" * 16)
    assert line
    path.write_bytes(msgspec.json.encode(head) + b"\n" + rest)
    return path


async def test_kill_9_loses_nothing_that_was_sealed(broker: Any, tmp_path: Path, backoff: Backoff) -> None:
    """An agent killed in a flood while its broker is away: every sealed record is delivered, the chain is whole."""
    session_id = b"s" * 16
    broker.agent_keys[session_id] = Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key().public_bytes_raw()
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(AGENT), str(tmp_path), str(broker.port), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(AGENT.parents[3])},
    )  # fmt: skip
    assert process.stdout is not None
    while await process.stdout.readline() != b"live\n":
        pass
    await broker.until(lambda: len(broker.records[session_id]) > 3)
    await broker.stop()
    recorded = acked = 0
    while recorded - acked < 30_000:
        recorded, acked = map(int, (await process.stdout.readline()).split())
    assert await deliver_spools(tmp_path, connect_for=always(broker.connect)) == []  # it lives: its spool is its own
    process.send_signal(signal.SIGKILL)
    await process.communicate()

    await broker.start()
    (delivery,) = await deliver_spools(tmp_path, connect_for=always(broker.connect), backoff=backoff)
    assert delivery.outcome == "delivered"
    assert sum(map(len, broker.records[session_id])) >= recorded
    assert list((tmp_path / "spool").iterdir()) == []


def test_limits_are_the_designs() -> None:
    """The figures that the design promises."""
    limits = RecorderLimits()
    assert (limits.window_bytes, limits.window_ms) == (4 * 2**20, 10_000)
    assert (limits.pause_after_ms, limits.fail_after_ms, limits.start_within_ms) == (60_000, 600_000, 15_000)
