"""CPU time and memory, as the kernel counts them."""

import mmap
import os
import subprocess
import sys
import threading

from bench.core.processes import cpu_seconds, on_cpu, pss_kib, tree_of

BUSY = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"


def test_time_of_children_is_counted_also_after_their_end() -> None:
    """A server that forks for each connection must not look idle."""
    before = cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert cpu_seconds(os.getpid()) - before >= 0.19


def test_process_that_is_gone_used_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert cpu_seconds(child.pid) == 0.0


def test_tree_has_children() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in tree_of(os.getpid())


def test_memory_grows_with_what_is_held() -> None:
    before = pss_kib(os.getpid())
    # A mapping of its own: the allocator would hand out pages that the process holds already.
    with mmap.mmap(-1, 8 * 1024 * 1024) as held:
        held.write(os.urandom(8 * 1024 * 1024))
        assert pss_kib(os.getpid()) - before > 7 * 1024


def test_time_on_the_processor_and_turns_are_counted() -> None:
    """Finer than the ticks of `cpu_seconds`: one short sleep is one turn more."""
    ran_us, turns = on_cpu(os.getpid())
    threading.Event().wait(0.001)
    after_us, after_turns = on_cpu(os.getpid())
    assert after_turns > turns
    assert 0 < after_us - ran_us < 1e6
