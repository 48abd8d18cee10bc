"""Alerts: every one is counted, and a flood of them is no flood of lines."""

from collections import Counter

import pytest
from structlog.testing import capture_logs

from broker.observability.alerts import QUIET_MS, AlertKind, Alerts
from broker.pairing.limits import EngineerLocked
from broker.pairing.nameplates import AllCodesTaken
from broker.sessions.session import EngineerBusy, TooManySessions
from serving.limits import TooBusy
from tests.broker.harness import FakeClock


class Watched:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.counts: Counter[AlertKind] = Counter()
        self.alerts = Alerts(lambda kind: self.counts.update([kind]), self.clock.monotonic_ms)


def test_a_flood_is_one_line_a_minute_that_says_how_many() -> None:
    """The counter has all of them; another kind has a minute of its own."""
    watched = Watched()
    with capture_logs() as lines:
        for _ in range(1000):
            watched.alerts.raised("peer_too_slow")
        watched.alerts.raised("frame_too_large")
        watched.clock.advance(QUIET_MS)
        watched.alerts.raised("peer_too_slow")
    said = [(line["event"], line["times"], line["log_level"]) for line in lines]
    assert said == [
        ("peer_too_slow", 1, "warning"),
        ("frame_too_large", 1, "warning"),
        ("peer_too_slow", 1000, "warning"),
    ]
    assert watched.counts == {"peer_too_slow": 1001, "frame_too_large": 1}


def test_who_is_named_is_named_each_time() -> None:
    """Two engineers that are locked within a minute are two lines."""
    watched = Watched()
    with capture_logs() as lines:
        for engineer in ("wei", "kim"):
            watched.alerts.raised("engineer_locked", engineer=engineer)
    assert [line["engineer"] for line in lines] == ["wei", "kim"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AllCodesTaken(), "codes_exhausted"),
        (TooManySessions(), "sessions_exhausted"),
        (TooBusy(seconds=1), "requests_limited"),
        (EngineerLocked(minutes=15), "engineer_locked"),
    ],
)
def test_refusals_that_nobody_should_see_are_alerts(error: Exception, kind: AlertKind) -> None:
    """One kind each; an engineer with too many sessions is busy, and no attack."""
    watched = Watched()
    watched.alerts.refused(error)  # type: ignore[arg-type]  # each is one of ours
    watched.alerts.refused(EngineerBusy(count=5))
    assert watched.counts == {kind: 1}
