"""Unix milliseconds as a calendar has them, in UTC. A peer's clock may claim any time: nothing here fails on it."""

from datetime import UTC, datetime

LAST_CALENDAR_MS = 253_402_300_799_000
"""9999-12-31 23:59:59, where Python's calendar ends."""


def calendar_time(unix_ms: int) -> datetime:
    """What a calendar cannot hold is its first or last moment."""
    return datetime.fromtimestamp(min(max(unix_ms, 0), LAST_CALENDAR_MS) / 1000, UTC)


def time_text(unix_ms: int) -> str:
    """To the second, as 2026-11-30 14:05:09Z."""
    return calendar_time(unix_ms).strftime("%Y-%m-%d %H:%M:%SZ")
