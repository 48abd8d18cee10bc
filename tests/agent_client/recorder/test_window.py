"""When the shell has to wait, when the session pauses, when it ends; and which acknowledgements are believed."""

import pytest

from agent_client.recorder.errors import AcksDisagree
from agent_client.recorder.limits import RecorderLimits
from agent_client.recorder.window import SealedRecord, UnackedWindow

LIMITS = RecorderLimits()


def window_of(*sealed_at_ms: int) -> UnackedWindow:
    window = UnackedWindow(LIMITS)
    for seq, at_ms in enumerate(sealed_at_ms):
        window.sealed(SealedRecord(seq, bytes(100), bytes([seq]) * 32, seq + 1), 0, at_ms)
    return window


def chain(seq: int) -> bytes:
    return bytes([seq]) * 32


@pytest.mark.parametrize(
    ("waited_ms", "stage"),
    [
        (10_000, "open"),
        (10_001, "full"),
        (60_000, "full"),
        (60_001, "paused"),
        (600_000, "paused"),
        (600_001, "failed"),
    ],
)
def test_stages_by_time(waited_ms: int, stage: str) -> None:
    """10 s, a minute, ten minutes: each is still allowed, a millisecond more is not."""
    assert window_of(0, 5).stage(waited_ms) == stage


def test_stage_by_size() -> None:
    """4 MiB may wait, sealed or not yet sealed."""
    window = UnackedWindow(LIMITS)
    window.recorded(4 * 2**20)
    assert window.stage(0) == "open"
    window.recorded(1)
    assert window.stage(0) == "full"


def test_nothing_waits_nothing_ages() -> None:
    """A quiet session stays open for ever."""
    window = window_of(0)
    window.acked(1, chain(0))
    assert window.stage(10**9) == "open"
    assert window.next_stage_at_ms(10**9) is None


def test_acks_open_the_window_again() -> None:
    """The age is that of the oldest record that is still waiting."""
    window = window_of(0, 70_000)
    assert window.stage(70_000) == "paused"
    assert window.acked(1, chain(0))
    assert window.stage(70_000) == "open"
    assert window.acked_events == 1


def test_times_of_the_next_stage() -> None:
    """Somebody who sleeps until then sees the next stage."""
    window = window_of(5)
    now_ms, stages = 5, []
    while (at_ms := window.next_stage_at_ms(now_ms)) is not None:
        now_ms = at_ms
        stages.append(window.stage(now_ms))
    assert stages == ["full", "paused", "failed"]


def test_same_ack_twice_is_no_news() -> None:
    """The broker may repeat itself."""
    window = window_of(0, 0)
    assert window.acked(2, chain(1))
    assert not window.acked(2, chain(1))
    assert window.acked_bytes == window.sealed_bytes == 200


@pytest.mark.parametrize(("next_seq", "head"), [(3, 2), (2, 7), (0, 0)])
def test_acks_that_do_not_fit(next_seq: int, head: int) -> None:
    """Ahead of what was sealed, another chain, back behind an earlier acknowledgement: none changes anything."""
    window = window_of(0, 0)
    window.acked(1, chain(0))
    with pytest.raises(AcksDisagree):
        window.acked(next_seq, chain(head))
    assert window.acked_seq == 1


def test_same_position_with_another_head() -> None:
    """A broker that has as many records and another chain holds something else."""
    window = window_of(0)
    window.acked(1, chain(0))
    with pytest.raises(AcksDisagree):
        window.acked(1, chain(9))


def test_records_are_kept_until_acknowledged() -> None:
    """Every record from the first unacknowledged one can be sent again; an acknowledged one is gone."""
    window = window_of(0, 0, 0)
    window.acked(1, chain(0))
    assert [record.seq for seq in (1, 2) if (record := window.record_at(seq))] == [1, 2]
    assert window.record_at(3) is None
    with pytest.raises(AcksDisagree):
        window.record_at(0)
