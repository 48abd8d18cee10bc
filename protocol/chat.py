"""What customer and engineers write to each other: how long a line may be, how often one may come, what it may hold.

A line travels in the control channel (`Say`, `Said`) and is kept in the recording
(`events.ChatSaid`). It is plain text: whoever shows it makes characters that draw nothing, or do something, harmless
(`wording.safe_text`).
"""

import re

from protocol.errors import InputError

LINE_LIMIT_CHARACTERS = 1000
"""Unicode code points; at most four times as many bytes, so a line fits into a control frame with room to spare."""

LINE_PATTERN = r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]+$"
"""No control character but the line feed (C0, DEL, C1): nobody types one, and a terminal would obey it."""

BURST_LINES = 5
EVERY_MS = 1_000
"""One person's lines: so many at once, and one more each second."""

KEPT_LINES = 200
"""What an agent remembers, for programs that come later or were away."""

SESSION_LIMIT_LINES = 10_000
"""Of one session, by everybody: a recording is not for filling."""

_IS_LINE = re.compile(LINE_PATTERN)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class LineUnusable(InputError):
    """Nothing, or more than a line holds."""

    sentence = "A message has 1 to {limit} characters; this one has {length}."


def chat_line(typed: str) -> str:
    """What was typed or pasted, as it may be sent: line ends and tabs made plain, other controls left out.

    Raises LineUnusable.
    """
    plain = typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    line = _CONTROLS.sub("", plain).strip()
    if not line or len(line) > LINE_LIMIT_CHARACTERS:
        raise LineUnusable(limit=LINE_LIMIT_CHARACTERS, length=len(line))
    return line


def is_chat_line(text: str) -> bool:
    """Whether a line is one that may be sent, as it is."""
    return 0 < len(text) <= LINE_LIMIT_CHARACTERS and _IS_LINE.search(text) is not None and bool(text.strip())


class Pace:
    """How often one person may write. Times are milliseconds of any clock; one that goes back gives nothing."""

    def __init__(self) -> None:
        self._left = float(BURST_LINES)
        self._latest_ms: int | None = None

    def may_write(self, now_ms: int) -> bool:
        """Whether one more line may come now; it is counted if it may."""
        if self._latest_ms is not None:
            passed_ms = max(now_ms - self._latest_ms, 0)
            self._left = min(float(BURST_LINES), self._left + passed_ms / EVERY_MS)
        self._latest_ms = max(now_ms, self._latest_ms or 0)
        if self._left < 1:
            return False
        self._left -= 1
        return True
