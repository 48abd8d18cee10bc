"""Stock OpenSSH against the session's SSH server: commands, room, refusals."""

import hashlib

from protocol.events import ChannelClosed, ChannelOpened, CommandOutput
from protocol.grants import Scope
from tests.agent_client.ssh.conftest import Bench


async def test_a_command_returns_its_status_and_its_output_is_recorded(bench: Bench) -> None:
    """`ssh alias 'exit 7'` returns 7, and what ssh printed is what the recording holds and hashes."""
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.run("alias", "echo out; echo err >&2; exit 7")
    assert (ran.status, ran.output, ran.errors) == (7, b"out\n", "err\n")
    opened = await bench.recording.first(ChannelOpened)
    closed = await bench.closed()
    assert (opened.use, opened.command) == ("command", "echo out; echo err >&2; exit 7")
    assert closed.exit_status == 7
    assert (closed.output_bytes, closed.output_sha256) == (4, hashlib.sha256(ran.output).digest())
    recorded = {
        stream: b"".join(e.data for e in bench.recording.of(CommandOutput) if e.stream == stream) for stream in (1, 2)
    }
    assert recorded == {1: b"out\n", 2: b"err\n"}
    assert len(bench.recording.of(ChannelClosed)) == 1


async def test_the_room_shows_and_hashes_the_same_bytes(bench: Bench) -> None:
    """An interactive shell: what ssh printed is the room's output, and the channel's hash is its hash."""
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.run("-tt", "alias", feed=b"echo $((20+22))\nexit 3\n")
    closed = await bench.closed()
    assert ran.status == 3
    assert b"42" in ran.output
    assert ran.output == bench.recording.room_output()
    assert closed.output_sha256 == hashlib.sha256(ran.output).digest() == bench.room.output_sha256
