"""When an engineer who burns codes is locked out."""

import pytest

from broker.pairing.limits import BURNT_CODES_WINDOW_MS, ENGINEER_LOCK_MS, BurntCodes, EngineerLocked


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
