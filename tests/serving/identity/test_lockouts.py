"""How long a name or an address waits after failures."""

import pytest

from serving.identity.lockouts import FORGOTTEN_AFTER_MS, LONGEST_WAIT_MS, MAX_KEYS, Lockouts, LoginLocked


def attempts_in(lockouts: Lockouts, key: str, until_ms: int, step_ms: int) -> int:
    """How many guesses somebody gets who tries every `step_ms`."""
    count = 0
    for now_ms in range(0, until_ms, step_ms):
        try:
            lockouts.begin_attempt(key, now_ms)
            count += 1
        except LoginLocked:
            continue
    return count


def test_five_attempts_are_free_and_then_the_wait_doubles() -> None:
    """2 s after the fifth, then 4, 8 … up to a quarter of an hour."""
    lockouts, now_ms, waits = Lockouts(), 0, []
    for _ in range(5):
        lockouts.begin_attempt("wei", now_ms)
    for _ in range(12):
        with pytest.raises(LoginLocked) as locked:
            lockouts.begin_attempt("wei", now_ms)
        waits.append(locked.value.fields["seconds"])
        now_ms += int(str(waits[-1])) * 1000
        lockouts.begin_attempt("wei", now_ms)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert LONGEST_WAIT_MS == 900_000


def test_a_day_of_guessing_gives_little_more_than_a_hundred_guesses() -> None:
    """However fast they come: an attempt counts before it is checked."""
    assert attempts_in(Lockouts(), "wei", 24 * 3600 * 1000, 1_000) < 120


def test_success_and_time_forget() -> None:
    """Who gets in has no failures; nobody pays for what they did an hour before the last attempt."""
    lockouts = Lockouts()
    for _ in range(4):
        lockouts.begin_attempt("wei", 0)
    lockouts.succeeded("wei")
    for _ in range(5):
        lockouts.begin_attempt("wei", 0)
    lockouts.begin_attempt("wei", FORGOTTEN_AFTER_MS)
    lockouts.begin_attempt("wei", FORGOTTEN_AFTER_MS)


def test_others_are_not_locked() -> None:
    """A lock is one name's or one address's own."""
    lockouts = Lockouts()
    for _ in range(5):
        lockouts.begin_attempt("wei", 0)
    lockouts.begin_attempt("li", 0)


def test_strangers_cannot_fill_the_memory() -> None:
    """The key that was quiet for longest is forgotten first."""
    lockouts = Lockouts()
    for number in range(MAX_KEYS + 100):
        lockouts.begin_attempt(f"name-{number}", 0)
    assert len(lockouts._failures) == MAX_KEYS
