"""A seeded recording of hours of work in a real shell: bash in a pseudo-terminal, typed commands, time that is made up.

The shell really runs and really draws; only the pauses are drawn from the seed. Half a minute lies between two
commands, a fifth of a second between two keys, and each read of output is some milliseconds after the one before.
"""

import os
import random
import select
from collections.abc import Iterator
from pathlib import Path

from ptyprocess import PtyProcess

from bench.deployment.support_hours import LINES_PER_HOUR, words
from protocol.events import Event, InputHidden, TerminalOutput
from tests.helpers.recordings import SealedRecording, closing_events, make_session, opening_events, seal_session

_PROMPT = b"till-3:~$ "
_PATIENCE_SECONDS = 10.0
_COMMANDS = (
    "ls -la --color=always",
    "cat {log}",
    "grep -n --color=always {word} {log} | head -n 40",
    "tail -n 60 {log}",
    "sort {log} | uniq -c | sort -rn | head -n 30",
    "wc -l *.log && df -h . | tail -n 1",
    "sed -n '{a},{b}p' {log}",
    "for i in $(seq 1 40); do printf '\\rcopying %d%%' $((i * 5 / 2)); done; echo",
    (
        "printf '\\e[?1049h\\e[2J'; for i in $(seq 1 200); do printf '\\e[%d;1H\\e[7mPID %d\\e[0m {word}\\e[K'"
        " $((i % 23 + 1)) $i; done; printf '\\e[?1049l'"
    ),
    "awk '{{ n[$3]++ }} END {{ for (k in n) print n[k], k }}' {log} | sort -rn | head -n 20",
)


def record_hours(folder: Path, hours: float, seed: int = 8841) -> SealedRecording:
    """The whole recording, sealed: a record for each second in which something happened."""
    session = make_session()
    events = list(_work(folder, round(hours * 3_600_000), random.Random(seed)))
    room = b"".join(event.data for event in events if isinstance(event, TerminalOutput))
    groups: list[list[Event]] = [opening_events(session)]
    for event in events:
        if event.t_ms // 1000 != groups[-1][-1].t_ms // 1000:
            groups.append([])
        groups[-1].append(event)
    return seal_session(session, [*groups, closing_events(session, room, events[-1].t_ms + 1000)])


def _work(folder: Path, duration_ms: int, draw: random.Random) -> Iterator[Event]:
    for number in range(8):
        lines = (f"{line:05} {words(draw, 6)}\n" for line in range(LINES_PER_HOUR // 4))
        (folder / f"application{number}.log").write_text("".join(lines), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "HISTFILE": "/dev/null"}
    shell = PtyProcess.spawn(
        ["bash", "--norc", "-i"], cwd=str(folder), env=environment | {"PS1": _PROMPT.decode()}, dimensions=(24, 80)
    )
    t_ms = 5000
    try:
        for event in _read_until(shell, _PROMPT, t_ms, draw):
            t_ms = event.t_ms
            yield event
        while t_ms < duration_ms:
            t_ms += draw.randrange(10_000, 50_000)
            command = draw.choice(_COMMANDS).format(
                log=f"application{draw.randrange(8)}.log", word=words(draw, 1), a=draw.randrange(1, 100), b=140
            )
            for key in command:
                t_ms += draw.randrange(50, 350)
                yield InputHidden(t_ms, 0, 1, 1)
                shell.write(key.encode())
                for event in _read_some(shell, t_ms + 3):
                    yield event
            t_ms += 400
            yield InputHidden(t_ms, 0, 1, 1)
            shell.write(b"\r")
            for event in _read_until(shell, _PROMPT, t_ms, draw):
                t_ms = event.t_ms
                yield event
    finally:
        shell.close(force=True)


def _read_some(shell: PtyProcess, t_ms: int) -> Iterator[TerminalOutput]:
    if select.select([shell.fd], [], [], _PATIENCE_SECONDS)[0]:
        yield TerminalOutput(t_ms, 0, os.read(shell.fd, 4096))


def _read_until(shell: PtyProcess, end: bytes, t_ms: int, draw: random.Random) -> Iterator[TerminalOutput]:
    """Everything until the shell prompts."""
    tail = b""
    while not tail.endswith(end):
        t_ms += draw.randrange(2, 20)
        if not select.select([shell.fd], [], [], _PATIENCE_SECONDS)[0]:
            raise TimeoutError("the shell does not prompt")
        data = os.read(shell.fd, 4096)
        tail = (tail + data)[-200:]
        yield TerminalOutput(t_ms, 0, data)
