"""When a record is sealed, how far the recording may run ahead, and when the session has to stop for it.

Figures of the design (security audit, 9.4 and 9.5). They are arguments so that a test need not wait for minutes.
"""

from dataclasses import dataclass, replace
from typing import Literal

from agent_client.recording import OUTPUT_AT_ONCE_BYTES

OutputPolicy = Literal["bounded", "strict"]


@dataclass(frozen=True, slots=True)
class RecorderLimits:
    """What one recorder goes by; `limits_for` gives those of a policy."""

    seal_at_bytes: int = 64 * 1024
    """A record is sealed when it holds this much…"""

    seal_after_ms: int = 1_000
    """…or when its first event has waited this long."""

    seal_pause_ms: int = 20
    """Between two rounds of sealing, unless SEAL_NOW_BYTES have come: a flood then pays one disk sync per round and not
    one per 64 KiB, and a quiet session never notices."""

    window_bytes: int = 4 * 1024 * 1024
    """Recorded but not acknowledged: more than this, and the shell waits. Bounds the memory of the recorder too."""

    window_ms: int = 10_000
    """The oldest record that is not acknowledged has waited longer than this: the shell waits."""

    pause_after_ms: int = 60_000
    """…longer than this: the session pauses visibly."""

    fail_after_ms: int = 600_000
    """…longer than this: the session ends. No session goes on without a recording."""

    start_within_ms: int = 15_000
    """Record 0 has to be on the broker's disk by then, or there is no session."""

    finish_within_ms: int = 15_000
    """How long the end of a session waits for the last acknowledgement before it leaves the rest to the spool."""

    spool_rewrite_bytes: int = 64 * 1024 * 1024
    """Acknowledged bytes at the head of a spool that make it worth to copy the rest into a fresh file."""


def limits_for(policy: OutputPolicy) -> RecorderLimits:
    """Under `strict` output waits for its acknowledgement, so records are small and quick."""
    limits = RecorderLimits()
    return replace(limits, seal_at_bytes=16 * 1024, seal_after_ms=25, seal_pause_ms=0) if policy == "strict" else limits


MAX_BATCH_BYTES = OUTPUT_AT_ONCE_BYTES + 2 * 1024
"""Largest plaintext of one batch, under flood: the largest event, and what little came before it. A record's body may
be 256 KiB, and terminal bytes need not compress."""

SEAL_NOW_BYTES = 4 * OUTPUT_AT_ONCE_BYTES
"""A heap of this size is sealed without a pause: a quarter of the window, so that sealing and uploading overlap."""

MAX_BATCH_EVENTS = 4_096
"""Keeps the msgpack framing of very many tiny events from outgrowing their estimated size."""

MAX_EVENT_DATA_BYTES = OUTPUT_AT_ONCE_BYTES
"""Terminal data in one event; more is split, so that one event always fits a record."""

WORTH_CUTTING_BYTES = 16 * 1024
"""Data is cut in two to fill a record, unless less than this would be gained: a record is a signature, and a check."""
