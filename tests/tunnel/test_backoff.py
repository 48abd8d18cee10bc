"""How long a lost connection waits before its next try."""

from tunnel.backoff import Backoff


def test_doubles_up_to_half_a_minute() -> None:
    """0.5 s, doubled, at most 30 s; from the start again after a success."""
    backoff = Backoff(random_fraction=lambda: 1.0)
    assert [backoff.next_seconds() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    backoff.reset()
    assert backoff.next_seconds() == 0.5


def test_full_jitter() -> None:
    """Any time up to the ceiling, so that a crowd does not come back at once."""
    backoff = Backoff()
    assert all(0 <= backoff.next_seconds() <= min(30, 0.5 * 2**n) for n in range(200))
    assert len({Backoff().next_seconds() for _ in range(50)}) > 40
