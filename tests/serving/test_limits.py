"""How often things may be tried."""

import pytest

from serving.limits import KeyedBuckets, TokenBucket, TooBusy


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
