"""Scenario `whole`: a customer with their agent, the broker, two engineers; sessions from first code to rating."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from audit.session_files import CLOSING_FILE, session_id_of
from audit.vault.library import Recording, SessionLostError
from audit.vault.verify import verify_recording
from simulation.agent import Agent, ModelRoom, ModelSsh
from simulation.engineer import Engineer
from simulation.house import House
from simulation.organisation import ORGANISATION
from simulation.people import People


class WholeScenario:
    machines: ClassVar[tuple[str, ...]] = ("agent", "broker", "engineer-1", "engineer-2")
    fault_seconds: ClassVar[tuple[float, float]] = (0.5, 200.0)

    def __init__(self, house: House) -> None:
        self._house = house
        self.people = People(house)
        ModelSsh.people = self.people
        self._agent = Agent(self.people)
        for name in ("engineer-1", "engineer-2"):
            Engineer(self.people, name)

    @staticmethod
    def replacements(connect: Callable[..., Any]) -> Iterable[tuple[str, str, Any]]:
        yield "agent_client.live", "Room", ModelRoom
        yield "agent_client.live", "SessionSsh", ModelSsh
        yield "agent_client.live", "connect_websocket", connect

    def is_over(self) -> bool:
        if not self._house.faults.stopped or not self._agent.is_idle:
            return False
        if not all(session.state == "ended" for session in self._house.database.sessions.values()):
            return False
        return all((folder / CLOSING_FILE).exists() for folder in self._recordings())

    def check(self) -> None:
        """Every recording verifies as far as it goes."""
        for folder in self._recordings():
            recording = Recording.read(folder)
            try:
                report = verify_recording(recording, [ORGANISATION.audit_key], now_ms=self._now_ms())
            except SessionLostError:
                self._house.observer.fail(f"{folder.name[:8]}: a recording that was never begun looks like a lost one")
                return
            self._house.loop.note(f"{folder.name[:8]}: {report.verdict}")
            if report.verdict == "broken":
                problems = [check for check in report.checks if check.outcome.value == "failed"]
                self._house.observer.fail(
                    f"{folder.name[:8]}: the recording is broken: {[check.name for check in problems]}"
                )

    def _recordings(self) -> list[Path]:
        records = self._house.disks["broker"].root / "records"
        return [path for path in sorted(records.iterdir()) if session_id_of(path) is not None]

    def _now_ms(self) -> int:
        return self._house.nodes["broker"].unix_ns() // 10**6
