"""Which commands were typed: read from what the terminal showed, and marked with how.

    shell integration   the shell marks its prompt and its commands by OSC 133 (FinalTerm's sequences, which iTerm2,
                        WezTerm, VS Code and Windows Terminal read): B ends the prompt, C begins the output. What
                        stands between them is the command
    prompt              without it: somebody types while the cursor stands behind what looks like a prompt, and a line
                        feed follows. What stands behind the prompt by then is the command

Both are a program's output and can be forged or disturbed by one; the recording's own word is only for commands that
were run beside the room. With shell integration once seen, the guess is off for that terminal.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from audit.replay_index.entries import Source
from audit.vault.screen import Screen

_OSC_133 = re.compile(rb"\x1b\]133;([A-D])[^\x07\x1b]{0,200}(?:\x07|\x1b\\)")
_OSC_BEGUN = re.compile(rb"\x1b(?:\](?:1(?:3(?:3(?:;[^\x07\x1b]{0,200}\x1b?)?)?)?)?)?\Z")
_PROMPT_END = re.compile(r"[$#%>❯❱➜λ»]\s?\Z")
_PROMPT_LINE = re.compile(r"(?P<prompt>[^$#%>❯❱➜λ»]{0,120}[$#%>❯❱➜λ»]) (?P<command>\S.*)")
_WRAPPED_ROWS = 64


class CommandsState(Struct, array_like=True):
    """Where the watching of one terminal stands. `start` is the line and the column at which a command begins."""

    integrated: bool = False
    start: tuple[int, int] | None = None
    typed: bool = False
    carry: bytes = b""
    """The beginning of a mark that may be cut in two."""


class TypedCommands:
    """Watches one terminal. `ready` collects `(t_ms, command, source)`."""

    def __init__(self, state: CommandsState | None = None) -> None:
        self.state = state or CommandsState()
        self.ready: list[tuple[int, str, Source]] = []

    def typing(self, screen: Screen) -> None:
        """Somebody pressed keys; called before their echo is shown."""
        state = self.state
        state.typed = True
        if state.integrated or state.start is not None:
            return
        before = "".join(screen.buffer[screen.cursor.y][column].data for column in range(screen.cursor.x))
        if _PROMPT_END.search(before):
            state.start = (screen.scrolled_away + screen.cursor.y, screen.cursor.x)

    def feed(self, t_ms: int, data: bytes, show: Callable[[bytes], None], screen: Callable[[], Screen | None]) -> None:
        """Gives the output to `show`, in pieces that end where the screen must be looked at.

        `screen` is the terminal's screen, None while a full-screen program has it.
        """
        for piece, mark in self._pieces(data):
            if mark is None and self.state.typed and not self.state.integrated and b"\n" in piece:
                line_feed = piece.index(b"\n")
                show(piece[:line_feed])
                self._take_at_line_feed(t_ms, screen())
                show(piece[line_feed:])
            else:
                show(piece)
            if mark is not None:
                self._take_mark(t_ms, mark, screen())

    def _pieces(self, data: bytes) -> Iterator[tuple[bytes, str | None]]:
        """The output, cut behind each mark."""
        carry = self.state.carry
        if b"\x1b" not in data and not carry:
            yield data, None
            return
        text, begin = carry + data, len(carry)
        for mark in _OSC_133.finditer(text):
            yield text[begin : mark.end()], mark[1].decode()
            begin = mark.end()
        cut = _OSC_BEGUN.search(text, max(len(text) - 220, 0))
        self.state.carry = text[max(cut.start(), 0) :] if cut else b""
        if begin < len(text):
            yield text[begin:], None

    def _take_mark(self, t_ms: int, mark: str, screen: Screen | None) -> None:
        state = self.state
        state.integrated = True
        if screen is None:
            return
        if mark == "B":
            state.start = (screen.scrolled_away + screen.cursor.y, screen.cursor.x)
        elif mark == "C":
            if state.start is not None:
                ends_at_line = screen.cursor.x == 0 and screen.scrolled_away + screen.cursor.y > state.start[0]
                last = screen.cursor.y - (1 if ends_at_line else 0)
                self._add(t_ms, _text_from(screen, state.start, last), Source.SHELL_INTEGRATION)
            state.start = None
        else:
            state.start = None

    def _take_at_line_feed(self, t_ms: int, screen: Screen | None) -> None:
        state = self.state
        start, state.start, state.typed = state.start, None, False
        if screen is None:
            return
        if start is not None:
            self._add(t_ms, _text_from(screen, start, screen.cursor.y), Source.PROMPT)
        elif (line := _PROMPT_LINE.fullmatch(screen.line(screen.cursor.y))) is not None:
            self._add(t_ms, line["command"], Source.PROMPT)

    def _add(self, t_ms: int, text: str, source: Source) -> None:
        command = text.strip()
        if command and not command.endswith("^C"):
            self.ready.append((t_ms, command, source))


def _text_from(screen: Screen, start: tuple[int, int], last_row: int) -> str:
    """What stands from a place on down to a row; what has scrolled away is not there any more."""
    number, column = start
    first_row = number - screen.scrolled_away
    if first_row < 0 or last_row - first_row > _WRAPPED_ROWS:
        return ""
    rows = []
    for row in range(first_row, last_row + 1):
        cells = screen.buffer[row]
        begin = column if row == first_row else 0
        rows.append("".join(cells[at].data for at in range(begin, screen.columns)))
    return "".join(rows).rstrip()
