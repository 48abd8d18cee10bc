"""The agent's spool from its first byte to its removal, with one system call that fails.

A recorder in a process of its own records to a real broker, which nothing happens to. When the recorder has ended,
however it ended, "the next start" delivers what it left. Then everything that was acknowledged is on the broker's
disk, no spool is left, and verify finds the recording intact, or its end missing and nothing else.
"""

import asyncio
import base64
import contextlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from agent_client.recorder.deliver import deliver_spools
from audit.session_files import RECORDS_FILE, session_folder
from audit.vault.keys import load_audit_key
from audit.vault.library import Recording
from audit.vault.verify import Outcome, verify_recording
from protocol.certificates import EngineerCa
from protocol.events import ROOM_CHANNEL, Event, ManifestRecorded, TerminalOutput, encode_events, encode_manifest
from protocol.events import SessionClosing as ClosingEvent
from protocol.share_url import parse_share_url
from tests.faults.forked import Forked
from tests.faults.recording_agent import BROKEN_OFF, NOT_OPENED
from tests.faults.strace import Fault, Tracer
from tests.faults.talk import Organisation
from tests.helpers.deployment import plain_environment
from tests.helpers.recordings import START_MS, SealedRecording, closing_events, make_session, opening_events
from tunnel.trust import fetch_signed_profile

GAPS = frozenset({"fault-truncated", "end"})
RECORDER_WITHIN_SECONDS = 60.0


@dataclass
class _Run:
    """One recorder: its session, and what it said."""

    folder: Path
    session: SealedRecording
    settings: dict[str, str]
    said: list[dict[str, Any]]
    status: int = -1

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def spool(self) -> Path:
        return self.state / "spool" / f"{self.session.session_id.hex()}.spool"

    @property
    def acked_bytes(self) -> int:
        return max((line["acked_bytes"] for line in self.said if "acked_bytes" in line), default=0)


class SpoolStory:
    def __init__(self, folder: Path, organisation: Organisation) -> None:
        self.name = "agent's spool"
        self._folder = folder
        self._organisation = organisation
        address = parse_share_url(organisation.broker.address)
        self._profile = asyncio.run(fetch_signed_profile(address)).profile
        self._key = load_audit_key(organisation.broker.key)
        folder.mkdir(parents=True)

    def count_calls(self) -> Counter[str]:
        with self._prepared("counting") as run:
            tracer = Tracer(run.folder / "strace.log", _watched(run))
            self._record(run, tracer)
            assert run.status == 0, run.said
            self._check(run)
            return tracer.counted()

    def play(self, fault: Fault) -> bool:
        """Whether there was such a call; AssertionError for a promise that was broken."""
        with self._prepared(str(fault).replace(" ", "-")) as run:
            tracer = Tracer(run.folder / "strace.log", _watched(run), fault)
            self._record(run, tracer)
            assert run.status in (0, NOT_OPENED, BROKEN_OFF), f"exit status {run.status}"
            if fault.name in ("EINTR", "short") or not tracer.hit:
                assert run.status == 0, "the recorder did not go on after what every program has to expect"
            self._check(run)
            return tracer.hit

    @contextlib.contextmanager
    def _prepared(self, name: str) -> Iterator[_Run]:
        """A session at the broker, and a state folder of its own. What failed stays there to be looked at."""
        folder = self._folder / name
        opened, key = self._organisation.open_session()
        session = make_session(session_id=opened.session_id)
        session.signing_key = key
        session.manifest = msgspec.structs.replace(session.manifest, agent_key=key.public_key().public_bytes_raw())
        run = _Run(folder, session, {}, [])
        run.state.joinpath("spool").mkdir(parents=True)
        run.settings = {
            "state": str(run.state),
            "session_id": opened.session_id.hex(),
            "session_token": opened.session_token.hex(),
            "signing_key": key.private_bytes_raw().hex(),
            "profile": msgspec.json.encode(self._profile).decode(),
            "manifest": base64.b64encode(encode_manifest(session.manifest)).decode(),
            "salt": base64.b64encode(session.salt).decode(),
        }
        yield run
        shutil.rmtree(folder)

    def _record(self, run: _Run, tracer: Tracer) -> None:
        room = b"$ whoami\r\nshop\r\n"
        groups: list[list[Event]] = [
            # What the recorder records by itself is left out.
            [event for event in opening_events(run.session) if not isinstance(event, ManifestRecorded)],
            [TerminalOutput(5000, ROOM_CHANNEL, room)],
            [event for event in closing_events(run.session, room, 9000) if not isinstance(event, ClosingEvent)],
        ]
        settings = run.folder / "settings.json"
        encoded = [base64.b64encode(encode_events(group)).decode() for group in groups]
        settings.write_text(json.dumps({"settings": run.settings, "groups": encoded}))
        said = run.folder / "stdout"
        recorder = Forked(
            "tests.faults.recording_agent",
            [str(settings)],
            environment=plain_environment(),
            stdout=said,
            stderr=run.folder / "stderr",
            tracer=tracer,
        )
        try:
            run.status = recorder.ended_within(RECORDER_WITHIN_SECONDS)
        finally:
            recorder.close()
        run.said = [json.loads(line) for line in said.read_text().splitlines()]

    def _check(self, run: _Run) -> None:
        asyncio.run(deliver_spools(run.state))
        assert not list(run.spool.parent.iterdir()), "something is left of the spool"
        folder = session_folder(self._organisation.broker.records, run.session.session_id)
        records = folder / RECORDS_FILE
        held_bytes = records.stat().st_size if records.exists() else 0
        assert held_bytes >= run.acked_bytes, "an acknowledged record is gone"
        if run.status == NOT_OPENED or not held_bytes:
            return
        report = verify_recording(
            Recording.read(folder), [self._key], cas=[EngineerCa(run.session.ca_public_key)], now_ms=START_MS
        )
        failed = {check.name for check in report.checks if check.outcome is Outcome.FAILED}
        assert failed <= (GAPS if run.status else frozenset()), failed
        assert report.intact or run.status, report.checks


def _watched(run: _Run) -> list[Path]:
    return [run.spool.parent, run.spool, run.spool.with_suffix(".new")]
