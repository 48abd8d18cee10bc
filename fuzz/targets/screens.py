"""What programs write onto terminals, what terminals write back, and what wrappers write as lines."""

from collections.abc import Iterable
from functools import cache

import msgspec

from agent_client.faces.json_lines import line_decoder
from agent_client.recorder.redaction import RedactionRules, RuleRedactor
from agent_client.screens.keys import KeyReader
from agent_client.screens.room_screen import RoomScreen
from audit.vault.emulator import Emulator
from audit.vault.escapes import TerminalFilter
from fuzz.target import target
from protocol.decoding import UNREADABLE
from protocol.events import Event

_ESCAPES = (
    b"\x1b]52;c;ZXZpbA==\x07", b"\x1b]0;title\x1b\\", b"\x1b[6n", b"\x1b[c", b"\x1bP+q544e\x1b\\", b"\x1b[?1049h",
    b"\x1b[999999999b", b"\x1b[8;60000;60000t", b"\x9b5i", b"\x1b[?2004h", "\u202e".encode(), b"\x1bc", b"\x1b(0",
    b"\x1b[38;2;1;2;3m", b"\x1b[1;1r", b"\x1b[9999L", b"\xc2\x9b31m", b"\x18", b"\x1b[;;;;;;;;;;H",
)  # fmt: skip


def _outputs() -> Iterable[bytes]:
    yield b"plain text\r\n\x1b[1;31mred\x1b[0m \xe4\xbd\xa0\xe5\xa5\xbd\r\n"
    yield b"\x1b[?1049h\x1b[2J\x1b[H" + b"".join(_ESCAPES)


def _pieces(data: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(data):
        size = 1 + data[at] % 19 * 23
        yield data[at : at + size]
        at += size


_NEVER_SHOWN = (
    "\x07",
    "\x1b]",
    "\x1bP",
    "\x1b_",
    "\x1b^",
    "\x1bX",
    "\x9b",
    "\x9d",
    "\x90",
    "\x1bc",
    "\u202e",
    "\x1b[6n",
)


@target("terminal-filter", seeds=_outputs, words=_ESCAPES)
def terminal_filter(data: bytes) -> None:
    """Replay's filter: nothing that acts comes out, little more than went in, wherever it is cut."""
    whole, cut = TerminalFilter(), TerminalFilter()
    shown = whole.feed(data) + whole.flush()
    assert "".join([*map(cut.feed, _pieces(data)), cut.flush()]) == shown
    assert not any(acting in shown for acting in _NEVER_SHOWN)
    assert len(shown) <= 8 * len(data) + 16
    again = TerminalFilter()
    assert again.feed(shown.encode()) + again.flush() == shown


@target("room-screen", seeds=_outputs, words=_ESCAPES)
def room_screen(data: bytes) -> None:
    """The customer's own view of the shared terminal: 24 rows, whatever a program writes."""
    screen = RoomScreen(80, 24)
    for piece in _pieces(data):
        screen.feed(piece)
    screen.resize(40, 10)
    for row in screen.painted(colour=True):
        assert not any(acting in row for acting in _NEVER_SHOWN)
    assert len(screen.text()) == 10


@target("transcript", seeds=_outputs, words=_ESCAPES)
def transcript(data: bytes) -> None:
    """What audit reads as text: every line once, no wider than a terminal may be."""
    lines: list[str] = []
    emulator = Emulator(80, 24, lambda _number, text: lines.append(text))
    for piece in _pieces(data):
        emulator.feed(piece)
    emulator.finish()
    assert all(len(line) <= 80 * 8 for line in lines)
    assert len(lines) <= len(data) + 24 * (
        2 + data.count(b"J") + data.count(b"h") + data.count(b"l") + data.count(b"c")
    )


@target("keys", seeds=lambda: [b"a\r\x1b[A\x1b[200~paste\x1b[201~\x1b]11;rgb:0/0/0\x07\x1b[1;1R"], words=_ESCAPES)
def keys(data: bytes) -> None:
    """What a terminal sends: keys say yes, answers and pastes never."""
    reader = KeyReader()
    for piece in _pieces(data):
        for key in reader.feed(piece):
            assert key.kind != "text" or (len(key.text) >= 1 and key.text not in "\x1b\r\n")
    reader.settle()


def _lines() -> Iterable[bytes]:
    yield b'{"command":"answer","question":1,"allow":true,"scopes":["shell"],"minutes":30}'
    yield b'{"command":"type","data":"bHMK"}'
    yield b'{"command":"rate","stars":5,"solved":null,"comment":"\xe8\xb0\xa2"}'
    yield b'{"command":"watch","columns":80,"rows":24}'


@target("json-line", seeds=_lines, words=(b'"command":', b"\\ud800", b"1e400", b'"narrow"', b"true", b"null"))
def json_line(data: bytes) -> None:
    """A line of a wrapper of `share --json`."""
    try:
        said = line_decoder.decode(data)
    except UNREADABLE:
        return
    assert line_decoder.decode(msgspec.json.encode(said)) == said


class _Counting:
    """As much of a recording as a redactor needs."""

    strict = False
    has_room = True

    def __init__(self) -> None:
        self.count = 0

    def elapsed_ms(self) -> int:
        return 0

    def record(self, event: Event) -> None:
        del event
        self.count += 1

    async def wait_for_room(self) -> None: ...
    async def wait_until_durable(self) -> None: ...


@cache
def _rules() -> RedactionRules:
    return RedactionRules.load()


_SECRETS = (
    b"-----BEGIN RSA PRIVATE KEY-----\n", b"-----END RSA PRIVATE KEY-----", b"AKIA" + b"A" * 16, b"password=",
    b"Authorization: Bearer ", b"ghp_" + b"a" * 36, b"eyJhbGciOi.", b"token: ", b"AAAAAAAAAAAAAAAAAAAAAAAA",
)  # fmt: skip


@target("redaction", seeds=lambda: [b"user=x password=hunter2\n" + b" ".join(_SECRETS)], words=_SECRETS)
def redaction(data: bytes) -> None:
    """The redactor between a program and everybody: nothing is held for ever, nothing is invented."""
    redactor = RuleRedactor(_rules(), _Counting(), 0)
    out = b"".join([*map(redactor.feed, _pieces(data)), redactor.flush()])
    assert redactor.held_bytes == 0
    assert len(out) <= 16 * len(data) + 4096
