"""Scenario `whole`: a customer with their agent, the broker, two engineers; sessions from first code to rating."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from audit.session_files import CLOSING_FILE, session_id_of
from audit.vault.library import Recording, SessionLostError
from audit.vault.verify import verify_recording
from simulation.chatting import ChatWatch
from simulation.customer import Ledger
from simulation.house import House
from simulation.organisation import ORGANISATION
from simulation.streams import StreamWatch

if TYPE_CHECKING:
    from agent_client.session import SupportSession

SESSIONS = 20


class Whole:
    """What the machines of this scenario know of each other without the network: only what people would say."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ledger = Ledger(house.loop, house.observer)
        self.streams = StreamWatch(house.observer)
        self.chat = ChatWatch(house.observer)
        self.codes: list[tuple[bytes, str]] = []
        self.commands_done = 0
        self._sessions_left = SESSIONS
        self._session_of_pairing: dict[bytes, bytes] = {}
        self._sharing: dict[bytes, SupportSession] = {}

    @property
    def root_public_key(self) -> bytes:
        return ORGANISATION.root_public_key

    def wants_session(self) -> bool:
        self._sessions_left -= 1
        return self._sessions_left >= 0 and not self.house.faults.stopped

    def sharing(self, session_id: bytes, session: "SupportSession") -> None:
        self._sharing[session_id] = session

    def paired(self, pairing_id: bytes, session_id: bytes) -> None:
        self._session_of_pairing[pairing_id] = session_id

    def session_of_pairing(self, pairing_id: bytes) -> bytes:
        return self._session_of_pairing[pairing_id]

    def number_of(self, session_id: bytes, pairing_id: bytes) -> int:
        """The agent's number for this engineer: what its own screens show."""
        participant = self._sharing[session_id]._attendance.find(pairing_id)
        return participant.participant if participant is not None else 0


class WholeScenario:
    machines: ClassVar[tuple[str, ...]] = ("agent", "broker", "engineer-1", "engineer-2")
    fault_seconds: ClassVar[tuple[float, float]] = (0.5, 200.0)

    def __init__(self, house: House) -> None:
        # The agent's side is heavy to import, and is needed here only.
        from simulation.agent import Agent, ModelSsh
        from simulation.engineer import Engineer

        self._house = house
        self.whole = Whole(house)
        ModelSsh.whole = self.whole
        self._agent = Agent(self.whole)
        for name in ("engineer-1", "engineer-2"):
            Engineer(self.whole, name)

    @staticmethod
    def replacements(connect: Callable[..., Any]) -> Iterable[tuple[str, str, Any]]:
        from simulation.agent import ModelRoom, ModelSsh

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
            self.whole.chat.check(recording.session_id, is_whole=report.verdict == "intact")
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
