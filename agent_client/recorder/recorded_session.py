"""What a recorder is given, what it tells while it records, and what it hands back."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.errors import ConsentryError
from protocol.events import FinalSummary
from protocol.profile import Profile


@dataclass(frozen=True)
class RecordedSession:
    """Whose recording it is. `signing_key` is the session key: it signs records and never touches a disk."""

    session_id: bytes
    session_token: bytes = field(repr=False)
    signing_key: Ed25519PrivateKey = field(repr=False)
    profile: Profile


@dataclass(frozen=True)
class RecorderCallbacks:
    """What the session wants to hear. All are called in the event loop's thread.

    `on_pause` and `on_resume`: the broker has not acknowledged for more than a minute, and does again. `on_failed`:
    once, with a sentence that people can read; the session has to end. `on_progress`: bytes sealed, bytes
    acknowledged. `on_connection`: the upload has a connection, or lost it.
    """

    on_pause: Callable[[], None] = lambda: None
    on_resume: Callable[[], None] = lambda: None
    on_failed: Callable[[ConsentryError], None] = lambda _error: None
    on_progress: Callable[[int, int], None] = lambda _recorded, _acked: None
    on_connection: Callable[[bool], None] = lambda _connected: None


@dataclass(frozen=True)
class FinishedRecording:
    """How a recording ended. `record_count` and `chain_head` go into the receipt.

    `summary` is None where the recorder had failed and no FINAL record could be sealed. `delivered` is false while the
    broker does not hold every record: the spool keeps the rest for `deliver_spools` at the next start.
    """

    record_count: int
    chain_head: bytes
    summary: FinalSummary | None
    delivered: bool
