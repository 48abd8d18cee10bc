"""How often things may be tried."""

import pytest

from broker.pairing.limits import (
    BURNT_CODES_WINDOW_MS,
    ENGINEER_LOCK_MS,
    BurntCodes,
    EngineerLocked,
    KeyedBuckets,
    TokenBucket,
    TooBusy,
)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    """Six a minute, two at once: after two, one every ten seconds."""
    bucket = TokenBucket(per_minute=6, burst=2, now_ms=0)
    bucket.take(0)
    bucket.take(0)
    with pytest.raises(TooBusy) as refusal:
        bucket.take(0)
    assert refusal.value.fields["seconds"] == 10
    bucket.take(10_000)
    with pytest.raises(TooBusy):
        bucket.take(10_001)


def test_one_address_does_not_use_up_anothers_share() -> None:
    """Each key has a bucket of its own; the oldest are forgotten when there are too many."""
    buckets: KeyedBuckets[str] = KeyedBuckets(per_minute=1, burst=1, max_keys=2)
    buckets.take("a", 0)
    buckets.take("b", 0)
    with pytest.raises(TooBusy):
        buckets.take("a", 0)
    buckets.take("c", 0)
    buckets.take("b", 0)


def test_five_burnt_codes_in_ten_minutes_lock_an_engineer_for_fifteen() -> None:
    """The fifth raises the alert; others are not touched; the lock ends by itself."""
    burnt = BurntCodes()
    assert [burnt.burn(1, now_ms) for now_ms in range(5)] == [False, False, False, False, True]
    with pytest.raises(EngineerLocked) as refusal:
        burnt.check(1, 5)
    assert refusal.value.fields["minutes"] == 15
    burnt.check(2, 5)
    burnt.check(1, 4 + ENGINEER_LOCK_MS)


def test_slow_mistakes_do_not_lock() -> None:
    """Four in ten minutes, for ever, are an unlucky engineer and no attack."""
    burnt = BurntCodes()
    step_ms = BURNT_CODES_WINDOW_MS // 4
    assert not any(burnt.burn(1, count * step_ms) for count in range(40))
