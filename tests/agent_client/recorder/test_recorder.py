"""The recorder against a real websocket and a real disk."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from agent_client.recorder.errors import (
    AcksDisagree,
    RecordingNotOpened,
    RecordingStopped,
    RecordingUnconfirmed,
    RecordsRefused,
    SpoolBroken,
)
from agent_client.recorder.limits import RecorderLimits
from agent_client.recorder.recorded_session import RecordedSession, RecorderCallbacks
from agent_client.recorder.recorder import Recorder
from agent_client.recorder.spool import DiskCalls
from agent_client.recording import Recording
from protocol.errors import ConsentryError
from protocol.events import ROOM_CHANNEL, ChannelClosed, FileOperation, TerminalOutput
from protocol.messages.recorder import RecordsAcked
from protocol.messages.wire import Refused
from protocol.records import RecordHeader, RecordType
from tunnel.backoff import Backoff

QUICK = RecorderLimits(seal_after_ms=5, start_within_ms=60_000, finish_within_ms=60_000)


class Heard:
    """Remembers what a recorder called back."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.errors: list[ConsentryError] = []
        self.changed = asyncio.Event()

    def callbacks(self) -> RecorderCallbacks:
        return RecorderCallbacks(
            on_pause=lambda: self.note("pause"),
            on_resume=lambda: self.note("resume"),
            on_failed=self.fail,
        )

    def note(self, call: str) -> None:
        self.calls.append(call)
        self.changed.set()

    def fail(self, error: ConsentryError) -> None:
        self.errors.append(error)
        self.note("failed")

    async def until(self, call: str) -> None:
        while call not in self.calls:
            self.changed.clear()
            await self.changed.wait()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def make(
    broker: Any, new_session: Callable[..., RecordedSession], backoff: Backoff, tmp_path: Path, heard: Heard
) -> AsyncIterator[Callable[..., Recorder]]:
    made: list[Recorder] = []

    def build(policy: str = "bounded", limits: RecorderLimits = QUICK, disk: DiskCalls | None = None) -> Recorder:
        recorder = Recorder(
            new_session(policy),
            tmp_path,
            connect=broker.connect,
            backoff=backoff,
            callbacks=heard.callbacks(),
            limits=limits,
            disk=disk,
        )
        made.append(recorder)
        return recorder

    yield build
    for recorder in made:
        await recorder.aclose()


def output(recorder: Recorder, data: bytes) -> None:
    recorder.record(TerminalOutput(recorder.elapsed_ms(), ROOM_CHANNEL, data))


def hurry(recorder: Recorder, **limits: int) -> None:
    """From now on so impatient that a busy machine would be too slow to begin."""
    recorder._window._limits = replace(QUICK, **limits)


def kept(broker: Any) -> list[RecordHeader]:
    (records,) = broker.records.values()
    return [RecordHeader.parse(record) for record in records]


def spools(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "spool").iterdir())


async def test_whole_recording(make: Callable[..., Recorder], broker: Any, tmp_path: Path) -> None:
    """From record 0 to FINAL everything is at the broker, in order, and the spool is gone."""
    recorder = make()
    satisfied: Recording = recorder
    assert satisfied.has_room
    await recorder.start(b"manifest", bytes(32))
    output(recorder, b"hello ")
    output(recorder, b"world")
    recorder.record(ChannelClosed(1, 0, 1, bytes(16), 0, 0, bytes(32), 11, bytes(32)))
    recorder.record(FileOperation(2, 1, 1, "write", "/etc/motd", "", "ok", 3, bytes(32), ((0, 3),)))
    recorder.record(FileOperation(2, 1, 1, "write", "/etc/shadow", "", "refused", 0, b"", ()))
    finished = await recorder.finish("customer-ended")

    headers = kept(broker)
    assert finished.delivered
    assert [headers[0].type, headers[-1].type] == [RecordType.EPOCH, RecordType.FINAL]
    assert finished.record_count == len(headers)
    (chain,) = broker.chains.values()
    assert finished.chain_head == chain.chain_hash
    assert finished.summary is not None
    assert finished.summary.output_sha256 == sha256(b"hello world").digest()
    assert finished.summary.event_count == 7
    assert [file.path for file in finished.summary.files] == ["/etc/motd"]
    assert [channel.output_bytes for channel in finished.summary.channels] == [11]
    assert spools(tmp_path) == []


async def test_seals_when_time_is_up(make: Callable[..., Recorder], broker: Any) -> None:
    """A single keystroke reaches the broker without anything more being recorded."""
    recorder = make()
    await recorder.start(b"m", bytes(32))
    await broker.until(lambda: kept(broker)[-1].type is RecordType.DATA)
    before = len(kept(broker))
    output(recorder, b"x")
    await broker.until(lambda: len(kept(broker)) > before)


async def test_flood_makes_full_records(make: Callable[..., Recorder], broker: Any) -> None:
    """Incompressible output of many sizes ends up in few records, each within the format's limits."""
    recorder = make(limits=replace(QUICK, seal_after_ms=RecorderLimits().seal_after_ms))
    await recorder.start(b"m", bytes(32))
    for _ in range(8):
        output(recorder, os.urandom(200_000))
        output(recorder, os.urandom(1))
        await recorder.wait_for_room()
    finished = await recorder.finish("customer-ended")
    assert finished.delivered
    assert finished.summary is not None
    assert finished.summary.output_bytes == 8 * 200_001
    assert len(kept(broker)) < 60


async def test_no_room_when_acks_stay_away(make: Callable[..., Recorder], broker: Any) -> None:
    """With the window full the shell has to wait; the first acknowledgements let it go on."""
    recorder = make(limits=replace(QUICK, window_bytes=100_000))
    await recorder.start(b"m", bytes(32))
    await broker.until(lambda: len(kept(broker)) == 2)
    broker.acking = False
    output(recorder, os.urandom(120_000))
    assert not recorder.has_room
    waiting = asyncio.create_task(recorder.wait_for_room())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    await broker.ack_everything()
    await waiting
    assert recorder.has_room


async def test_broker_away_for_long_pauses_then_goes_on(
    make: Callable[..., Recorder], broker: Any, heard: Heard
) -> None:
    """The session pauses visibly, and resumes by itself when the broker is back; no record is missing."""
    recorder = make()
    await recorder.start(b"m", bytes(32))
    await broker.until(lambda: len(kept(broker)) == 2)
    await broker.stop()
    hurry(recorder, window_ms=10, pause_after_ms=60)
    output(recorder, b"while nobody listens")
    await heard.until("pause")
    assert not recorder.has_room
    await broker.start()
    await heard.until("resume")
    assert recorder.has_room
    finished = await recorder.finish("customer-ended")
    assert finished.delivered
    assert heard.errors == []


async def test_broker_away_for_too_long_ends_the_session(
    make: Callable[..., Recorder], broker: Any, heard: Heard, tmp_path: Path
) -> None:
    """After the longest wait the recorder fails once, waiters are told, and the spool keeps what was sealed."""
    recorder = make(limits=replace(QUICK, finish_within_ms=50))
    await recorder.start(b"m", bytes(32))
    await broker.until(lambda: len(kept(broker)) == 2)
    await broker.stop()
    hurry(recorder, window_ms=5, pause_after_ms=10, fail_after_ms=60)
    output(recorder, b"never acknowledged")
    await heard.until("failed")
    with pytest.raises(RecordingStopped):
        await recorder.wait_for_room()
    assert heard.calls.count("failed") == 1
    assert isinstance(heard.errors[0], RecordingUnconfirmed)
    assert not recorder.has_room
    finished = await recorder.finish("recorder-failed")
    assert not finished.delivered
    assert finished.summary is None
    assert len(spools(tmp_path)) == 1


async def test_strict_waits_for_the_disk_of_the_broker(make: Callable[..., Recorder], broker: Any) -> None:
    """Under `strict`, `wait_until_durable` returns only after the broker acknowledged what was recorded before."""
    recorder = make("strict")
    await recorder.start(b"m", bytes(32))
    assert recorder.strict
    await recorder.wait_until_durable()
    broker.acking = False
    output(recorder, b"secret output")
    waiting = asyncio.create_task(recorder.wait_until_durable())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    await broker.ack_everything()
    await waiting
    assert sum(header.event_count for header in kept(broker)) == 2


async def test_bounded_does_not_wait_for_acks(make: Callable[..., Recorder], broker: Any) -> None:
    """Under `bounded`, `wait_until_durable` returns at once."""
    recorder = make()
    await recorder.start(b"m", bytes(32))
    broker.acking = False
    output(recorder, b"x")
    await recorder.wait_until_durable()


async def test_no_session_without_record_0(make: Callable[..., Recorder], broker: Any, tmp_path: Path) -> None:
    """A broker that does not acknowledge in time means no session, and nothing is left on the disk."""
    broker.acking = False
    recorder = make(limits=replace(QUICK, start_within_ms=50))
    with pytest.raises(RecordingNotOpened):
        await recorder.start(b"m", bytes(32))
    assert spools(tmp_path) == []
    assert not recorder.has_room


@pytest.mark.parametrize("code", ["session-token-wrong", "record-signature-error", "fork-detected-error"])
async def test_refusal_is_told(make: Callable[..., Recorder], broker: Any, tmp_path: Path, code: str) -> None:
    """A broker that refuses the recording for good says why, at once."""
    broker.refuse = Refused(code, "There is no such session.")
    with pytest.raises(RecordsRefused, match="There is no such session"):
        await make().start(b"m", bytes(32))
    assert spools(tmp_path) == []


@pytest.mark.parametrize("code", ["disk-full", "unavailable", "hello-missing", "recorder-too-fast-error", "anything"])
async def test_passing_refusal_is_tried_again(make: Callable[..., Recorder], broker: Any, code: str) -> None:
    """A broker whose disk is full, or that is in any other passing trouble, is asked again."""
    broker.refuse = Refused(code, "Not now.")
    starting = asyncio.create_task(make().start(b"m", bytes(32)))
    await broker.until(lambda: broker.hellos >= 2)
    broker.refuse = None
    await starting


@pytest.mark.parametrize(
    "lie",
    [
        lambda ack: RecordsAcked(ack.next_seq + 5, ack.chain_hash),
        lambda ack: RecordsAcked(ack.next_seq, bytes(32)),
        lambda _ack: RecordsAcked(0, bytes(32)),
    ],
)
async def test_dishonest_acks_end_the_session(
    make: Callable[..., Recorder], broker: Any, heard: Heard, lie: Callable[[RecordsAcked], RecordsAcked]
) -> None:
    """An acknowledgement for what was never sent, for another chain, or one that goes back stops the recording."""
    recorder = make(limits=replace(QUICK, finish_within_ms=50))
    await recorder.start(b"m", bytes(32))
    await broker.until(lambda: len(kept(broker)) == 2)
    broker.lie = lie
    output(recorder, b"x")
    await heard.until("failed")
    assert isinstance(heard.errors[0], AcksDisagree)


class FailingDisk(DiskCalls):
    """A disk whose `call` fails from the n-th time on."""

    def __init__(self, call: str, after: int) -> None:
        self.left = after
        real = getattr(DiskCalls, call)

        def failing(*arguments: object) -> object:
            self.left -= 1
            if self.left < 0:
                raise OSError(28, "No space left on device")
            return real(*arguments)

        setattr(self, call, failing)


@pytest.mark.parametrize("call", ["write", "fdatasync"])
@pytest.mark.parametrize("after", range(5))
async def test_every_disk_failure_stops_cleanly(
    make: Callable[..., Recorder], broker: Any, heard: Heard, call: str, after: int
) -> None:
    """Whichever write or fdatasync fails, the recorder says so once, hangs nowhere and seals no FINAL record."""
    recorder = make("strict", limits=replace(QUICK, finish_within_ms=200), disk=FailingDisk(call, after))

    async def live() -> None:
        await recorder.start(b"m", bytes(32))
        while True:
            output(recorder, b"x")
            await recorder.wait_until_durable()

    with pytest.raises((RecordingStopped, SpoolBroken), match="No space left on device") as stopped:
        await live()
    if stopped.type is SpoolBroken:
        assert not broker.records
        return
    assert not recorder.has_room
    assert heard.calls == ["failed"]
    finished = await recorder.finish("recorder-failed")
    assert finished.summary is None
    assert RecordType.FINAL not in [header.type for header in kept(broker)]


async def test_short_writes_are_completed(make: Callable[..., Recorder]) -> None:
    """write(2) may take less than it was given; the spool still holds whole records."""

    class Dribble(DiskCalls):
        @staticmethod
        def write(descriptor: int, data: bytes) -> int:
            return os.write(descriptor, data[:100])

    recorder = make(disk=Dribble())
    await recorder.start(b"m", bytes(32))
    output(recorder, os.urandom(5_000))
    assert (await recorder.finish("customer-ended")).delivered


async def test_long_spool_is_trimmed(make: Callable[..., Recorder], broker: Any, tmp_path: Path) -> None:
    """What is acknowledged does not pile up on the customer's disk."""
    recorder = make(limits=replace(QUICK, spool_rewrite_bytes=100_000))
    await recorder.start(b"m", bytes(32))
    for _ in range(12):
        count = len(kept(broker))
        output(recorder, os.urandom(60_000))
        await broker.until(lambda count=count: len(kept(broker)) > count)
        await recorder.wait_for_room()
    assert spools(tmp_path)[0].stat().st_size < 350_000
    assert (await recorder.finish("customer-ended")).delivered


async def test_clock_jump_begins_an_epoch(
    broker: Any, new_session: Callable[..., RecordedSession], backoff: Backoff, tmp_path: Path
) -> None:
    """After the machine slept, the next record is sealed under fresh keys."""
    clock = {"unix": 1_000_000}
    recorder = Recorder(
        new_session(), tmp_path, connect=broker.connect, backoff=backoff, limits=QUICK, unix_ms=lambda: clock["unix"],
        monotonic_ms=lambda: 0,
    )  # fmt: skip
    await recorder.start(b"m", bytes(32))
    clock["unix"] += 600_000
    await recorder.finish("customer-ended")
    assert [header.type for header in kept(broker)].count(RecordType.EPOCH) == 2


async def test_events_after_the_end_are_dropped(make: Callable[..., Recorder], broker: Any) -> None:
    """Nothing follows FINAL, whatever is still recorded by parts that are going down."""
    recorder = make()
    await recorder.start(b"m", bytes(32))
    await recorder.finish("customer-ended")
    output(recorder, b"late")
    assert kept(broker)[-1].type is RecordType.FINAL


async def test_broker_cut_again_and_again(make: Callable[..., Recorder], broker: Any) -> None:
    """Cuts in the middle of a flood cost nothing: every record arrives once, in order, and the chain is whole."""
    recorder = make(limits=replace(QUICK, seal_at_bytes=4_000, seal_after_ms=2))
    await recorder.start(b"m", bytes(32))
    for cut in range(6):
        count = len(kept(broker))
        for _ in range(20):
            output(recorder, os.urandom(1_000))
        await broker.until(lambda count=count: len(kept(broker)) > count)
        if cut % 2:
            broker.acking = False  # records are lost on their way
            output(recorder, os.urandom(5_000))
            await broker.ack_everything()
        else:
            await broker.stop()
            output(recorder, os.urandom(5_000))
            await broker.start()
    finished = await recorder.finish("customer-ended")
    assert finished.delivered
    assert [header.seq for header in kept(broker)] == list(range(finished.record_count))
    assert finished.summary is not None
    assert finished.summary.output_bytes == 6 * 25_000


async def test_start_can_be_cancelled(make: Callable[..., Recorder], broker: Any, tmp_path: Path) -> None:
    """A customer who stops while the recording opens leaves nothing behind."""
    broker.acking = False
    starting = asyncio.create_task(make().start(b"m", bytes(32)))
    await broker.until(lambda: broker.hellos == 1)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert spools(tmp_path) == []
