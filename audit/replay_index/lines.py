"""Which lines a terminal showed, and when: what full-text search looks through.

Text is indexed as it stood in the cells of the screen, never as it was sent, so no escape sequence hides it. A line is
indexed when

    it leaves    it scrolls off, or the screen is cleared, or a full-screen program ends, or the recording does
    it settles   the screen stood still for a quarter of a second, or a second of unbroken output has passed

and differs from what was last indexed of it. A line that is drawn again and again (a progress bar, `top`) is indexed
again when a word came to stand in it that it did not hold before; changes of numbers alone wait for the next full
minute, or until the line leaves. What was written over within the same quarter of a second was never there to be
read, and is not indexed: it is in the recording. Lines that wrap are put together, so words are not cut at the margin.
"""

from collections.abc import Iterator

from msgspec import Struct

from audit.replay_index.entries import TEXT_LIMIT_CHARACTERS
from audit.replay_index.words import normal_form, token_hash, tokens_of
from audit.vault.emulator import Emulator
from audit.vault.screen import Screen

QUIET_MS = 250
CROWDED_MS = 1000
NUMBERS_MS = 60_000


class LineState(Struct, array_like=True):
    """One line that still stands there. `words` are hashes of the words that were indexed of it."""

    now: str = ""
    changed_ms: int = 0
    indexed: str | None = None
    words: set[int] = set()


class LinesState(Struct, array_like=True):
    """Where the watching of one terminal stands."""

    lines: dict[int, LineState]
    picture: dict[int, LineState]
    """The rows of a full-screen program."""
    last_ms: int = 0
    numbers_ms: int = 0
    unsettled: bool = False
    unsettled_ms: int = 0
    """Since when, if it is."""
    wrapped: tuple[int, str] | None = None
    """The number and text of a line that has begun to leave; the rest of it follows."""


class ShownLines:
    """Watches one emulator. `ready` collects `(t_ms, text)` in the order in which lines came to be indexed."""

    def __init__(self, state: LinesState | None = None) -> None:
        self.state = state or LinesState({}, {})
        self.ready: list[tuple[int, str]] = []
        self._emulator = Emulator(on_line=self.leave)

    @property
    def emulator(self) -> Emulator:
        return self._emulator

    def feed(self, t_ms: int, data: bytes) -> None:
        """A piece of output. Call `settle_before` first, once for each moment."""
        self.state.last_ms = max(self.state.last_ms, t_ms)
        self._begin_unsettled()
        self._emulator.feed(data)

    def changed(self) -> None:
        """The screen changed without output: it was resized."""
        self._begin_unsettled()

    def settle_before(self, t_ms: int) -> None:
        """Time has come to `t_ms`: indexes what stood there long enough by then."""
        state = self.state
        quiet = t_ms - state.last_ms >= QUIET_MS
        if state.unsettled and (quiet or state.last_ms - state.unsettled_ms >= CROWDED_MS):
            self._settle()

    def finish(self) -> None:
        """The recording ends: what stands there now was shown."""
        if self.state.unsettled:
            self._settle()
        self._emulator.finish()
        self._end_wrapped()

    def leave(self, number: int, text: str) -> None:
        """Called by the emulator for a line that it is about to lose, or -1 for one of a full-screen program."""
        if number < 0:
            self._index_picture_line(text)
            return
        held, main = self.state.wrapped, self._emulator.main
        head, begun = held if held is not None else (number, "")
        if number in main.wrapping and len(begun) < TEXT_LIMIT_CHARACTERS:
            self.state.wrapped = (head, begun + _filled(text, main.columns))
            return
        text = begun + text
        self.state.wrapped = None
        self._index_leaving(head, text)

    # ── settling ──

    def _begin_unsettled(self) -> None:
        if not self.state.unsettled:
            self.state.unsettled, self.state.unsettled_ms = True, self.state.last_ms

    def _settle(self) -> None:
        state = self.state
        state.unsettled = False
        with_numbers = state.last_ms - state.numbers_ms >= NUMBERS_MS
        if with_numbers:
            state.numbers_ms = state.last_ms
            state.picture = {
                row: LineState(line.now, line.changed_ms, line.indexed) for row, line in state.picture.items()
            }
        screen = self._emulator.screen
        rows = sorted(row for row in screen.dirty if row < screen.lines)
        screen.dirty.clear()
        if with_numbers:
            rows = list(range(screen.lines))
        if self._emulator.is_full_screen:
            picture = ((row, screen.line(row)) for row in rows)
            self._compare(state.picture, picture, with_numbers=with_numbers)
            return
        state.picture.clear()
        self._compare(state.lines, self._logical_lines(screen, rows), with_numbers=with_numbers)
        for number in [number for number in state.lines if number < screen.scrolled_away]:
            if state.wrapped is None or number != state.wrapped[0]:
                del state.lines[number]

    def _compare(self, known: dict[int, LineState], lines: Iterator[tuple[int, str]], *, with_numbers: bool) -> None:
        for number, text in lines:
            line = known.get(number)
            if line is None:
                if not text:
                    continue
                line = known[number] = LineState(words=set())
            if text != line.now:
                line.now, line.changed_ms = text, self.state.last_ms
            if text and text != line.indexed and (with_numbers or line.indexed is None or _new_words(line, text)):
                self._index(line, line.changed_ms, text)

    def _logical_lines(self, screen: Screen, rows: list[int]) -> Iterator[tuple[int, str]]:
        """The lines that these rows belong to, put together where they wrap, with the number of their first rows."""
        done = -1
        for row in rows:
            if row <= done:
                continue
            head = row
            while head > done + 1 and screen.goes_on(head - 1):
                head -= 1
            number, text = screen.scrolled_away + head, ""
            if head == 0 and self.state.wrapped is not None:
                number, text = self.state.wrapped
            done = head
            while screen.goes_on(done) and done + 1 < screen.lines and len(text) < TEXT_LIMIT_CHARACTERS:
                text += _filled(screen.line(done), screen.columns)
                done += 1
            yield number, text + screen.line(done)

    # ── leaving ──

    def _index_leaving(self, number: int, text: str) -> None:
        line = self.state.lines.get(number)
        if not text or (line is not None and text == line.indexed):
            return
        if line is None:
            self.ready.append((self.state.last_ms, text))
        else:  # it may stay: a full-screen program only covers it
            self._index(line, line.changed_ms if line.now == text else self.state.last_ms, text)

    def _index_picture_line(self, text: str) -> None:
        if all(line.indexed != text for line in self.state.picture.values()):
            self.ready.append((self.state.last_ms, text))

    def _end_wrapped(self) -> None:
        held, self.state.wrapped = self.state.wrapped, None
        if held is not None:
            self._index_leaving(*held)

    def _index(self, line: LineState, t_ms: int, text: str) -> None:
        self.ready.append((t_ms, text))
        line.indexed = text
        line.words |= _words(text)


def _filled(row: str, columns: int) -> str:
    """A row that goes on, with the blanks at its end that it was drawn with."""
    return row.ljust(columns) if row.isascii() else row


def _new_words(line: LineState, text: str) -> bool:
    return not _words(text) <= line.words


def _words(text: str) -> set[int]:
    """Hashes of the tokens that hold a letter."""
    return {token_hash(token) for token in tokens_of(normal_form(text)) if not token.isdecimal()}
