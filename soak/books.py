"""What must be true of every recording: while it grows, after every death, and when it is closed.

all along     the broker's disk holds at least what the agent was told it holds
agent dies    every whole record in its spool is on the broker's disk after the next start, byte for byte
books closed  `consentry audit verify` finds it intact, or says that its end is missing and nothing else
"""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from protocol.records import HEADER_BYTES, RecordHeader, RecordMalformedError
from soak.tally import Tally
from tests.helpers.deployment import CONSENTRY, Broker, Customer, plain_environment

GAPS = frozenset({"fault-truncated", "end"})
"""Checks of `verify` that may fail for a session whose agent was killed: they say that its end is missing."""


@dataclass(eq=False)
class Recording:
    """One session's, as seen from outside. `spooled` is what a killed agent had sealed, whole records only."""

    session_id: str
    customer: Customer
    killed: bool = False
    spooled: bytes = field(default=b"", repr=False)
    told_bytes: int = 0

    @property
    def spool(self) -> Path:
        return self.customer.state / "agent" / "spool" / f"{self.session_id}.spool"

    def acked_bytes(self) -> int:
        """The most that the agent was told. A killed agent's last word counts for ever."""
        said = [event["acked_bytes"] for event in list(self.customer.events) if event["event"] == "recorder-progress"]
        self.told_bytes = max(self.told_bytes, *said, 0)
        return self.told_bytes

    def agent_died(self) -> None:
        """Takes down what its spool holds, before anybody delivers it."""
        self.killed = True
        if self.spool.exists():
            self.spooled = whole_records(self.spool.read_bytes().partition(b"\n")[2])


class Books:
    def __init__(self, broker: Broker, tally: Tally) -> None:
        self._broker = broker
        self._tally = tally
        self.verified: set[str] = set()

    def verify_the_rest(self) -> None:
        """Sessions whose engineer was killed before they could say which one it was."""
        for folder in self._broker.records.iterdir():
            if (folder / "records.csr").exists() and folder.name not in self.verified:
                self._verify(folder.name, killed=True, whose="nobody's")

    def check_acked(self, recording: Recording) -> None:
        acked_bytes = recording.acked_bytes()  # first: the disk may only have gained since
        path = self._path(recording)
        held_bytes = path.stat().st_size if path.exists() else 0
        self._tally.add("acked checks")
        if held_bytes < acked_bytes:
            self._violated(recording, f"the agent was told of {acked_bytes} bytes, the disk holds {held_bytes}")

    def close(self, recording: Recording) -> None:
        """For a recording whose last byte has arrived."""
        self.check_acked(recording)
        path = self._path(recording)
        data = path.read_bytes() if path.exists() else b""
        if recording.spooled and recording.spooled not in data:
            self._violated(recording, f"{len(recording.spooled)} bytes of its spool are not all on the disk")
        self._tally.add("record bytes", len(data))
        if data:
            self._verify(recording.session_id, killed=recording.killed, whose=recording.customer.folder.parent.name)

    def _verify(self, session_id: str, *, killed: bool, whose: str) -> None:
        self.verified.add(session_id)
        done = subprocess.run(
            [
                *CONSENTRY, "audit", "verify", session_id, "--json",
                "--records", str(self._broker.records), "--key", str(self._broker.key),
            ],
            env=plain_environment(), capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        try:
            report = json.loads(done.stdout)
        except ValueError:
            self._tally.violated(f"recording {session_id} ({whose}): verify said nothing: {done.stderr[-500:]}")
            return
        failed = {check["check"] for check in report["checks"] if check["outcome"] == "failed"}
        if report["intact"]:
            self._tally.add("recordings intact")
        elif killed and failed <= GAPS:
            self._tally.add("recordings with a named gap")
        else:
            sentences = [check["sentence"] for check in report["checks"] if check["outcome"] == "failed"]
            said = f"does not verify ({report['state']}): {sentences}"
            self._tally.violated(f"recording {session_id} ({whose}): {said}")

    def _path(self, recording: Recording) -> Path:
        return self._broker.records / recording.session_id / "records.csr"

    def _violated(self, recording: Recording, sentence: str) -> None:
        self._tally.violated(f"recording {recording.session_id} ({recording.customer.folder.parent.name}): {sentence}")


def whole_records(data: bytes) -> bytes:
    """Without the torn one at the end."""
    at = 0
    while at + HEADER_BYTES <= len(data):
        try:
            size_bytes = RecordHeader.parse(data[at : at + HEADER_BYTES]).record_bytes
        except RecordMalformedError:
            break
        if at + size_bytes > len(data):
            break
        at += size_bytes
    return data[:at]
