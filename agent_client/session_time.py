"""What time does to a session: grants and codes run out, and it ends when idle, or too long without its broker."""

import asyncio
from collections.abc import Callable

from agent_client.attendance import Attendance
from agent_client.host import unix_ms
from agent_client.invitations import Invitations
from protocol.messages.fields import EndReason

IDLE_LIMIT_MS = 15 * 60 * 1000
"""Nothing typed, shown or transferred for so long ends the session (PCI DSS 8.2.8)."""

LOOK_AGAIN_MS = 5_000
"""A machine that was asleep has passed deadlines that its timers know nothing of: they are looked at this often."""

LOOK_AT_MOST_EVERY_MS = 10
"""So that a deadline that stays due keeps nothing busy."""


class SessionTime:
    """`end` makes `over` done, with why."""

    def __init__(
        self,
        attendance: Attendance,
        invitations: Invitations,
        *,
        resume_window_ms: int,
        over: asyncio.Future[EndReason],
        end: Callable[[EndReason], None],
    ) -> None:
        self._attendance = attendance
        self._invitations = invitations
        self._resume_window_ms = resume_window_ms
        self._over = over
        self._end = end
        self._waiting_since_ms: int | None = None
        self._deadlines_moved = asyncio.Event()

    def deadlines_moved(self) -> None:
        """Something is due earlier, or later, than it was."""
        self._deadlines_moved.set()

    def broker_lost(self, since_ms: int) -> None:
        """The broker cannot be reached; said again at each try, and the first moment counts."""
        if self._waiting_since_ms is None:
            self._waiting_since_ms = since_ms
        self.deadlines_moved()

    def broker_reached(self) -> None:
        self._waiting_since_ms = None

    async def run(self) -> None:
        """Does what is due, when it is due, until the session is over."""
        while not self._over.done():
            now_ms = unix_ms()
            self._invitations.handle_time(now_ms)
            self._attendance.handle_time(now_ms)
            lost_at_ms = self._lost_at_ms()
            if lost_at_ms is not None and now_ms >= lost_at_ms:
                self._end("lost")
            if self._idle_left_ms() <= 0:
                self._end("idle")
            self._deadlines_moved.clear()
            try:
                async with asyncio.timeout(self._seconds_to_next_deadline(now_ms)):
                    await self._deadlines_moved.wait()
            except TimeoutError:
                continue

    def _seconds_to_next_deadline(self, now_ms: int) -> float:
        moments = [*self._attendance.deadlines_ms(), self._invitations.deadline_ms, self._lost_at_ms()]
        next_ms = min((moment for moment in moments if moment is not None), default=now_ms + IDLE_LIMIT_MS)
        return max(LOOK_AT_MOST_EVERY_MS, min(next_ms - now_ms, self._idle_left_ms(), LOOK_AGAIN_MS)) / 1000

    def _lost_at_ms(self) -> int | None:
        """When a broker that cannot be reached ends the session."""
        return None if self._waiting_since_ms is None else self._waiting_since_ms + self._resume_window_ms

    def _idle_left_ms(self) -> int:
        live = self._attendance.live
        if live is None:
            return IDLE_LIMIT_MS
        return live.recording.last_activity_ms + IDLE_LIMIT_MS - live.recording.elapsed_ms()
