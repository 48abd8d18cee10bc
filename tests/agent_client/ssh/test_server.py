"""Stock OpenSSH against the session's SSH server: commands, room, refusals."""

import asyncio
import dataclasses
import hashlib
from collections.abc import Awaitable, Callable

import pytest

from agent_client.recording import OUTPUT_AT_ONCE_BYTES
from agent_client.shell.environment import shell_profile
from protocol.events import ChannelClosed, ChannelOpened, CommandOutput, InputHidden, TerminalInput, TerminalResized
from protocol.grants import Scope
from tests.agent_client.collecting import CollectedRecording
from tests.agent_client.living import lives
from tests.agent_client.ssh.conftest import PROMPT, Bench, Engineer, open_bench
from tests.helpers.busy_machine import Stopwatch, one_try_takes_less_than


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
    assert closed.output_sha256 == hashlib.sha256(ran.output).digest()


async def test_a_login_may_take_as_long_as_its_stream(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client whose network went away in the middle of its login goes on when that is back; strangers at the gateway,
    who have proved nothing yet, may not stay."""
    monkeypatch.setattr("agent_client.ssh.server.LOGIN_TIMEOUT_SECONDS", 0.05)
    paired, stranger = await bench.engineer(Scope.SHELL), await bench.engineer(Scope.SHELL, at_gateway=True)
    slow, to_slow = await asyncio.open_connection("127.0.0.1", paired.port)
    assert (await slow.readline()).startswith(b"SSH-2.0-")
    other, to_other = await asyncio.open_connection("127.0.0.1", stranger.port)
    await other.read()  # to its end, which comes later than this one's would have
    assert not slow.at_eof()
    to_slow.write(b"SSH-2.0-Slow\r\n")
    assert await slow.read(1)  # its key exchange begins
    to_slow.close()
    to_other.close()


FLOOD = "while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done"
STUBBORN = 'trap "" HUP TERM INT; (while :; do sleep 0.01; done) & wait'
FLOODING_AND_STUBBORN = 3  # a shell that floods, a daemon, and the daemon's child
DAEMON = f"setsid sh -c '{STUBBORN}' </dev/null >/dev/null 2>&1 &"


async def flooding_room(bench: Bench, *engineers: Engineer) -> list[asyncio.subprocess.Process]:
    """Every engineer in the room, a daemon in the background, and output without end."""
    inside = []
    for engineer in engineers:
        process = await engineer.start("-tt", "alias", stdin=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        await process.stdout.readuntil(PROMPT)
        inside.append(process)
    assert inside[0].stdin is not None
    inside[0].stdin.write(f"env -i {DAEMON}\n{FLOOD}\n".encode())
    await bench.recording.until(lambda: bench.recording.room_bytes() > 300_000)
    return inside


END_WITHIN_SECONDS = 0.2


async def seconds_until(condition: Callable[[], bool]) -> float:
    watch = Stopwatch()
    while not condition():
        await CollectedRecording.poll()
    return watch.read()


async def test_the_end_stops_everything_within_200_ms() -> None:
    """Under full output, with a daemon that left its session and ignores signals: nothing lives 200 ms later.

    What they leave behind is looked at each time.
    """
    assert await one_try_takes_less_than(END_WITHIN_SECONDS, lambda: on_a_bench(seconds_to_end_under_flood))


async def on_a_bench(measured: Callable[[Bench], Awaitable[float]]) -> float:
    async with open_bench() as bench:
        return await measured(bench)


async def seconds_to_end_under_flood(bench: Bench) -> float:
    engineer = await bench.engineer(Scope.SHELL)
    [inside] = await flooding_room(bench, engineer)
    command = await engineer.start("alias", f"{DAEMON} {FLOOD}")
    await bench.recording.first(CommandOutput)
    trees = (bench.room.tree, bench.ssh.trees[1])
    await bench.recording.until(lambda: all(len(tree.living()) >= FLOODING_AND_STUBBORN for tree in trees))
    pids = [pid for tree in trees for pid in tree.living()]
    watch = Stopwatch()
    await bench.ssh.end()
    await bench.room.end()
    took_seconds = watch.read()
    assert not any(lives(pid) for pid in pids)
    recorded = len(bench.recording.events)
    await asyncio.gather(drain(inside), drain(command))
    assert len(bench.recording.events) == recorded
    assert len(bench.recording.of(ChannelClosed)) == 2
    return took_seconds


async def drain(process: asyncio.subprocess.Process) -> bytes:
    """What is left of its output once it ended."""
    assert process.stdout is not None
    rest = await process.stdout.read()
    await process.wait()
    return rest


async def test_a_revoked_shell_ends_within_200_ms() -> None:
    """The customer withdraws everything while a shell and a command flood: both end, and all their children."""
    assert await one_try_takes_less_than(END_WITHIN_SECONDS, lambda: on_a_bench(seconds_to_revoke_under_flood))


async def seconds_to_revoke_under_flood(bench: Bench) -> float:
    engineer = await bench.engineer(Scope.SHELL)
    [inside] = await flooding_room(bench, engineer)
    command = await engineer.start("alias", f"{DAEMON} {FLOOD}")
    await bench.recording.first(CommandOutput)
    trees = (bench.room.tree, bench.ssh.trees[1])
    await bench.recording.until(lambda: all(len(tree.living()) >= FLOODING_AND_STUBBORN for tree in trees))
    engineer.access.change()
    took_seconds = await seconds_until(lambda: not any(tree.living() for tree in trees))
    await asyncio.gather(drain(inside), drain(command))
    assert (await engineer.run("alias", "true")).status == 255
    return took_seconds


async def test_one_revoked_engineer_leaves_the_others_room_alone(bench: Bench) -> None:
    """Of two engineers one loses the shell: their commands die and their keys are ignored; the room goes on."""
    staying, leaving = await bench.engineer(Scope.SHELL), await bench.engineer(Scope.SHELL)
    room = [await one.start("-tt", "alias", stdin=asyncio.subprocess.PIPE) for one in (staying, leaving)]
    await leaving.start("alias", f"{DAEMON} {FLOOD}")
    await bench.recording.first(CommandOutput)
    for process in room:
        assert process.stdout is not None
        await process.stdout.readuntil(PROMPT)
    leaving.access.change(Scope.VIEW)
    await seconds_until(lambda: not bench.ssh.trees[2].living())
    assert room[0].stdin is not None
    assert room[1].stdin is not None
    room[1].stdin.write(b"touch typed-by-a-viewer\n")
    await room[1].stdin.drain()
    assert (await leaving.run("alias", "true")).status == 126
    room[0].stdin.write(b"echo $((40+2)); exit\n")
    seen = [await drain(process) for process in room]
    assert all(b"42" in output for output in seen)
    assert not (bench.home / "typed-by-a-viewer").exists()
    assert not any(event.participant == 2 for event in bench.recording.of(TerminalInput))


async def test_two_engineers_see_the_same_bytes(bench: Bench) -> None:
    """The later one is shown the past first: what each printed is one run of the room's output, with its own hash."""
    first, second = await bench.engineer(Scope.SHELL), await bench.engineer(Scope.VIEW)
    one = await first.start("-tt", "alias", stdin=asyncio.subprocess.PIPE)
    assert one.stdin is not None
    assert one.stdout is not None
    one.stdin.write(b"echo before-$((1+1))\n")
    head = await one.stdout.readuntil(b"before-2\r\n")
    two = await second.start("-tt", "alias", stdin=asyncio.subprocess.PIPE)
    assert two.stdout is not None
    head_of_two = await two.stdout.readuntil(b"before-2\r\n")
    one.stdin.write(b"i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; exit\n")
    outputs = [head + await drain(one), head_of_two + await drain(two)]
    room = bench.recording.room_output()
    for engineer, output in zip((first, second), outputs, strict=True):
        number = engineer.access.participant
        opened = next(event for event in bench.recording.of(ChannelOpened) if event.participant == number)
        closed = await bench.closed(participant=number)
        assert output == room[opened.output_offset :]
        assert closed.output_sha256 == hashlib.sha256(output).digest()
        assert closed.output_bytes == len(output)


async def test_a_pause_freezes_output_and_holds_input() -> None:
    """Paused, the flood stands still within 200 ms and keys wait; resumed, it goes on and they arrive."""
    assert await one_try_takes_less_than(END_WITHIN_SECONDS, lambda: on_a_bench(seconds_to_pause_a_flood))


async def seconds_to_pause_a_flood(bench: Bench) -> float:
    engineer = await bench.engineer(Scope.SHELL, Scope.FILES_READ, folders=(bench.home,))
    (bench.home / "file").write_text("x")
    [inside] = await flooding_room(bench, engineer)
    assert inside.stdin is not None
    draining = asyncio.create_task(drain(inside))
    command = await engineer.start("alias", FLOOD)
    command_draining = asyncio.create_task(drain(command))
    await bench.recording.first(CommandOutput)
    bench.room.pause()
    bench.ssh.pause()
    trees = (bench.room.tree, bench.ssh.trees[1])
    took_seconds = await seconds_until(lambda: all(state in "Tt" for tree in trees for state in tree.living().values()))
    recorded = len(bench.recording.events)
    fetching = asyncio.create_task(engineer.sftp(f"get file {bench.folder}/back"))
    inside.stdin.write(b"\x03exit 5\n")
    await asyncio.sleep(0.2)
    assert len(bench.recording.events) == recorded
    assert not fetching.done()
    bench.ssh.resume()
    bench.room.resume()
    await draining
    assert inside.returncode == 5
    assert (await fetching).status == 0
    command.kill()
    await command_draining
    return took_seconds


async def test_strict_output_is_seen_only_when_acknowledged(bench: Bench) -> None:
    """In the strict policy no byte reaches ssh before the record that holds it is acknowledged."""
    bench.recording.strict = True
    engineer = await bench.engineer(Scope.SHELL)
    process = await engineer.start("alias", "echo held; sleep 0.05; echo back")
    await bench.recording.first(CommandOutput, lambda event: b"back" in event.data)
    assert process.stdout is not None
    read = asyncio.create_task(process.stdout.read())
    done, _ = await asyncio.wait([read], timeout=0.1)
    assert not done
    assert process.returncode is None
    bench.recording.acknowledge_always()
    assert await read == b"held\nback\n"


async def test_a_recorder_without_room_stops_the_program(bench: Bench) -> None:
    """While too much is unacknowledged there is one read of what a pipe holds; with room again, all of it arrives."""
    engineer = await bench.engineer(Scope.SHELL)
    bench.recording.set_room(False)
    process = await engineer.start("alias", "head -c 3000000 /dev/zero")
    await bench.recording.first(CommandOutput)
    await asyncio.sleep(0.1)
    assert sum(len(event.data) for event in bench.recording.of(CommandOutput)) <= OUTPUT_AT_ONCE_BYTES
    bench.recording.set_room(True)
    assert len(await drain(process)) == 3_000_000


async def test_a_password_is_counted_and_never_recorded(bench: Bench) -> None:
    """Typed while the terminal does not echo: the recording has the number of bytes, and not the bytes."""
    engineer = await bench.engineer(Scope.SHELL)
    process = await engineer.start("-tt", "alias", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"stty -echo; printf 'Pass''word: '; read secret; stty echo\n")
    await process.stdout.readuntil(b"Password: ")
    process.stdin.write(b"hunter2\n")
    hidden = await bench.recording.first(InputHidden)
    process.stdin.write(b"exit\n")
    await drain(process)
    assert hidden.byte_count == 8
    assert not any(b"hunter2" in repr(event).encode() for event in bench.recording.events)


async def test_without_a_grant_every_request_says_why(bench: Bench) -> None:
    """Only viewing is granted: commands, a script on standard input and files are refused in a sentence."""
    engineer = await bench.engineer(Scope.VIEW)
    for arguments in (("alias", "id"), ("-tt", "alias", "id"), ("-T", "alias")):
        ran = await engineer.run(*arguments, feed=b"id\n")
        assert ran.status == 126
        assert b"uid" not in ran.output
        assert "request-more --scope shell" in ran.errors


async def test_only_the_admitted_key_is_let_in(bench: Bench) -> None:
    """Another engineer's key on this engineer's stream is a stranger's; so is a password."""
    engineer, other = await bench.engineer(Scope.SHELL), await bench.engineer(Scope.SHELL)
    engineer.access.ssh_user_key = other.access.ssh_user_key
    assert (await engineer.run("alias", "true")).status == 255
    ran = await engineer.run("-o", "PreferredAuthentications=password,keyboard-interactive", "alias", "true")
    assert ran.status == 255
    assert "publickey" in ran.errors


async def test_only_aes_gcm_is_spoken(bench: Bench) -> None:
    """ChaCha20, CTR with MACs, and old key exchanges find no common algorithm."""
    engineer = await bench.engineer(Scope.SHELL)
    for option in ("Ciphers=chacha20-poly1305@openssh.com,aes256-ctr", "KexAlgorithms=ecdh-sha2-nistp256"):
        ran = await engineer.run("-o", "LogLevel=INFO", "-o", option, "alias", "true")
        assert ran.status == 255
        assert "no matching" in ran.errors


async def test_nothing_of_the_agents_surroundings_reaches_a_program(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable that opens another door, no descriptor of the agent, no variable that the client sent along."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "/agent")
    monkeypatch.setenv("CONSENTRY_SECRET", "x")
    bench.ssh.profile = dataclasses.replace(shell_profile(), shell="/bin/sh")
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.run("-o", "SetEnv=EVIL=1", "-A", "alias", "env; ls /proc/self/fd")
    names = {line.partition("=")[0] for line in ran.output.decode().splitlines() if "=" in line}
    assert names.isdisjoint({"SSH_AUTH_SOCK", "CONSENTRY_SECRET", "EVIL", "TMUX", "DISPLAY"})
    assert {line for line in ran.output.decode().split() if line.isdigit()} <= {"0", "1", "2", "3"}  # 3: ls itself


async def test_one_connection_carries_many_channels(bench: Bench) -> None:
    """ControlMaster: commands one after another through one connection, each a channel of one stream."""
    engineer = await bench.engineer(Scope.SHELL)
    control = f"ControlPath={bench.folder}/c"
    master = await engineer.start("-o", control, "-M", "-N", "alias")
    while (await engineer.run("-o", control, "-O", "check", "alias")).status:
        assert master.returncode is None
    for status in (0, 3):
        assert (await engineer.run("-o", control, "alias", f"exit {status}")).status == status
    opened = bench.recording.of(ChannelOpened)
    assert len({event.channel for event in opened}) == 2
    assert len({event.stream_id for event in opened}) == 1
    await engineer.run("-o", control, "-O", "exit", "alias")


async def test_a_window_is_as_large_as_the_smallest(bench: Bench) -> None:
    """The room is resized to the smallest window that looks, and back when that one leaves."""
    engineer = await bench.engineer(Scope.SHELL)
    seat = await bench.room.attach_customer(lambda _: None, columns=100, rows=30, terminal="")
    inside = await engineer.start("-tt", "alias", stdin=asyncio.subprocess.PIPE)  # no terminal here: 80 x 24
    await bench.recording.first(TerminalResized)
    bench.room.resize(seat, 60, 40)
    bench.room.leave(seat)
    sizes = [(event.columns, event.rows) for event in bench.recording.of(TerminalResized)]
    assert sizes == [(80, 24), (60, 24), (80, 24)]
    inside.kill()


async def test_a_terminal_command_has_its_own_terminal(bench: Bench) -> None:
    """`ssh -t alias command`: a terminal, its own channel, its own status, and the hash of what was printed."""
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.run("-tt", "alias", "tty; exit 9", feed=b"")
    assert ran.status == 9
    assert ran.output.startswith(b"/dev/pts/")
    closed = await bench.closed()
    assert closed.channel == 1
    assert closed.output_sha256 == hashlib.sha256(ran.output).digest()


async def test_a_command_ended_by_a_signal_says_so(bench: Bench) -> None:
    """The recording has the signal's negative number; ssh reports 255 as it does for every signal."""
    engineer = await bench.engineer(Scope.SHELL)
    await engineer.run("alias", "kill -9 $$")
    assert (await bench.closed()).exit_status == -9


async def test_a_client_that_goes_away_hangs_its_command_up(bench: Bench) -> None:
    """ssh is killed in the middle of a flood: the command gets SIGHUP and ends."""
    engineer = await bench.engineer(Scope.SHELL)
    process = await engineer.start("alias", FLOOD)
    await bench.recording.first(CommandOutput)
    process.kill()
    await bench.recording.first(ChannelClosed)
    await seconds_until(lambda: not bench.ssh.trees[1].living())


async def test_input_reaches_a_command_whole(bench: Bench) -> None:
    """Two megabytes into `cat` and back: equal bytes both ways, counted and hashed."""
    engineer = await bench.engineer(Scope.SHELL)
    data = bytes(range(256)) * 8192
    ran = await engineer.run("alias", "cat", feed=data)
    assert ran.output == data
    closed = await bench.closed()
    assert (closed.input_bytes, closed.output_bytes) == (len(data), len(data))
    assert closed.input_sha256 == closed.output_sha256 == hashlib.sha256(data).digest()


async def test_a_program_has_no_way_to_the_agents_terminal(bench: Bench) -> None:
    """It leads a session of its own; a command has no terminal at all, one with a terminal only its own."""
    engineer = await bench.engineer(Scope.SHELL)
    ask = "read -r pid _ _ _ _ sid tty _ < /proc/$$/stat; echo $pid $sid $tty;"
    ask += " (echo x > /dev/tty) 2>/dev/null && echo yes"
    pid, sid, tty = (await engineer.run("alias", ask)).output.split()
    assert pid == sid
    assert tty == b"0"
    assert (await engineer.run("-tt", "alias", ask, feed=b"")).output.split()[-2:] == [b"x", b"yes"]
