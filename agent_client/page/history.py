"""What a page has to be told again when it comes back after a reload: everything that still matters, in its order."""

from collections import deque

from agent_client.faces.json_conversation import Facts

HAPPENINGS_KEPT = 1_000
"""Commands and files: the page shows a list of them, the receipt has all."""

LINES_KEPT = 200
"""Of the chat: as many as an engineer's program that comes later is told."""

ROOM_TAIL_BYTES = 256 * 1024
"""Output of the shared terminal: some screens and what a program has set up."""

_NEWEST_COUNTS = {"recorder-progress", "room-resized", "session-summary", "receipt", "receipt-written"}
_PASSING = {
    "chat-refused",
    "consent-question",
    "consent-question-withdrawn",
    "rating-question",
    "input-error",
    "page-refused",
    "room-output-skipped",
}
_BOUNDED = {
    "command-run": ("happening", HAPPENINGS_KEPT),
    "connection-made": ("happening", HAPPENINGS_KEPT),
    "file-touched": ("happening", HAPPENINGS_KEPT),
    "chat-said": ("line", LINES_KEPT),
}
"""Events that come without end: under which name they are counted together, and how many are kept."""


class History:
    """Takes every line that goes to the page; gives those that a page which begins anew has to be told."""

    def __init__(self) -> None:
        self._count = 0
        self._kept: dict[int, bytes] = {}
        self._newest: dict[object, int] = {}
        self._bounded: dict[str, deque[int]] = {}
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0

    def remember(self, event: str, facts: Facts, encoded: bytes) -> None:
        if event in _PASSING:
            return
        self._count += 1
        key = _key(event, facts)
        if key is not None:
            self._kept.pop(self._newest.get(key, 0), None)
            self._newest[key] = self._count
        elif event in _BOUNDED:
            name, limit = _BOUNDED[event]
            numbers = self._bounded.setdefault(name, deque())
            numbers.append(self._count)
            if len(numbers) > limit:
                self._kept.pop(numbers.popleft(), None)
        self._kept[self._count] = encoded

    def remember_output(self, data: bytes) -> None:
        self._tail.append(data)
        self._tail_bytes += len(data)
        while self._tail_bytes - len(self._tail[0]) >= ROOM_TAIL_BYTES:
            self._tail_bytes -= len(self._tail.popleft())

    @property
    def events(self) -> list[bytes]:
        return list(self._kept.values())

    @property
    def output(self) -> bytes:
        return b"".join(self._tail)


def _key(event: str, facts: Facts) -> object:
    """Events with one key make each other outdated."""
    if event in _NEWEST_COUNTS:
        return event
    if event in ("code-shown", "code-ended"):
        return "code"
    if event in ("paused", "resumed"):
        return ("pause", facts["by"])
    if event == "connection-state":
        return (event, facts["to"])
    if event == "grant-changed":
        return (event, facts["participant"])
    return None
