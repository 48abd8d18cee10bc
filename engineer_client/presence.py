"""Whether somebody types at this terminal: what a login lives on, also while a shell is all that they use."""

import os
import sys
from collections.abc import Callable

from tunnel.json_api import JsonApi

SAID_EVERY_SECONDS = 60.0


def typed_at() -> float:
    """When something was last read from this terminal, as `w` tells who is idle; 0 where there is none."""
    try:
        terminal = sys.stdin.fileno()
        return os.fstat(terminal).st_atime if os.isatty(terminal) else 0.0
    except (OSError, ValueError):  # closed, or no file at all
        return 0.0


class Presence:
    """Tells the broker that somebody is here, at most once a minute, and only when something was typed since."""

    def __init__(self, api: JsonApi, last_typed_at: Callable[[], float] = typed_at) -> None:
        self._api = api
        self._last_typed_at = last_typed_at
        self._said_at = last_typed_at()

    def tell(self) -> None:
        """Raises what `JsonApi.post` does."""
        typed = self._last_typed_at()
        if typed - self._said_at >= SAID_EVERY_SECONDS:
            self._api.post("/v1/presence", {})
            self._said_at = typed
