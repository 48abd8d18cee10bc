"""Terminal output made harmless: what a recording may do to the terminal of the one who watches it.

Recorded output is hostile. Shown raw, it could ask the reader's terminal questions whose answers land in the reader's
shell, write to the clipboard (OSC 52), change the title, turn on mouse or paste modes, print to a printer, or hide
itself. So only what draws is let through, from a list; everything else is dropped:

    kept       printable text; CR LF BS HT; cursor movement, erasing, insertion, scrolling, colours; the alternate
               screen, cursor visibility, autowrap, origin and insert mode; line drawing; save and restore
    dropped    every OSC, DCS, APC, PM and SOS string; every question (DA, DSR, DECRQM, XTVERSION …); window
               operations; mouse, paste, focus and keyboard modes; the bell; C1 controls in all their spellings
    replaced   invalid UTF-8 and bidirectional controls by U+FFFD

The grammar is that of ECMA-48 and of the state machine that terminals share (https://vt100.net/emu/dec_ansi_parser).
"""

import codecs
import re
from dataclasses import dataclass
from enum import Enum, auto

STRING_LIMIT_CHARACTERS = 4096
"""An OSC or DCS string without an end swallows what follows, as terminals do; after this much it is taken as output
again, so that a recording cannot hide the rest of itself from a reader."""

SEQUENCE_LIMIT_CHARACTERS = 64
NUMBER_LIMIT = 9999
"""Largest parameter: a repeat or movement of more is no terminal's, and could be made to cost memory."""

REPEAT_LIMIT = 1000

_PARAMETER_COUNTS = dict.fromkeys("@ABCDEFGIJKLMPSTXZ`abdeg", 1) | dict.fromkeys("Hfr", 2) | dict.fromkeys("su", 0)
"""Kept CSI sequences by their final character, and how many parameters each has; more are cut off."""
_KNOWN_VALUES = {"J": {0, 1, 2, 3}, "K": {0, 1, 2}, "g": {0, 3}}
_KEPT_CONTROLS = frozenset("\b\t\n\v\f\r\x0e\x0f")
_PRIVATE_MODES = frozenset({5, 6, 7, 25, 47, 1047, 1048, 1049})
"""Screen reversal, origin, autowrap, cursor visible, and the alternate screen in its spellings."""
_ANSI_MODES = frozenset({4, 20})
_ESC_FINALS = frozenset("78DEHM")
_CHARSETS = frozenset("0AB")
_STRINGS = {"P": "\x90", "X": "\x98", "]": "\x9d", "^": "\x9e", "_": "\x9f"}
_STRING_STARTERS = frozenset(_STRINGS.values())
_BIDI = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_PARAMETERS = re.compile(r"[0-9;:]*")
_PLAIN = re.compile(r"[^\x00-\x07\x10-\x1f\x7f-\x9f]+")
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,60}m")
"""The commonest sequence, taken whole: character by character it would be most of the time."""


class _State(Enum):
    GROUND = auto()
    ESCAPE = auto()
    CHARSET = auto()
    ESCAPE_INTERMEDIATE = auto()
    CSI = auto()
    STRING = auto()
    STRING_ESCAPE = auto()


@dataclass(frozen=True, slots=True)
class FilterState:
    """Where a filter stands in its stream: enough to go on from there."""

    state: str = _State.GROUND.name
    held: str = ""
    string_length: int = 0
    undecoded: bytes = b""


class TerminalFilter:
    """Follows one output stream; pieces may be cut anywhere, inside a character or a sequence."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._state = _State.GROUND
        self._held = ""
        self._string_length = 0

    @property
    def state(self) -> FilterState:
        """May be kept, and given to `restore` of another filter."""
        return FilterState(self._state.name, self._held, self._string_length, self._decoder.getstate()[0])

    def restore(self, state: FilterState) -> None:
        self._state, self._held, self._string_length = _State[state.state], state.held, state.string_length
        self._decoder.setstate((state.undecoded, 0))

    def feed(self, data: bytes) -> str:
        """The part of the output so far that draws."""
        return self._filter(self._decoder.decode(data))

    def flush(self) -> str:
        """At the end: a cut character becomes U+FFFD, a cut sequence nothing."""
        rest = self._filter(self._decoder.decode(b"", final=True))
        self._state, self._held = _State.GROUND, ""
        return rest

    def _filter(self, text: str) -> str:
        out: list[str] = []
        position = 0
        while position < len(text):
            if self._state is _State.GROUND and (plain := _PLAIN.match(text, position)):
                run = plain.group()
                out.append(run if run.isascii() else _BIDI.sub("\ufffd", run))
                position = plain.end()
                continue
            if self._state is _State.GROUND and (colour := _COLOUR.match(text, position)):
                out.append(colour.group())
                position = colour.end()
                continue
            out.append(self._step(text[position]))
            position += 1
        return "".join(out)

    def _step(self, character: str) -> str:
        if character in "\x18\x1a":  # CAN and SUB end any sequence
            self._state = _State.GROUND
            return ""
        if self._state in (_State.STRING, _State.STRING_ESCAPE):
            return self._in_string(character)
        if character == "\x1b":
            self._state, self._held = _State.ESCAPE, ""
            return ""
        if "\x80" <= character <= "\x9f":
            self._begin_c1(character)
            return ""
        if character < " ":  # terminals execute controls even in the middle of a sequence
            return character if character in _KEPT_CONTROLS else ""
        if character == "\x7f":
            return ""
        return self._printable(character)

    def _printable(self, character: str) -> str:
        match self._state:
            case _State.GROUND:
                return _BIDI.sub("\ufffd", character)
            case _State.ESCAPE:
                return self._after_escape(character)
            case _State.CHARSET:
                self._state = _State.GROUND
                return f"\x1b{self._held}{character}" if character in _CHARSETS else ""
            case _State.ESCAPE_INTERMEDIATE:
                if not " " <= character <= "/":
                    self._state = _State.GROUND
                return ""
            case _:
                return self._in_csi(character)

    def _begin_c1(self, character: str) -> None:
        self._held, self._string_length = "", 0
        if character == "\x9b":
            self._state = _State.CSI
        elif character in _STRING_STARTERS:
            self._state = _State.STRING
        else:
            self._state = _State.GROUND

    def _after_escape(self, character: str) -> str:
        self._state = _State.GROUND
        if character == "[":
            self._state, self._held = _State.CSI, ""
        elif character in _STRINGS:
            self._begin_c1(_STRINGS[character])
        elif character in "()":
            self._state, self._held = _State.CHARSET, character
        elif " " <= character <= "/":
            self._state = _State.ESCAPE_INTERMEDIATE
        elif character in _ESC_FINALS:
            return "\x1b" + character
        elif character == "c":  # a full reset also resets modes that were never set here: clear instead
            return "\x1b[0m\x1b[2J\x1b[H"
        return ""

    def _in_csi(self, character: str) -> str:
        if "@" <= character <= "~":
            self._state = _State.GROUND
            return _safe_csi(self._held, character)
        self._held += character
        if len(self._held) > SEQUENCE_LIMIT_CHARACTERS:
            self._held = "?"  # longer than any that is kept: swallowed up to its final character
        return ""

    def _in_string(self, character: str) -> str:
        self._string_length += 1
        if character == "\x1b":
            self._state = _State.STRING_ESCAPE
        elif character in "\x07\x9c" or self._string_length > STRING_LIMIT_CHARACTERS:
            self._state = _State.GROUND
        elif self._state is _State.STRING_ESCAPE:
            # ESC ends a string; with a backslash it is the terminator, else the beginning of something new.
            self._state = _State.GROUND
            return "" if character == "\\" else self._after_escape(character)
        return ""


def _safe_csi(parameters: str, final: str) -> str:
    """The sequence, if it is one that only draws, with its numbers bounded."""
    if final in "hl":
        return _safe_modes(parameters, final)
    if not _PARAMETERS.fullmatch(parameters):
        return ""
    if final == "m":
        return f"\x1b[{_plain_colours(parameters)}m"
    if final not in _PARAMETER_COUNTS or ":" in parameters:
        return ""
    count = _PARAMETER_COUNTS[final]
    numbers = [min(int(number), NUMBER_LIMIT) if number else None for number in parameters.split(";")[:count]]
    if final == "b":
        numbers = [min(number, REPEAT_LIMIT) if number else None for number in numbers]
    if final in _KNOWN_VALUES and numbers and (numbers[0] or 0) not in _KNOWN_VALUES[final]:
        return ""
    if not count and parameters:
        return ""  # with parameters these set margins or speak about the keyboard
    bounded = ";".join("" if number is None else str(number) for number in numbers)
    return f"\x1b[{bounded}{final}"


def _plain_colours(parameters: str) -> str:
    """Colours with colons (ISO 8613-6) in the older spelling, which every terminal and player reads."""
    parts = []
    for part in parameters.split(";"):
        numbers = part.split(":")
        if len(numbers) > 1 and numbers[0] in ("38", "48"):
            values = [number for number in numbers[2:] if number]
            wanted = {"2": 3, "5": 1}.get(numbers[1], 0)
            if wanted and len(values) >= wanted:
                parts += [numbers[0], numbers[1], *values[-wanted:]]
        else:
            parts.append(numbers[0])
    return ";".join(parts)


def _safe_modes(parameters: str, final: str) -> str:
    private = parameters.startswith("?")
    numbers = parameters.removeprefix("?").split(";")
    if not all(number.isascii() and number.isdigit() for number in numbers):
        return ""
    allowed = _PRIVATE_MODES if private else _ANSI_MODES
    kept = [number for number in numbers if int(number) in allowed]
    return f"\x1b[{'?' if private else ''}{';'.join(kept)}{final}" if kept else ""


def filter_output(data: bytes) -> str:
    """One whole piece of output, made harmless."""
    terminal_filter = TerminalFilter()
    return terminal_filter.feed(data) + terminal_filter.flush()
