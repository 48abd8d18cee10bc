"""Bytes from a terminal, taken apart into keys, pastes and answers.

A terminal also answers questions that somebody else put to it (any process of the same user can write to it): cursor
positions, colours, titles. Such an answer is recognised as a whole and is never a key, so nobody can make the
customer's terminal press `a`. The same holds for a paste, and for an escape sequence that we do not know.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Literal

KeyKind = Literal[
    "text", "enter", "escape", "up", "down", "left", "right", "page-up", "page-down", "backspace", "control", "other",
    "paste",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """`text` is the character of a `text` key, or the letter of a `control` key. `raw` is what a program would get."""

    kind: KeyKind
    text: str
    raw: bytes


PASTE_BEGIN, PASTE_END = b"\x1b[200~", b"\x1b[201~"
_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1bO[@-~]"  # SS3
    rb"|\x1b[\]P^_X][^\x00-\x1f]*(?:\x07|\x1b\\)"  # OSC, DCS, PM, APC, SOS with their text
    rb"|\x1b[ -/]*[0-NQ-WYZ\\`-~]"  # two-byte escapes, Alt-key
)
_BEGINNING = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|O|[\]P^_X][^\x00-\x1f]*|[ -/]*)")
_UNFINISHED = re.compile(_BEGINNING.pattern + rb"\x1b?\Z")
_PRESSED = re.compile(rb"\x1b(?:\[[0-9;]*[A-DHFZ~]|O[A-Za-z]|\[1;[0-9]+[PQRS])\Z")
"""Sequences that keys make. Replies end in c, n, R, t, y or are strings; they do not pass."""

_NAMED: dict[bytes, KeyKind] = {
    b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[C": "right", b"\x1b[D": "left",
    b"\x1bOA": "up", b"\x1bOB": "down", b"\x1bOC": "right", b"\x1bOD": "left",
    b"\x1b[5~": "page-up", b"\x1b[6~": "page-down",
}  # fmt: skip

UNFINISHED_LIMIT_BYTES = 4096
"""Longest answer that is waited for; beyond, its bytes are thrown away."""


class KeyReader:
    """`feed` what was read; `settle` once nothing more came for a moment, to tell Escape and Alt from a sequence."""

    def __init__(self) -> None:
        self._rest = b""
        self._paste: bytearray | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._decoded_raw = b""

    @property
    def is_undecided(self) -> bool:
        return self._rest[:1] == b"\x1b" and len(self._rest) <= 2

    def feed(self, data: bytes) -> list[Key]:
        data = self._rest + data
        self._rest = b""
        keys: list[Key] = []
        at = 0
        while at < len(data):
            if self._paste is not None:
                at = self._in_paste(data, at, keys)
            elif data[at] == 0x1B:
                at = self._at_escape(data, at, keys)
            else:
                self._one_byte(data[at : at + 1], keys)
                at += 1
        return keys

    def settle(self) -> list[Key]:
        if not self.is_undecided:
            return []
        raw, self._rest = self._rest, b""
        return [Key("escape" if raw == b"\x1b" else "other", "", raw)]

    def _in_paste(self, data: bytes, at: int, keys: list[Key]) -> int:
        assert self._paste is not None
        self._paste += data[at:]
        end = self._paste.find(PASTE_END)
        if end < 0:
            return len(data)
        over = len(self._paste) - end - len(PASTE_END)
        keys.append(Key("paste", "", bytes(self._paste[:end])))
        self._paste = None
        return len(data) - over

    def _at_escape(self, data: bytes, at: int, keys: list[Key]) -> int:
        match = _SEQUENCE.match(data, at)
        if match is None:
            if _UNFINISHED.match(data, at) and len(data) - at <= UNFINISHED_LIMIT_BYTES:
                self._rest = data[at:]
                return len(data)
            # Broken off by a control character, or endless: none of it is a key.
            beginning = _BEGINNING.match(data, at)
            assert beginning is not None
            return beginning.end()
        raw = match.group()
        if raw == PASTE_BEGIN:
            self._paste = bytearray()
        elif _PRESSED.match(raw):
            keys.append(Key(_NAMED.get(raw, "other"), "", raw))
        elif len(raw) == 2:
            keys.append(Key("other", "", raw))
        return match.end()

    def _one_byte(self, byte: bytes, keys: list[Key]) -> None:
        if byte in (b"\r", b"\n"):
            keys.append(Key("enter", "", byte))
        elif byte in (b"\x7f", b"\b"):
            keys.append(Key("backspace", "", byte))
        elif byte[0] < 0x20:
            keys.append(Key("control", chr(byte[0] + 0x40).lower(), byte))
        else:
            self._decoded_raw += byte
            text = self._decoder.decode(byte)
            if text:
                keys.append(Key("text", text, self._decoded_raw))
                self._decoded_raw = b""
