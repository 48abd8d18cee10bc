"""How far a live view is behind: from a record's last byte on the disk until `consentry audit tail --json` prints it.

The agent's own second of sealing comes on top, so the goal of two seconds leaves one for us. The peer is `tail -f` of
the same file, which is told by the kernel and opens nothing; we look twice a second, prove, open and parse.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from audit.session_files import OPENING_FILE, RECORDS_FILE
from audit.vault.keys import load_audit_key, make_audit_key
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from protocol.events import Event, TerminalOutput
from tests.helpers.indexes import session_of
from tests.helpers.recordings import START_MS, SealedRecording, make_session

RECORDS_PER_ROUND = 8
PAUSE_SECONDS = 0.31
GOAL = Goal("<=", 1000.0)


def measure(bench: Workbench) -> list[Result]:
    folder = bench.folder / "live-tail"
    folder.mkdir()
    make_audit_key(folder / "audit.key", now_ms=START_MS - 1)
    recording = _recording(folder)
    lags = in_turn(
        bench.rounds,
        {"ours": lambda: _ours(folder, recording), "peer": lambda: _tail(folder)},
        on_round=bench.round_done,
    )
    return [Result.within("live tail, worst of a round", "ms", lags["ours"], "tail -f", lags["peer"], GOAL)]


def _recording(folder: Path) -> SealedRecording:
    session = make_session(keys=[load_audit_key(folder / "audit.key")])
    groups: list[list[Event]] = [
        [TerminalOutput(5000 + 1000 * number, 0, b"line %d\r\n" % number)] for number in range(RECORDS_PER_ROUND)
    ]
    return session_of(groups, session=session)


def _ours(folder: Path, recording: SealedRecording) -> float:
    """The largest lag in milliseconds."""
    session = recording.write(folder / "records", data=b"", closed=False, rated=False)
    assert (session / OPENING_FILE).exists()
    begun = recording.records[:2]
    (session / RECORDS_FILE).write_bytes(b"".join(begun))
    command = [sys.executable, "-m", "consentry", "audit", "tail", "11", "--json", "--records", str(folder / "records")]
    environment = os.environ | {"CONSENTRY_AUDIT_KEY": str(folder / "audit.key"), "CONSENTRY_LANGUAGE": "en"}
    lags = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, bufsize=0) as process:
        assert process.stdout is not None
        while b"channel-opened" not in process.stdout.readline():
            pass
        for record in recording.records[2 : 2 + RECORDS_PER_ROUND]:
            time.sleep(PAUSE_SECONDS)  # so that arrivals fall anywhere between two looks
            lags.append(_append_and_wait(session / RECORDS_FILE, record, process))
        with (session / RECORDS_FILE).open("ab") as file:
            file.write(b"".join(recording.records[2 + RECORDS_PER_ROUND :]))
        process.stdout.read()
    return max(lags)


def _tail(folder: Path) -> float:
    path = folder / "lines"
    path.write_text("begin\n")
    lags = []
    with subprocess.Popen(["tail", "-f", str(path)], stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for number in range(RECORDS_PER_ROUND):
            time.sleep(PAUSE_SECONDS)
            lags.append(_append_and_wait(path, b"line %d\n" % number, process))
        process.terminate()
    return max(lags)


def _append_and_wait(path: Path, data: bytes, process: "subprocess.Popen[bytes]") -> float:
    with path.open("ab") as file:
        file.write(data)
    began = time.perf_counter()
    assert process.stdout is not None
    process.stdout.readline()
    return (time.perf_counter() - began) * 1000
