"""After the end: what was done, the rating, a comment, where the receipt lies."""

from agent_client.faces.face import Rating
from agent_client.faces.notices import SessionSummary
from agent_client.screens.keys import Key
from agent_client.screens.rows import BLANK, Row, Span, clock_text, row, shown, size_text, wrapped
from wording import Wording

FILES_SHOWN = 8
COMMENT_LIMIT_CHARACTERS = 2000

RECEIPT_PATH_LIMIT_CELLS = 1000


def summary_rows(summary: SessionSummary, receipt: str, wording: Wording, width: int) -> list[Row]:
    """The summary; it also stays in the terminal after the screens are gone."""
    names = ", ".join(shown(name, 40) for name in summary.engineers)
    lasted = clock_text(summary.ended_at_ms - summary.started_at_ms)
    totals = wording.say(
        "agent-summary", engineers=names, time=lasted, commands=summary.commands, files=len(summary.files)
    )
    rows = [row("  ", Span(line, "title")) for line in wrapped(wording.say(f"agent-end-{summary.reason}"), width - 4)]
    rows += [row("  ", line) for line in wrapped(totals, width - 4)]
    for file in summary.files[:FILES_SHOWN]:
        action = wording.say(f"agent-file-{file.action}")
        path = shown(file.path, max(width - 30, 20))
        rows.append(row("     ", f"{action} {path} ({size_text(file.byte_count)})"))
    if len(summary.files) > FILES_SHOWN:
        rows.append(row("     ", wording.say("agent-summary-more", count=len(summary.files) - FILES_SHOWN)))
    recorded = "agent-summary-delivered" if summary.delivered else "agent-summary-undelivered"
    rows += [row("  ", line) for line in wrapped(wording.say(recorded, records=summary.record_count), width - 4)]
    if receipt:
        # Whole, over several lines where it must be: somebody will want to open it.
        told = wording.say("agent-receipt", path=shown(receipt, RECEIPT_PATH_LIMIT_CELLS))
        rows += [row("  ", line) for line in wrapped(told, width - 2)]
    return rows


class RatingForm:
    """Stars, solved or not, a comment: three questions, each with one key."""

    def __init__(self) -> None:
        self.is_over = False
        self.rating: Rating | None = None
        self._stars = 0
        self._solved: bool | None = None
        self._step = 0
        self._comment = ""

    def press(self, key: Key) -> None:
        """`is_over` afterwards, once there is nothing more to ask."""
        if self._step == 0:
            if key.text in ("1", "2", "3", "4", "5"):
                self._stars, self._step = int(key.text), 1
            elif key.kind in ("escape", "enter") or key.text in ("q", "Q") or _is_interrupt(key):
                self.is_over = True
        elif self._step == 1:
            letter = key.text.lower() if key.kind == "text" else ""
            if letter in ("y", "n") or key.kind in ("enter", "escape"):
                self._solved = {"y": True, "n": False}.get(letter)
                self._step = 2
        else:
            self._write(key)

    def _write(self, key: Key) -> None:
        if key.kind == "enter" or key.kind == "escape" or _is_interrupt(key):
            comment = self._comment.strip() if key.kind == "enter" else ""
            self.rating = Rating(self._stars, self._solved, comment)
            self.is_over = True
        elif key.kind == "backspace":
            self._comment = self._comment[:-1]
        elif key.kind == "text":
            self._comment += key.text
        elif key.kind == "paste":
            self._comment += " ".join(key.raw.decode(errors="replace").split())
        self._comment = self._comment[:COMMENT_LIMIT_CHARACTERS]

    def rows(self, wording: Wording, width: int) -> list[Row]:
        stars = "★" * self._stars + "☆" * (5 - self._stars)
        rows: list[Row] = [BLANK, row("  ", Span(wording.say("agent-rate-title"), "bold"), f"  {stars}")]
        asked = wording.say(("agent-rate-stars", "agent-rate-solved", "agent-rate-comment")[self._step])
        rows += [row("  ", line) for line in wrapped(asked, width - 4)]
        if self._step == 2:
            lines = wrapped(shown(self._comment, COMMENT_LIMIT_CHARACTERS) + "▏", width - 6)
            rows += [row("  > ", line) for line in lines[-5:]]
        return rows


def _is_interrupt(key: Key) -> bool:
    return key.kind == "control" and key.text in ("c", "d")
