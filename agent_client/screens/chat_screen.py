"""What was written in the session, and a line to write the next one. It covers the shared terminal only for the
customer, and only while they want it: the terminal goes on beneath."""

from datetime import datetime

from agent_client.faces.notices import ChatSaid
from agent_client.screens.keys import Key
from agent_client.screens.rows import BLANK, Row, Span, row, shown, wrapped
from protocol.chat import LINE_LIMIT_CHARACTERS, LineUnusable, chat_line
from protocol.events import CUSTOMER
from wording import Wording

DRAFT_ROWS = 4
"""Of a long line that is being written, its end is shown."""

NAME_LIMIT_CELLS = 40


class ChatForm:
    """The line that is being written. `press` returns a line to send, and sets `is_over` when the customer is done."""

    def __init__(self) -> None:
        self.is_over = False
        self._draft = ""
        self._sent = ""
        self._trouble = ""
        """The id of a sentence on the last line that was not taken."""

    def press(self, key: Key) -> str | None:
        if key.kind == "escape" or (key.kind == "control" and key.text in ("c", "d", "]")):
            self.is_over = True
        elif key.kind == "enter":
            return self._send()
        elif key.kind == "backspace":
            self._draft = self._draft[:-1]
        elif key.kind == "text":
            self._draft += key.text
        elif key.kind == "paste":
            self._draft += key.raw.decode(errors="replace")
        self._draft = self._draft[:LINE_LIMIT_CHARACTERS]
        return None

    def refused(self, sentence_id: str) -> None:
        """The last line was not taken: it is put back, unless another one was begun."""
        self._trouble = sentence_id
        self._draft = self._draft or self._sent

    def _send(self) -> str | None:
        try:
            line = chat_line(self._draft)
        except LineUnusable:
            return None
        self._sent, self._draft, self._trouble = line, "", ""
        return line

    def rows(self, lines: list[ChatSaid], wording: Wording, width: int, height: int) -> list[Row]:
        """At most `height` rows: the newest lines, and what is being written below them."""
        draft = wrapped(_plain(self._draft) + "▏", width - 6)[-DRAFT_ROWS:]
        below = [BLANK, *(row("  > " if at == 0 else "    ", text) for at, text in enumerate(draft))]
        if self._trouble:
            below += [row("  ", Span(text, "warning")) for text in wrapped(wording.say(self._trouble), width - 4)]
        help_lines = wrapped(wording.say("agent-chat-help"), width - 4)
        below += [BLANK, *(row("  ", Span(text, "dim")) for text in help_lines)]
        title_lines = wrapped(wording.say("agent-chat-title"), width - 4)
        above = [*(row("  ", Span(text, "title")) for text in title_lines), BLANK]
        said = [line_row for line in lines for line_row in said_rows(line, wording, width)]
        if not said:
            said = [row("  ", Span(text, "dim")) for text in wrapped(wording.say("agent-chat-empty"), width - 4)]
        room = max(height - len(above) - len(below), 0)
        return (above + said[-room:] + below if room else above + below)[:height]


def said_rows(line: ChatSaid, wording: Wording, width: int) -> list[Row]:
    """One line of chat as rows, its author and time before it."""
    clock = datetime.fromtimestamp(line.said_at_ms / 1000).astimezone().strftime("%H:%M")
    rows: list[Row] = [row("  ", Span(clock, "dim"), " ", Span(author_of(line, wording), "bold"))]
    for text in line.text.split("\n"):
        rows += [row("        ", part) for part in wrapped(_plain(text), max(width - 10, 10))]
    return rows


def author_of(line: ChatSaid, wording: Wording) -> str:
    return wording.say("agent-chat-you") if line.participant == CUSTOMER else shown(line.name, NAME_LIMIT_CELLS)


def _plain(text: str) -> str:
    """Escaped, whole: a line is short, and none of it is cut."""
    return shown(text, 12 * LINE_LIMIT_CHARACTERS)
