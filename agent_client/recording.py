"""What the shell, the SSH server and the files ask of the recorder. `recorder/` fulfils it.

Whatever an engineer sees or does passes through `Recording.record` before it has any effect that could outlive the
record: output is recorded before it is handed to the engineer, and in the `strict` policy it is handed over only when
its record is on the broker's disk.
"""

from typing import Protocol

from protocol.events import Event

REDACTION_HOLD_SECONDS = 0.020
"""How long output may wait for the rest of a possible secret: short enough that an echoed key does not feel late."""


OUTPUT_AT_ONCE_BYTES = 252 * 1024
"""What is read at once of a program that has no terminal: one event, which fills a record even if nothing of it
shrinks. Whole pages, of which pipes are made."""


class Recording(Protocol):
    """The session's one recording. All methods belong to the event loop's thread."""

    @property
    def strict(self) -> bool:
        """Whether output has to wait for its acknowledgement (the organisation's profile decides)."""

    @property
    def has_room(self) -> bool:
        """False while too much is unacknowledged: whoever produces output stops until `wait_for_room` returns."""

    def elapsed_ms(self) -> int:
        """Milliseconds since the session began, on the monotonic clock: the `t_ms` of events."""

    def record(self, event: Event) -> None:
        """Take one event. Never blocks and never refuses; the order of calls is the order in the recording."""

    async def wait_for_room(self) -> None:
        """Return when `has_room` is true again."""

    async def wait_until_durable(self) -> None:
        """Strict: return when all that was recorded before this call is acknowledged. Otherwise return at once."""


class Redactor(Protocol):
    """Replaces secrets in one stream of output, before it is recorded and before anyone sees it.

    It may hold bytes back that could be the beginning of a secret. Whoever feeds it calls `flush` when bytes were held
    for `REDACTION_HOLD_SECONDS` without further output, and at the end. It records its own `Redacted` events.
    """

    @property
    def held_bytes(self) -> int:
        """How many bytes are held back at this moment."""

    def feed(self, data: bytes) -> bytes:
        """Take output as it came; return what may go on, which can be empty."""

    def flush(self) -> bytes:
        """Give up waiting: return all that is held back."""


class RedactorFactory(Protocol):
    """Makes the redactor of one stream of output of channel `channel`."""

    def __call__(self, channel: int) -> Redactor: ...


class PassThrough:
    """The redactor without rules."""

    held_bytes = 0

    def __init__(self, channel: int = 0) -> None:
        self.channel = channel

    def feed(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""
