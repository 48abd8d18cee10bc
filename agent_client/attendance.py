"""Who is in the session, who is asking, and what each may do: every change of a grant passes through here.

What runs is told of it first, and people second: the recording, the broker, the customer, the engineers' programs. How
a request becomes a grant is in `reception.py`.
"""

import asyncio
from collections.abc import Callable

import structlog

from agent_client.chat import Chat, Line, LineRefused
from agent_client.consent import Wish
from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.faces.face import Face
from agent_client.followers import Followers
from agent_client.gateway import GatewayPasses
from agent_client.grant_records import (
    record_departure,
    record_grant,
    record_take_over,
)
from agent_client.host import unix_ms
from agent_client.invitations import Paired
from agent_client.live import LiveSession
from agent_client.participant import Participant
from protocol.events import CUSTOMER, GrantChanger
from protocol.grants import Scope
from protocol.messages.agent import GrantReported, TakeOverReported
from protocol.messages.control import AgentToEngineer, GrantMoved, TakenOver
from protocol.messages.fields import EndReason

log = structlog.get_logger(__name__)

PARTICIPANTS_LIMIT = 8
"""Engineers in one session over its whole life. Each was let in by a code and a consent of their own."""


class Attendance:
    """Who is in, and who asks. `report` tells the broker what is in force, `end` ends the session."""

    def __init__(
        self,
        face: Face,
        chat: Chat,
        *,
        report: Callable[[GrantReported | TakeOverReported], None],
        end: Callable[[EndReason], None],
        clock: Callable[[], int] = unix_ms,
    ) -> None:
        self.end = end
        self.live: LiveSession | None = None
        self.followers = Followers(chat, self.admitted)
        self.gateway_passes = GatewayPasses()
        self.on_deadline_moved: Callable[[], None] = lambda: None
        self._face = face
        self._chat = chat
        chat.on_line = self._line_recorded
        self._report = report
        self._clock = clock
        self._paired: dict[bytes, Paired] = {}
        self._participants: dict[bytes, Participant] = {}
        self._conversations: dict[Conversation, None] = {}  # in the order in which they began
        self._hung_up = asyncio.Event()

    @property
    def participants(self) -> list[Participant]:
        """In the order of their requests."""
        return list(self._participants.values())

    def paired(self, pairing_id: bytes) -> Paired | None:
        return self._paired.get(pairing_id)

    def admitted(self, pairing_id: bytes) -> Participant | None:
        """Whoever may open streams."""
        participant = self._participants.get(pairing_id)
        return participant if participant and participant.is_admitted else None

    def find(self, pairing_id: bytes) -> Participant | None:
        """Whoever has asked with a request of their own, whether they are in or not."""
        return self._participants.get(pairing_id)

    def number_of(self, paired: Paired) -> int:
        """Participants are numbered from 1, as they paired."""
        return list(self._paired).index(paired.keys.pairing_id) + 1

    @property
    def is_full(self) -> bool:
        return len(self._paired) >= PARTICIPANTS_LIMIT

    def deadlines_ms(self) -> list[int | None]:
        return [participant.machine.deadline_ms for participant in self._participants.values()]

    def somebody_paired(self, paired: Paired) -> None:
        if self.is_full:
            log.warning("session_too_many_participants", limit=PARTICIPANTS_LIMIT)
            return
        self._paired[paired.keys.pairing_id] = paired
        self._face.show(notices.EngineerAsking(participant=len(self._paired)))

    def take_up(self, paired: Paired, participant: Participant) -> None:
        """Their request is their own, and is about to stand on the customer's screen."""
        self._participants[paired.keys.pairing_id] = participant

    # ── engineers' programs ──────────────────────────────────────────────────────

    async def converse(self, conversation: Conversation) -> None:
        self._conversations[conversation] = None
        try:
            await conversation.run()
        finally:
            self._conversations.pop(conversation, None)
            self.followers.forget(conversation)
            self._hung_up.set()

    def tell_all(self, message: AgentToEngineer) -> None:
        for conversation in tuple(self._conversations):
            conversation.tell(message)

    async def hear_last_words(self, within_seconds: float) -> None:
        """Return when every engineer's program has hung up, or the time is over; then hang up on the rest."""
        deadline = asyncio.get_running_loop().time() + within_seconds
        while self._conversations:
            self._hung_up.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._hung_up.wait()
            except TimeoutError:
                break
        for conversation in tuple(self._conversations):
            conversation.close()

    # ── what the customer and time say ──────────────────────────────────────────────────────────────────────────

    def narrow(self, number: int, scopes: frozenset[Scope]) -> None:
        self.handle_time(self._clock())
        for participant in self._participants.values():
            if participant.participant == number and participant.machine.grant is not None:
                participant.machine.narrow(scopes, self._clock())
                self.grant_moved(participant, by="customer")

    def customer_says(self, text: str) -> None:
        """A line to everybody who is in."""
        try:
            self._chat.write(CUSTOMER, "", text).add_done_callback(self._customers_line_answered)
        except LineRefused as refused:
            self._face.show(notices.ChatRefused(refused.reason))

    def _customers_line_answered(self, answer: "asyncio.Future[int]") -> None:
        refused = None if answer.cancelled() else answer.exception()
        if isinstance(refused, LineRefused):
            self._face.show(notices.ChatRefused(refused.reason))

    def _line_recorded(self, line: Line) -> None:
        self._face.show(notices.ChatSaid(line.number, line.participant, line.name, line.said_at_ms, line.text))
        self.followers.tell_all()

    def handle_time(self, now_ms: int) -> None:
        """Let time do its work, and tell of grants that ended by it, whoever noticed first."""
        for participant in self.participants:
            machine = participant.machine
            ask = machine.ask_pending
            machine.handle_time(now_ms)
            if participant.is_admitted and machine.state == "lapsed":
                self.grant_moved(participant, by="time")
            elif machine.ask_pending is not ask:
                participant.changed()

    @property
    def nobody_is_in(self) -> bool:
        """No grant is in force, and no question stands."""
        states = {participant.machine.state for participant in self._participants.values()}
        return not states & {"granted", "raising", "asking"}

    def end_if_nobody_is_in(self, reason: EndReason) -> None:
        """Such a session has nothing left to be for."""
        if self.nobody_is_in:
            self.end(reason)

    def report_all(self) -> None:
        """Tell a broker that was away what is in force."""
        for participant in self._participants.values():
            if participant.is_admitted:
                self.report_grant(participant)

    def end_all(self) -> None:
        """Take everything back at once; what runs, and what is asked, is told by `changed`."""
        self._chat.session_ended()
        now_ms = self._clock()
        for participant in self._participants.values():
            participant.machine.end(now_ms)
            participant.changed()

    def record_departures(self, live: LiveSession) -> None:
        """At the end of the session: who was in is out."""
        for participant in self._participants.values():
            if participant.is_admitted:
                record_grant(live, participant, by="session-end")
                record_departure(live, participant)
                participant.leave()

    # ── when a grant becomes another one ───────────────────────────────────────────────────────────────────────

    def grant_moved(self, participant: Participant, by: GrantChanger) -> None:
        """A grant became another one: everything that runs is told first, then everybody who watches."""
        participant.changed()
        self._withdraw_wishes_for(participant.participant)
        if not participant.is_admitted:
            return  # still on the way in: nobody was told of a grant yet
        scopes, expires_at_ms = participant.scopes, participant.expires_at_ms
        if self.live is not None:
            record_grant(self.live, participant, by)
        self.report_grant(participant)
        self._face.show(notices.GrantChanged(participant.participant, scopes, expires_at_ms))
        for conversation in self._conversations_of(participant):
            conversation.tell(GrantMoved(scopes=tuple(sorted(scopes)), expires_at_ms=expires_at_ms))
        if not scopes:
            if self.live is not None:
                record_departure(self.live, participant)
            participant.leave()
            self._face.show(notices.ParticipantLeft(participant.participant, participant.name))
            self.end_if_nobody_is_in("expired" if by == "time" else "customer-ended")
        self.on_deadline_moved()

    def send_out_leaver(self, live: LiveSession, wish: Wish) -> None:
        """Whose place was given away has nothing any more, and reads who has it. Recorded before both grants move."""
        taker, leaver = wish.participant, wish.leaver
        if leaver is None:
            return
        record_take_over(live, taker, leaver)
        leaver.machine.revoke(self._clock())
        self.grant_moved(leaver, by="customer")
        for conversation in self._conversations_of(leaver):
            conversation.tell(TakenOver(name=taker.name, staff_number=taker.certificate.staff_number))
        self._report(
            TakeOverReported(
                staff_number=taker.certificate.staff_number, from_staff_number=leaver.certificate.staff_number
            )
        )

    def report_grant(self, participant: Participant) -> None:
        self._report(
            GrantReported(
                staff_number=participant.certificate.staff_number,
                scopes=tuple(sorted(participant.scopes)),
                expires_at_ms=participant.expires_at_ms,
            )
        )

    def _withdraw_wishes_for(self, place: int) -> None:
        """What stands on the screen about this participant's grant is no longer so: whoever wants it may ask again."""
        for participant in self.participants:
            ask = participant.machine.ask_pending
            if ask is not None and ask.place is not None and ask.place.participant == place:
                participant.machine.moot(self._clock())
                participant.changed()

    def _conversations_of(self, participant: Participant) -> list[Conversation]:
        return [
            conversation for conversation in self._conversations if self.find(conversation.pairing_id) is participant
        ]
