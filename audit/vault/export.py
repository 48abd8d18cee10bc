"""A recording in other people's formats. All of them are copies for reading; the sealed records stay the evidence.

asciicast  version 3 (https://docs.asciinema.org/manual/asciicast/v3/): a header line, then `[interval, code, data]`
           with the seconds since the line before. Output and input of one channel, its sizes, an `m` marker for every
           other event, `x` for the exit status. Output goes through `escapes.py` unless raw bytes are asked for.
text       lines as they were seen, with the time when each began, and the other events between them
jsonl      every event as one JSON object; bytes as base64, and beside it as text where they are terminal data
"""

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from audit.vault.escapes import TerminalFilter
from audit.vault.narrator import Narrator, clock_text
from audit.vault.screen import bounded_size
from audit.vault.transcript import Line, Told, read_transcript
from protocol.events import (
    ROOM_CHANNEL,
    ChannelClosed,
    ChannelOpened,
    CommandOutput,
    Event,
    Manifest,
    ManifestRecorded,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
    decode_manifest,
)
from wording import Wording, safe_text

_DEFAULT_SIZE = (80, 24)


class AsciicastWriter:
    """The lines of one channel's asciicast. Give it every event of the recording, in order."""

    def __init__(self, channel: int, wording: Wording, *, raw: bool = False) -> None:
        self._channel = channel
        self._narrator = Narrator(wording)
        self._last_ms = 0
        self._last_event_ms = 0
        self._size: tuple[int, int] | None = None
        self._output: TerminalFilter | _RawText = _RawText() if raw else TerminalFilter()
        self._input = TerminalFilter()

    @staticmethod
    def header(manifest: Manifest | None, size: tuple[int, int]) -> str:
        """The first line. `timestamp` is in Unix seconds; without a manifest there is none."""
        columns, rows = bounded_size(*size)
        header: dict[str, Any] = {"version": 3, "term": {"cols": columns, "rows": rows}}
        if manifest is not None:
            header["timestamp"] = manifest.started_at_ms // 1000
            engineer = manifest.engineer
            header["title"] = safe_text(f"{engineer.name} ({engineer.staff_number}): {manifest.reason}")
        return _json(header)

    def lines(self, event: Event) -> Iterator[str]:
        """None, one or two lines for one event."""
        sentence = self._narrator.tell(event)
        self._last_event_ms = max(self._last_event_ms, event.t_ms)
        match event:
            case TerminalOutput(channel=self._channel) | CommandOutput(channel=self._channel):
                data = event.data.replace(b"\n", b"\r\n") if isinstance(event, CommandOutput) else event.data
                yield from self._text(event.t_ms, "o", self._output.feed(data))
            case TerminalInput(channel=self._channel):
                yield from self._text(event.t_ms, "i", self._input.feed(event.data))
            case TerminalResized(channel=self._channel):
                yield from self._resize(event.t_ms, event.columns, event.rows)
            case ChannelOpened(channel=self._channel, columns=columns, rows=rows):
                if columns and self._size is None:
                    yield from self._resize(event.t_ms, columns, rows)
        if sentence is not None:
            yield self._line(event.t_ms, "m", sentence)
        if isinstance(event, ChannelClosed) and event.channel == self._channel and self._channel != ROOM_CHANNEL:
            yield self._line(event.t_ms, "x", str(event.exit_status if event.exit_status is not None else 0))

    def end(self) -> Iterator[str]:
        """What a cut character at the very end leaves."""
        yield from self._text(self._last_event_ms, "o", self._output.flush())

    def _resize(self, t_ms: int, columns: int, rows: int) -> Iterator[str]:
        size = bounded_size(columns, rows)
        if size != self._size:
            self._size = size
            yield self._line(t_ms, "r", f"{size[0]}x{size[1]}")

    def _text(self, t_ms: int, code: str, text: str) -> Iterator[str]:
        if text:
            yield self._line(t_ms, code, text)

    def _line(self, t_ms: int, code: str, data: str) -> str:
        # An agent's events may go back by some milliseconds; an interval may not. Whole milliseconds never drift.
        interval_ms = max(t_ms - self._last_ms, 0)
        self._last_ms += interval_ms
        return f"[{interval_ms // 1000}.{interval_ms % 1000:03}, {_json(code)}, {_json(data)}]"


class _RawText:
    """Output as it is: only invalid UTF-8 is replaced, for the format knows nothing but text."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> str:
        return self._decoder.decode(data)

    def flush(self) -> str:
        return self._decoder.decode(b"", final=True)


def export_asciicast(
    events: Iterable[Event],
    manifest: Manifest | None,
    wording: Wording,
    *,
    channel: int = ROOM_CHANNEL,
    raw: bool = False,
) -> Iterator[str]:
    """The lines of the file, without line ends."""
    writer = AsciicastWriter(channel, wording, raw=raw)
    waiting: list[str] = []
    size: tuple[int, int] | None = None
    for event in events:
        # The header needs the first size; what comes before it is only markers.
        if size is None and isinstance(event, ChannelOpened) and event.channel == channel:
            size = (event.columns, event.rows) if event.columns else _DEFAULT_SIZE
            yield writer.header(manifest, size)
            yield from waiting
            waiting = []
        lines = writer.lines(event)
        if size is None:
            waiting += lines
        else:
            yield from lines
    if size is None:
        yield writer.header(manifest, _DEFAULT_SIZE)
        yield from waiting
    yield from writer.end()


def export_text(events: Iterable[Event], wording: Wording) -> Iterator[str]:
    """Lines as seen, and between them what else happened."""
    narrator = Narrator(wording)
    for item in read_transcript(events):
        match item:
            case Line(t_ms, channel, text):
                mark = " " if channel == ROOM_CHANNEL else f"#{channel}"
                yield f"{clock_text(t_ms):>9} {mark:<3} {safe_text(text)}".rstrip()
            case Told(event):
                sentence = narrator.tell(event)
                if sentence is not None:
                    yield f"{clock_text(event.t_ms):>9} ──  {sentence}"


def export_jsonl(events: Iterable[Event]) -> Iterator[str]:
    """One object per event: `kind`, `t_ms` and the event's fields."""
    for event in events:
        yield _json(event_fields(event))


def event_fields(event: Event) -> dict[str, Any]:
    """An event as JSON types. Bytes become base64; terminal data also stands as `text`, a manifest as an object."""
    kind = event.__struct_config__.tag
    fields: dict[str, Any] = {"kind": kind}
    for name in event.__struct_fields__:
        fields[name] = msgspec.to_builtins(getattr(event, name))
    if isinstance(event, TerminalOutput | TerminalInput | CommandOutput):
        fields["text"] = event.data.decode("utf-8", "replace")
    if isinstance(event, ManifestRecorded):
        fields["manifest"] = msgspec.to_builtins(decode_manifest(event.manifest))
    return fields


def _json(value: object) -> str:
    # ASCII only: control and bidirectional characters in it stay escaped wherever the file is shown.
    return json.dumps(value)
