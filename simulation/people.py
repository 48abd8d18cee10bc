"""What the people of a session know of each other without the network: codes read out, who is who, what was agreed."""

from agent_client.session import SupportSession
from simulation.customer import Ledger
from simulation.house import House
from simulation.organisation import ORGANISATION
from simulation.streams import StreamWatch

SESSIONS = 20


class People:
    """And the observer, who listens to them all."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ledger = Ledger(house.loop, house.observer)
        self.streams = StreamWatch(house.observer)
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
        attendance = self._sharing[session_id]._attendance
        participant = attendance.admitted(pairing_id) or attendance._participants.get(pairing_id)
        return participant.participant if participant is not None else 0
