"""The customer's pause, for everything that is not a frozen process: operations wait here before they begin."""

import asyncio


class Pause:
    """Open until paused."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    @property
    def active(self) -> bool:
        return not self._open.is_set()

    def begin(self) -> None:
        self._open.clear()

    def end(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        """Return when nothing is paused: at once, as a rule."""
        await self._open.wait()
