"""Where the time of a key goes, read out of what `perf script` prints."""

import pytest

from bench.core.handings import Call, calls_per_key, parse_calls, steps

PRINTED = """\
             ssh 25884/25884 11393.000010:  raw_syscalls:sys_exit: NR 0 = 1
          python 25887/25900 11393.000030: raw_syscalls:sys_enter: NR 44 (3, 7f6e2f63d9d0, 56, 0, 0, 0)
 tmux: server x  25888/25888 11393.000040: raw_syscalls:sys_enter: NR 0 (3, 7f6e2f63d9d0, 56, 0, 0, 0)
             ssh 25884/25884 11393.000050:     sched:sched_wakeup: comm=rcu_preempt pid=15 prio=120 target_cpu=001
"""

KEY, SSH, AGENT = 1, 2, 3
NAMES = {KEY: "key", SSH: "ssh", AGENT: "agent"}


def a_key(at: float) -> list[Call]:
    """ssh wakes after 3 us and hands on after 5 more; the agent after 7 and 11; ssh again after 2 and 4."""
    moments = [
        (0, KEY, False, True),
        (1, KEY, True, True),
        (3, SSH, True, False),
        (5, SSH, False, False),
        (6, SSH, True, False),
        (8, SSH, False, True),
        (15, AGENT, True, False),
        (26, AGENT, False, True),
        (28, SSH, True, False),
        (32, SSH, False, True),
        (40, KEY, True, False),
    ]
    return [Call(at + us / 1e6, pid, is_end, is_write) for us, pid, is_end, is_write in moments]


def test_what_perf_prints_is_read() -> None:
    """Whoever it was, also with blanks in the name; what is no system call is left out."""
    assert parse_calls(PRINTED.splitlines(), {1, 44}) == [
        Call(11393.000010, 25884, is_end=True, is_write=False),
        Call(11393.000030, 25887, is_end=False, is_write=True),
        Call(11393.000040, 25888, is_end=False, is_write=False),
    ]


def test_the_time_of_a_key_falls_into_steps() -> None:
    """From one who hands on to the next: until it woke, and until it handed on. The sum is the whole way."""
    calls = [call for second in range(3) for call in a_key(second)]
    way = steps(calls, NAMES, [(second, second + 0.5) for second in range(3)])
    assert [step.name for step in way] == ["ssh", "agent", "ssh"]
    assert [step.woken_us for step in way] == pytest.approx([3, 7, 2], abs=1e-3)
    assert [step.worked_us for step in way] == pytest.approx([5, 11, 4], abs=1e-3)


def test_keys_that_went_another_way_do_not_count() -> None:
    """A record was sent while one was under way: its pieces are no measure of an echo."""
    record = Call(2.00001, AGENT, is_end=False, is_write=True)
    calls = [*a_key(0), *a_key(1), *a_key(2), record]
    way = steps(calls, NAMES, [(second, second + 0.5) for second in range(3)])
    assert [step.name for step in way] == ["ssh", "agent", "ssh"]
    assert steps([], NAMES, []) == []


def test_calls_are_counted_when_they_begin() -> None:
    """Of those who were named, for each key."""
    calls = [*a_key(0), *a_key(1), Call(2.0, 99, is_end=False, is_write=True)]
    assert calls_per_key(calls, NAMES, 2) == {"key": 1, "ssh": 3, "agent": 1}
