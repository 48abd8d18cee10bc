"""Longer sessions: an engineer who works steadily, one record a second, as the recorder seals when it is quiet.

Eight hours cannot be waited for. The recording is made by the real sealer with times of its own, and verified and read
by the real code. The agent's memory is that of a real agent after the same output, which comes at once.
"""

import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from audit.vault.library import Recording
from audit.vault.reading import open_recording
from audit.vault.verify import verify_recording
from bench.core.watch import Watch
from bench.core.workbench import log_lines
from bench.deployment.people import Deployment
from protocol.certificates import EngineerCa
from protocol.events import ROOM_CHANNEL, TerminalInput, TerminalOutput
from tests.helpers.recordings import START_MS, SealedRecording, closing_events, make_session, opening_events, summarise

OUTPUT_BYTES_PER_SECOND = 300
"""Of somebody who reads logs and types commands, averaged over pauses; four lines of a terminal."""


def cost_of_length(minutes: Sequence[int]) -> list[dict[str, float]]:
    with tempfile.TemporaryDirectory(prefix="consentry-study-") as text:
        folder = Path(text)
        costs = [_cost_of_recording(folder, one) for one in minutes]
        with Deployment(folder / "ours") as ours:
            for cost, one in zip(costs, minutes, strict=True):
                cost["agent_mib"] = _agent_mib(ours, one)
    return costs


def _cost_of_recording(folder: Path, minutes: int) -> dict[str, float]:
    recording = _record(minutes)
    written = recording.write(folder / f"of-{minutes}-minutes", rated=False)
    size_bytes = sum(path.stat().st_size for path in written.iterdir())
    began = time.process_time()
    report = verify_recording(
        Recording.read(written), recording.keys, cas=[EngineerCa(recording.ca_public_key)], now_ms=START_MS
    )
    verified = time.process_time()
    if not report.intact:
        raise ValueError("a recording of the study does not verify")
    with open_recording(Recording.read(written), recording.keys) as opened:
        events = sum(1 for _ in opened.events())
    return {
        "recording_mib": round(size_bytes / 1024**2, 3),
        "records": float(len(recording.records)),
        "events": float(events),
        "verify_seconds": round(verified - began, 3),
        "read_seconds": round(time.process_time() - verified, 3),
    }


def _record(minutes: int) -> SealedRecording:
    session = make_session()
    sealer = session.sealer()
    lines = log_lines(1024 * 1024)
    draw = random.Random(minutes)
    groups = [opening_events(session)]
    t_ms = 5000
    for _ in range(minutes * 60):
        at = draw.randrange(len(lines) - OUTPUT_BYTES_PER_SECOND)
        output = lines[at : at + OUTPUT_BYTES_PER_SECOND]
        groups.append([TerminalInput(t_ms, ROOM_CHANNEL, 1, b"ls\r"), TerminalOutput(t_ms + 5, ROOM_CHANNEL, output)])
        t_ms += 1000
    shown = b"".join(e.data for group in groups for e in group if isinstance(e, TerminalOutput))
    groups.append(closing_events(session, shown, t_ms))
    session.records = [sealer.seal_epoch(START_MS)]
    for group in groups:
        if sealer.needs_new_epoch(START_MS + group[0].t_ms):
            session.records.append(sealer.seal_epoch(START_MS + group[0].t_ms))
        session.records.append(sealer.seal_events(group, group[0].t_ms, group[-1].t_ms))
    session.records.append(sealer.seal_final(summarise([event for group in groups for event in group], sealer)))
    return session


def _agent_mib(ours: Deployment, minutes: int) -> float:
    """After so much output of a command; the sessions before have left what they leave."""
    size_bytes = minutes * 60 * OUTPUT_BYTES_PER_SECOND
    log = ours.customer.home / "study.log"
    log.write_bytes((log_lines(1024 * 1024) * (size_bytes // 1024**2 + 1))[:size_bytes])
    with Watch(ours.customer.process.pid, every_seconds=0.1) as watch:
        ours.machine.run(ours.machine.ssh(f"cat {log}"))
    return round(watch.samples[-1].memory_mib, 1)
