"""Everything that comes out of a tree is found, frozen and killed, whatever it does to get away."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_client.shell import warden
from agent_client.shell.process_tree import Child, ProcessTree, ProgramNotStarted
from tests.agent_client.collecting import CollectedRecording
from tests.agent_client.living import lives
from tests.helpers.busy_machine import Stopwatch, one_try_takes_less_than
from tests.helpers.waiting import PATIENCE_SECONDS

ENVIRONMENT = {"PATH": os.environ["PATH"]}
FORKS = 5
KILLED_WITHIN_SECONDS = 0.2
ESCAPES = 'setsid sh -c \'trap "" HUP TERM; setsid env -i sh -c "sleep 500 & sleep 500" & sleep 500 & wait\' & '


@pytest.fixture
async def tree() -> AsyncIterator[ProcessTree]:
    tree = ProcessTree("test")
    yield tree
    await tree.close()


async def start(tree: ProcessTree, script: str) -> Child:
    with open(os.devnull, "r+") as nothing:  # noqa: ASYNC230, PTH123
        return await tree.start(
            ("/bin/sh", "sh", "-c", script),
            environment=ENVIRONMENT,
            folder=Path("/"),
            descriptors=(nothing.fileno(), nothing.fileno(), nothing.fileno()),
            terminal=False,
        )


async def until_living(tree: ProcessTree, count: int) -> list[int]:
    while len(tree.living()) != count:
        await CollectedRecording.poll()
    return list(tree.living())


async def test_exit_codes_and_signals_are_reported(tree: ProcessTree) -> None:
    """A code as it is, a signal as its negative number."""
    assert await (await start(tree, "exit 3")).exited == 3
    assert await (await start(tree, "kill -TERM $$")).exited == -signal.SIGTERM


async def test_a_program_that_does_not_exist_is_an_error(tree: ProcessTree) -> None:
    """The reason is the system's; the tree goes on."""
    with open(os.devnull, "r+") as nothing, pytest.raises(ProgramNotStarted, match="No such file"):  # noqa: ASYNC230, PTH123
        await tree.start(
            ("/nonexistent", "x"),
            environment={},
            folder=Path("/"),
            descriptors=(nothing.fileno(),) * 3,
            terminal=False,
        )
    assert await (await start(tree, "exit 0")).exited == 0


def test_the_warden_needs_nothing_but_the_standard_library() -> None:
    """It is run as a script, where nothing of ours can be imported."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-I", "-S", warden.__file__]
        process = subprocess.Popen(command, stdin=theirs.fileno(), stderr=subprocess.PIPE, text=True)
    ours.close()
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, said) == (0, "")


async def test_what_left_its_session_and_its_parents_is_killed(tree: ProcessTree) -> None:
    """Daemons in sessions of their own, with an empty environment, whose parents ended: found, and killed."""
    child = await start(tree, ESCAPES + "exit 0")
    assert await child.exited == 0
    pids = await until_living(tree, 5)
    await tree.kill()
    assert not any(lives(pid) for pid in pids)
    assert await (await start(tree, "exit 0")).exited == 0  # the tree can be used again


async def test_what_forks_all_the_time_is_killed(tree: ProcessTree) -> None:
    """Processes that do nothing but replace themselves are stopped before they are killed, so none gets away."""

    async def seconds_to_kill() -> float:
        child = await start(tree, "f() { sh -c : & }; while :; do f; f; f; done")
        seen: set[int] = set()
        while len(seen) < FORKS:
            await CollectedRecording.poll()
            seen |= tree.living().keys() - {child.pid}
        watch = Stopwatch()
        await tree.kill()
        took_seconds = watch.read()
        assert not tree.living()
        return took_seconds

    assert await one_try_takes_less_than(KILLED_WITHIN_SECONDS, seconds_to_kill)


async def test_thawing_leaves_alone_what_was_stopped_before(tree: ProcessTree) -> None:
    """A job that its user had stopped with Ctrl-Z stays stopped after a pause; the rest runs on."""
    await start(tree, "sleep 500 & sleep 0.05; kill -STOP $!; exec sleep 501")
    while sorted(tree.living().values()) != ["S", "T"]:
        await CollectedRecording.poll()
    before = tree.living()
    tree.freeze()
    while sorted(tree.living().values()) != ["T", "T"]:
        await CollectedRecording.poll()
    tree.thaw()
    while tree.living() != before:
        await CollectedRecording.poll()


async def test_nothing_outlives_a_killed_warden(tree: ProcessTree) -> None:
    """The granted shell may kill the warden, being the same user: its programs then count as killed, and are."""
    child = await start(tree, "sleep 500")
    pids = list(tree.living())
    assert tree.warden_pid is not None
    os.kill(tree.warden_pid, signal.SIGKILL)
    assert await child.exited == -signal.SIGKILL
    while any(lives(pid) for pid in pids):
        await CollectedRecording.poll()


async def test_nothing_outlives_a_killed_agent() -> None:
    """kill -9 of the process that owns the tree: the warden sees its link close and kills everything below it."""
    program = textwrap.dedent(
        f"""
        import asyncio, os, sys
        from pathlib import Path
        from agent_client.shell.process_tree import ProcessTree
        async def main():
            tree = ProcessTree("doomed")
            nothing = os.open(os.devnull, os.O_RDWR)
            await tree.start(("/bin/sh", "sh", "-c", {ESCAPES + "wait"!r}), environment={ENVIRONMENT!r},
                folder=Path("/"), descriptors=(nothing,) * 3, terminal=False)
            while len(tree.living()) < 6:
                await asyncio.sleep(0.002)
            print(tree.warden_pid, *tree.living(), flush=True)
            await asyncio.Event().wait()
        asyncio.run(main())
        """
    )
    agent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=subprocess.PIPE)
    assert agent.stdout is not None
    pids = [int(pid) for pid in (await agent.stdout.readline()).split()]
    assert len(pids) >= 7
    agent.kill()
    await agent.wait()
    while any(lives(pid) for pid in pids):
        await CollectedRecording.poll()
