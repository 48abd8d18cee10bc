"""What the FINAL record says about all records before it, counted from the recorded events themselves."""

from hashlib import sha256

from protocol.events import (
    ROOM_CHANNEL,
    ChannelClosed,
    ChannelTotal,
    Event,
    FileOperation,
    FileTotal,
    FinalSummary,
    TerminalOutput,
)
from protocol.messages.fields import EndReason

LISTED_BYTES = 160 * 1024
"""Room for the lists of channels and files in the FINAL record, which has to fit one record even incompressible. What
came first is listed; the rest is in the recording as events."""

_CHANNEL_BYTES = 80
_FILE_BYTES = 60


class RecordingTotals:
    """`add` every event once; `summary` says what they come to."""

    def __init__(self) -> None:
        self._output_bytes = 0
        self._output_hash = sha256()
        self._channels: list[ChannelTotal] = []
        self._files: list[FileTotal] = []
        self._listed_bytes = 0

    def add(self, event: Event) -> None:
        match event:
            case TerminalOutput(channel=channel, data=data) if channel == ROOM_CHANNEL:
                self._output_bytes += len(data)
                self._output_hash.update(data)
            case ChannelClosed() as closed:
                if self._fits(_CHANNEL_BYTES):
                    self._channels.append(
                        ChannelTotal(closed.participant, closed.stream_id, closed.output_bytes, closed.output_sha256)
                    )
            case FileOperation(action="read" | "write" as action, outcome="ok") as done:
                if self._fits(_FILE_BYTES + 4 * len(done.path)):
                    self._files.append(FileTotal(done.path, action, done.byte_count, done.sha256))

    def summary(self, *, record_count: int, event_count: int, reason: EndReason, ended_at_ms: int) -> FinalSummary:
        return FinalSummary(
            record_count=record_count,
            event_count=event_count,
            reason=reason,
            output_bytes=self._output_bytes,
            output_sha256=self._output_hash.digest(),
            channels=tuple(self._channels),
            files=tuple(self._files),
            ended_at_ms=ended_at_ms,
        )

    def _fits(self, size_bytes: int) -> bool:
        if self._listed_bytes + size_bytes > LISTED_BYTES:
            return False
        self._listed_bytes += size_bytes
        return True
