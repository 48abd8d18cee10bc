"""Mistakes to plant in the product, each a small one that somebody could make: the simulation has to find them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from agent_client.attendance import Attendance
from agent_client.chat import Chat
from agent_client.recorder.recorder import Recorder
from audit.ingest.keeper import RecordKeeper
from broker.pairing.board import Board
from broker.pairing.mailbox import Event, Mailbox
from protocol.stream import ResumableStream

Plant = Callable[[pytest.MonkeyPatch], None]


def ack_before_sync(patch: pytest.MonkeyPatch) -> None:
    """Records are written and acknowledged; nobody has waited for the disk."""
    patch.setattr(RecordKeeper, "_sync", lambda *_: None)


def resume_from_wrong_offset(patch: pytest.MonkeyPatch) -> None:
    """After a cut, the first frame that was not acknowledged is not sent again."""
    honest = ResumableStream._peer_has

    def peer_has(self: Any, received_bytes: int) -> bool:
        if not honest(self, received_bytes):
            return False
        if self._sending._to_resend:
            self._sending._to_resend.popleft()
        return True

    patch.setattr(ResumableStream, "_peer_has", peer_has)


def believe_what_came_twice(patch: pytest.MonkeyPatch) -> None:
    """After a cut, bytes that had arrived already are taken for new ones."""
    honest = ResumableStream._data_started

    def data_started(self: Any, offset: int, length: int) -> None:
        honest(self, offset, length)
        self._payload_to_skip = 0

    patch.setattr(ResumableStream, "_data_started", data_started)


def second_run_on_one_code(patch: pytest.MonkeyPatch) -> None:
    """An engineer whose connection breaks does not burn the code: another one may try it."""

    def engineer_lost(self: Any) -> list[Event]:
        if self.running:
            self.state = "waiting_for_engineer"
        return []

    honest = Board.engineer_lost

    async def lost(self: Any, engineer: Any) -> None:
        code = self._code_claimed_by(engineer)
        await honest(self, engineer)
        if code is not None:
            code.engineer = None

    patch.setattr(Mailbox, "engineer_lost", engineer_lost)
    patch.setattr(Board, "engineer_lost", lost)


def strict_output_at_once(patch: pytest.MonkeyPatch) -> None:
    """Under the strict policy output does not wait for the broker's disk."""

    async def wait_until_durable(self: Any) -> None:
        """Waits for nothing."""

    patch.setattr(Recorder, "wait_until_durable", wait_until_durable)


def line_that_nobody_records(patch: pytest.MonkeyPatch) -> None:
    """A line of chat is told to everybody, and never handed to the recorder."""
    honest = Chat._record

    def record(self: Any, waiting: Any, recording: Any) -> Any:
        silent = SimpleNamespace(record=lambda _: None, elapsed_ms=recording.elapsed_ms)
        return honest(self, waiting, silent)  # type: ignore[arg-type]  # as much of a recording as a line needs

    patch.setattr(Chat, "_record", record)


def lines_told_again(patch: pytest.MonkeyPatch) -> None:
    """Whoever begins to follow is told the newest line twice."""
    honest = Chat.lines_after
    patch.setattr(Chat, "lines_after", lambda self, number: [*honest(self, number), *honest(self, number)[-1:]])


def hand_over_and_stay(patch: pytest.MonkeyPatch) -> None:
    """Who takes over is in, and the other one is not sent out."""
    patch.setattr(Attendance, "send_out_leaver", lambda *_: None)


PLANTS: dict[str, tuple[str, Plant]] = {
    "ack before sync": ("recording", ack_before_sync),
    "strict output at once": ("recording", strict_output_at_once),
    "resume from wrong offset": ("relaying", resume_from_wrong_offset),
    "believe what came twice": ("relaying", believe_what_came_twice),
    "second run on one code": ("whole", second_run_on_one_code),
    "line that nobody records": ("whole", line_that_nobody_records),
    "lines told again": ("whole", lines_told_again),
    "hand over and stay": ("whole", hand_over_and_stay),
}
