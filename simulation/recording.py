"""Scenario `recording`: a recorder under output, its spool, the records endpoint and the store. Nobody else.

Real: OutputPath, the recorder with sealing line, window, spool and upload, delivery at the next start; the broker's
records conversation and store. A model: the session (put into the database as if it had been opened) and the shell.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.recorder.deliver import deliver_spools
from agent_client.recorder.errors import RecordingUnconfirmed, SpoolBroken
from agent_client.recorder.limits import limits_for
from agent_client.recorder.recorded_session import RecordedSession, RecorderCallbacks
from agent_client.recorder.recorder import Recorder
from agent_client.recording import PassThrough
from agent_client.shell.output import OutputPath
from broker.sessions.session import Session
from protocol.errors import ConsentryError
from protocol.events import ROOM_CHANNEL, Event, TerminalOutput
from protocol.record_sealing import NoAuditRecipientError
from simulation.house import House
from simulation.nodes import Incarnation
from simulation.shell import Program, WatchedRecording

SESSIONS = 30


class RecordingScenario:
    """One agent that records one session after the other."""

    machines: ClassVar[tuple[str, ...]] = ("agent", "broker")
    fault_seconds: ClassVar[tuple[float, float]] = (0.2, 60.0)

    def __init__(self, house: House) -> None:
        self._house = house
        self._left = SESSIONS
        self._busy: Incarnation | None = None
        self._finished: dict[bytes, int] = {}
        house.nodes["agent"].program = self._agent

    @staticmethod
    def replacements(connect: Callable[..., Any]) -> Iterable[tuple[str, str, Any]]:
        """Nothing but what every scenario replaces."""
        del connect
        return ()

    def is_over(self) -> bool:
        house = self._house
        agent = house.nodes["agent"].incarnation
        return (
            (self._left == 0 or house.faults.stopped)
            and agent is not None
            and self._busy is not agent
            and not house.spools("agent")
        )

    def check(self) -> None:
        """What was finished is whole; what the agent's disk kept safe has arrived."""
        for session_id, records in self._finished.items():
            recording = self._house.observer.recording(session_id)
            self._house.observer.read_medium(recording)
            if recording.durable_records != records:
                self._house.observer.fail(
                    f"{session_id.hex()[:8]}: {records} records sealed, {recording.durable_records} arrived"
                )

    async def _agent(self, incarnation: Incarnation) -> None:
        house = self._house
        asyncio.get_running_loop().create_task(self._keep_delivering(), name="deliver spools")
        while self._left and not house.faults.stopped:
            self._left -= 1
            self._busy = incarnation
            await self._record_session()
            self._busy = None
        house.loop.note("the agent has nothing left to record")

    async def _keep_delivering(self) -> None:
        """The customer starts the agent again, every now and then."""
        while True:
            for delivery in await deliver_spools(self._house.disks["agent"].root):
                self._house.loop.note(f"spool of {delivery.session_id.hex()[:8]}: {delivery.outcome}")
                if delivery.outcome == "refused":
                    self._house.observer.fail("an honest spool was refused")
            await asyncio.sleep(20)

    async def _record_session(self) -> None:
        house, dice = self._house, self._house.loop.dice
        session_id, token = secrets.token_bytes(16), secrets.token_bytes(32)
        key = Ed25519PrivateKey.generate()
        house.session_exists(session_id, token, key.public_key().public_bytes_raw())
        house.observer.recording(session_id).strict = house.profile.output_policy == "strict"
        over = asyncio.Event()

        def failed(error: ConsentryError) -> None:
            self._recorder_failed(error)
            over.set()

        limits = replace(limits_for(house.profile.output_policy), spool_rewrite_bytes=20_000)
        recorder = Recorder(
            RecordedSession(session_id, token, key, house.profile),
            house.disks["agent"].root,
            callbacks=RecorderCallbacks(on_failed=failed),
            limits=limits,
        )
        try:
            await recorder.start(b"the manifest", bytes(32))
        except ConsentryError as error:
            house.loop.note(f"no recording: {error}")
            return
        watched = WatchedRecording(recorder, session_id, house.observer)
        program = Program(dice, pieces=dice.randint(1, 60), longest_pause_seconds=dice.choice((0.01, 0.5, 8.0)))
        path = OutputPath(
            watched,
            PassThrough(),
            to_event=_terminal_output(recorder),
            show=lambda data: house.observer.output_shown(session_id, len(data)),
        )
        path.reader = program.reader
        running = asyncio.create_task(program.run(path.feed), name="shell")
        failing = asyncio.create_task(over.wait(), name="recorder fails")
        await asyncio.wait([running, failing], return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        failing.cancel()
        path.close()
        finished = await recorder.finish("customer-ended")
        house.loop.note(f"{session_id.hex()[:8]}: finished with {finished.record_count}, {finished.delivered=}")
        if finished.summary is not None:
            self._finished[session_id] = finished.record_count

    def _recorder_failed(self, error: ConsentryError) -> None:
        self._house.loop.note(f"recorder failed: {type(error).__name__}")
        if not isinstance(error, RecordingUnconfirmed | SpoolBroken | NoAuditRecipientError):
            self._house.observer.fail(f"the recorder gave up on an honest broker: {error}")


def _terminal_output(recorder: Recorder) -> Callable[[bytes], Event]:
    return lambda data: TerminalOutput(t_ms=recorder.elapsed_ms(), channel=ROOM_CHANNEL, data=data)


def make_session(session_id: bytes, token_hash: bytes, agent_key: bytes, opened_at_ms: int) -> Session:
    """As `/v1/agent` would have opened it."""
    return Session(session_id, agent_key, token_hash, "en", opened_at_ms)
