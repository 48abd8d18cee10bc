"""Watches both ends of every stream: what comes out is what went in, in order, exactly once."""

from dataclasses import dataclass, field

from protocol.stream_frames import CloseCode
from simulation.observer import Observer


@dataclass
class _Pipe:
    """One direction of one stream."""

    written: bytearray = field(default_factory=bytearray)
    read_bytes: int = 0


class StreamWatch:
    """A direction is named by the stream's id and who writes."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._pipes: dict[tuple[bytes, str], _Pipe] = {}
        self.bytes_read = 0

    def wrote(self, stream_id: bytes, writer: str, data: bytes) -> None:
        self._pipe(stream_id, writer).written += data

    def read(self, stream_id: bytes, writer: str, data: bytes) -> None:
        pipe = self._pipe(stream_id, writer)
        end = pipe.read_bytes + len(data)
        if pipe.written[pipe.read_bytes : end] != data:
            self._observer.fail(f"bytes {pipe.read_bytes} to {end} of the {writer}'s stream are not what was written")
        pipe.read_bytes = end
        self.bytes_read += len(data)

    def ended(self, stream_id: bytes, writer: str, code: CloseCode) -> None:
        """The reader heard the end: after an orderly one nothing is missing. Honest ends never break the protocol."""
        if code in (CloseCode.PROTOCOL, CloseCode.REFUSED):
            self._observer.fail(f"a stream between honest ends ended with {code.name}")
        pipe = self._pipe(stream_id, writer)
        if code is CloseCode.DONE and pipe.read_bytes != len(pipe.written):
            missing = len(pipe.written) - pipe.read_bytes
            self._observer.fail(f"the {writer}'s stream ended in order, and {missing} bytes never arrived")

    def _pipe(self, stream_id: bytes, writer: str) -> _Pipe:
        return self._pipes.setdefault((stream_id, writer), _Pipe())
