"""One code's whole life, as a machine without I/O.

A code is claimed by one engineer, once. Then exactly four messages pass, in this order, each at most once, unread:

    waiting_for_engineer --claim--> waiting_for_ya --ya (engineer)--> waiting_for_yb --yb (agent)--> waiting_for_ta
      --ta (engineer)--> waiting_for_verdict --tb (agent)--> waiting_for_finish --paired (agent)--> closed

The engineer confirms first: a wrong `ta` makes the agent say `wrong-code` in `waiting_for_verdict`, and `tb`, which
would tell a guesser that they guessed right, is never sent. Whatever else happens closes the code: it has allowed one
run of the PAKE, and there is no way back to a state before it (security-audit 9.2; magic-wormhole's mailbox is the
ancestor, with `crowded` for the third party).

Times are monotonic milliseconds.
"""

from dataclasses import dataclass
from typing import Literal

from protocol.messages.agent import CodeClosed
from protocol.messages.pairing import PairingFailed, PairingMail, PairingOutcome, PairingPhase, PairingStarted

CODE_LIFE_MS = 10 * 60_000
"""OWASP ASVS 5.0, 6.5.5: an out-of-band code lives at most ten minutes."""

RUN_LIFE_MS = 30_000
"""From the claim to the verdict: two programs talk, no person is waited for."""

State = Literal[
    "waiting_for_engineer",
    "waiting_for_ya",
    "waiting_for_yb",
    "waiting_for_ta",
    "waiting_for_verdict",
    "waiting_for_finish",
    "closed",
]
Side = Literal["agent", "engineer"]

MAIL: dict[tuple[State, Side, PairingPhase], State] = {
    ("waiting_for_ya", "engineer", "ya"): "waiting_for_yb",
    ("waiting_for_yb", "agent", "yb"): "waiting_for_ta",
    ("waiting_for_ta", "engineer", "ta"): "waiting_for_verdict",
    ("waiting_for_verdict", "agent", "tb"): "waiting_for_finish",
}
"""All mail that is handed on, and where it leads. Everything else is `broken`."""

VERDICTS: dict[State, frozenset[PairingOutcome]] = {
    "waiting_for_engineer": frozenset({"cancelled"}),
    "waiting_for_ya": frozenset({"expired", "cancelled", "lost", "broken"}),
    "waiting_for_yb": frozenset({"expired", "cancelled", "lost", "broken"}),
    "waiting_for_ta": frozenset({"expired", "cancelled", "lost", "broken"}),
    "waiting_for_verdict": frozenset({"wrong-code", "expired", "cancelled", "lost", "broken"}),
    "waiting_for_finish": frozenset({"paired", "expired", "cancelled", "lost", "broken"}),
    "closed": frozenset(),
}
"""What an agent may say of a code, and when. Any other verdict is taken as `broken`."""


@dataclass(frozen=True)
class ToAgent:
    """Send this to the agent who opened the code."""

    message: PairingStarted | PairingMail | CodeClosed


@dataclass(frozen=True)
class ToEngineer:
    """Send this to the engineer who claimed it."""

    message: PairingStarted | PairingMail | PairingFailed


@dataclass(frozen=True)
class CodeEnded:
    """The last event of a code. `burnt` counts against the engineer: a run was used up, and not by the agent."""

    outcome: PairingOutcome
    burnt: bool


Event = ToAgent | ToEngineer | CodeEnded


class Mailbox:
    """Feed it what happens; it answers with what to send. After `CodeEnded` it answers nothing any more."""

    def __init__(self, session_id: bytes, nameplate: str, agent_nonce: bytes, *, now_ms: int) -> None:
        self.session_id = session_id
        self.nameplate = nameplate
        self.state: State = "waiting_for_engineer"
        self.outcome: PairingOutcome | None = None
        self.deadline_ms = now_ms + CODE_LIFE_MS
        self._agent_nonce = agent_nonce

    @property
    def running(self) -> bool:
        """An engineer claimed the code and there is no verdict yet."""
        return self.state not in {"waiting_for_engineer", "closed"}

    def claim(self, engineer_nonce: bytes, now_ms: int) -> list[Event]:
        """The one claim. Ask `state` first: a second claim is the caller's to refuse, and changes nothing here."""
        if self.state != "waiting_for_engineer" or now_ms >= self.deadline_ms:
            return []
        self.state = "waiting_for_ya"
        self.deadline_ms = now_ms + RUN_LIFE_MS
        started = PairingStarted(
            session_id=self.session_id,
            nameplate=self.nameplate,
            engineer_nonce=engineer_nonce,
            agent_nonce=self._agent_nonce,
        )
        return [ToAgent(started), ToEngineer(started)]

    def receive_mail(self, side: Side, mail: PairingMail) -> list[Event]:
        if self.state == "closed":
            return []
        following = MAIL.get((self.state, side, mail.phase)) if mail.nameplate == self.nameplate else None
        if following is None:
            return self._close("broken", burnt=side == "engineer", tell=("agent", "engineer"))
        self.state = following
        return [ToEngineer(mail) if side == "agent" else ToAgent(mail)]

    def receive_verdict(self, outcome: PairingOutcome) -> list[Event]:
        """The agent says how the code ended. A verdict that cannot be reached from here is not believed."""
        if self.state == "closed":
            return []
        if outcome not in VERDICTS[self.state]:
            return self._close("broken", burnt=False, tell=("agent", "engineer"))
        return self._close(outcome, burnt=outcome in {"wrong-code", "expired", "broken"}, tell=("engineer",))

    def agent_cancelled(self) -> list[Event]:
        return self._close("cancelled", burnt=False, tell=("engineer",))

    def agent_lost(self) -> list[Event]:
        """An open code waits for its agent to come back; a run does not, for its keys may be gone."""
        return self._close("lost", burnt=False, tell=("agent", "engineer")) if self.running else []

    def engineer_lost(self) -> list[Event]:
        return self._close("lost", burnt=True, tell=("agent",)) if self.running else []

    def handle_time(self, now_ms: int) -> list[Event]:
        if now_ms < self.deadline_ms:
            return []
        return self._close("expired", burnt=self.running, tell=("agent", "engineer"))

    def _close(self, outcome: PairingOutcome, *, burnt: bool, tell: tuple[Side, ...]) -> list[Event]:
        if self.state == "closed":
            return []
        was_running = self.running
        self.state = "closed"
        self.outcome = outcome
        events: list[Event] = []
        if "agent" in tell:
            events.append(ToAgent(CodeClosed(nameplate=self.nameplate, outcome=outcome)))
        if "engineer" in tell and was_running and outcome != "paired":
            # `paired` is told by whoever holds the engineer's leg ticket, which this machine does not.
            events.append(ToEngineer(PairingFailed(outcome=outcome)))
        events.append(CodeEnded(outcome, burnt=burnt and was_running))
        return events
