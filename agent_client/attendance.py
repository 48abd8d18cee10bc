"""Who is in the session, who is asking, and what each may do: every grant passes through here, in and out.

One way in: the request is the engineer's own (certificate, signature, pairing), the customer said yes, and the
recording is open and durable. Every way out tells what runs first, and people second.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from agent_client.chat import Chat, Line, LineRefused
from agent_client.consent import Wish, ask_customer, standing_wish
from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.faces.face import ConsentAnswer, Face
from agent_client.followers import Followers
from agent_client.freezer import Freezer
from agent_client.gateway import GatewayPasses
from agent_client.grant_records import (
    record_answer,
    record_arrival,
    record_attestation,
    record_departure,
    record_grant,
    record_question,
    record_ssh_key,
    record_take_over,
)
from agent_client.host import unix_ms
from agent_client.house_rules import HouseRules, RootMustBeAsked, RootNotToBeHad
from agent_client.invitations import CodeNotToBeHad, Paired
from agent_client.live import LiveSession, SessionIdentity
from agent_client.participant import Participant
from agent_client.take_over import NobodyToTakeOver, SeveralToTakeOver, find_leaver, place_of
from protocol.access_requests import verify_access_request
from protocol.attestation import verify_attestation
from protocol.certificates import EngineerCertificate
from protocol.errors import ConsentryError, IntegrityError
from protocol.events import CUSTOMER, GrantChanger
from protocol.grants import Grant, GrantMachine, Scope, ScopeNotAllowed
from protocol.messages import (
    AdmitSshKey,
    AgentToEngineer,
    Attested,
    AttestOutput,
    ColleagueInvited,
    DenialReason,
    Denied,
    EndReason,
    FollowSession,
    GrantMoved,
    GrantReported,
    RequestAccess,
    RequestMore,
    RequestPlace,
    Say,
    SayRefused,
    SayTaken,
    SshKeyAdmitted,
    TakenOver,
    TakeOver,
    TakeOverReported,
)
from wording import Wording

log = structlog.get_logger()

PARTICIPANTS_LIMIT = 8
"""Engineers in one session over its whole life. Each was let in by a code and a consent of their own."""


_REASONS: dict[type[ConsentryError], DenialReason] = {
    ScopeNotAllowed: "scope",
    IntegrityError: "certificate",
    RootMustBeAsked: "root-needed",
    RootNotToBeHad: "root-absent",
    NobodyToTakeOver: "nobody",
    SeveralToTakeOver: "several",
}
"""What the engineer is told of an error; anything else is `policy`."""


async def nobody_invited() -> notices.CodeShown:
    raise CodeNotToBeHad


class Attendance:
    """Fulfils `ConversationPartner`. `open_live` makes the session real at the first yes; `end` ends it."""

    def __init__(
        self,
        identity: SessionIdentity,
        *,
        folders: tuple[Path, ...],
        face: Face,
        wording: Wording,
        freezer: Freezer,
        chat: Chat,
        open_live: Callable[[Participant], Awaitable[LiveSession]],
        report: Callable[[GrantReported | TakeOverReported], None],
        end: Callable[[EndReason], None],
        clock: Callable[[], int] = unix_ms,
    ) -> None:
        self._identity = identity
        self._rules = HouseRules(identity.profile, identity.host)
        self._folders = folders
        self._face = face
        self._wording = wording
        self._freezer = freezer
        self._chat = chat
        chat.on_line = self._line_recorded
        self._open_live = open_live
        self._report = report
        self._end = end
        self._clock = clock
        self._paired: dict[bytes, Paired] = {}
        self._participants: dict[bytes, Participant] = {}
        self._conversations: dict[Conversation, None] = {}  # in the order in which they began
        self._hung_up = asyncio.Event()
        self._admitting = asyncio.Lock()
        self.followers = Followers(chat, self.admitted)
        self.gateway_passes = GatewayPasses()
        self.live: LiveSession | None = None
        self.on_deadline_moved: Callable[[], None] = lambda: None
        self.invite: Callable[[], Awaitable[notices.CodeShown]] = nobody_invited
        """The session's open code, or a new one."""

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

    def deadlines_ms(self) -> list[int | None]:
        return [participant.machine.deadline_ms for participant in self._participants.values()]

    def somebody_paired(self, paired: Paired) -> None:
        if len(self._paired) >= PARTICIPANTS_LIMIT:
            log.warning("session.too_many_participants", limit=PARTICIPANTS_LIMIT)
            return
        self._paired[paired.keys.pairing_id] = paired
        self._face.show(notices.EngineerAsking(participant=len(self._paired)))

    # ── what engineers' programs say (ConversationPartner) ──────────────────────────────────────────────────────

    async def converse(self, conversation: Conversation) -> None:
        self._conversations[conversation] = None
        try:
            await conversation.run()
        finally:
            self._conversations.pop(conversation, None)
            self.followers.forget(conversation)
            self._hung_up.set()

    async def access_requested(self, paired: Paired, request: RequestAccess) -> AgentToEngineer | None:
        """The first request of a pairing, or another try after a refusal or an end."""
        self.handle_time(self._clock())
        leaver: Participant | None = None
        try:
            participant = self._meet(paired, request)
            if isinstance(request, RequestPlace):
                leaver = find_leaver(self.participants, participant, request.takes_over)
            place = self._place(participant, leaver, request.scopes) if leaver else None
            participant.ask(request, place)
        except ConsentryError as error:
            return self._turn_away(error)
        self._participants[paired.keys.pairing_id] = participant
        wish = standing_wish(participant, request.reason, leaver)
        answer = await self._ask(wish)
        if participant.machine.grant is None:
            return self._denied(wish, answer)
        return await self._let_in(wish, answer)

    async def more_requested(self, paired: Paired, request: RequestMore) -> AgentToEngineer | None:
        """One scope more, or more time: the same question again. What is allowed stays as it is while it stands."""
        self.handle_time(self._clock())
        participant = self.admitted(paired.keys.pairing_id)
        if participant is None or self.live is None:
            return Denied(reason="policy")
        try:
            self._rules.check_scopes(request.scopes, participant.scopes)
            participant.machine.ask_more(request.scopes, request.minutes, self._clock())
        except ConsentryError as error:
            return self._turn_away(error)
        return await self._ask_again(self.live, standing_wish(participant, request.reason))

    async def take_over_requested(self, paired: Paired, request: TakeOver) -> AgentToEngineer | None:
        """The grant of somebody else who is in, for one of one's own: the other leaves when the customer says yes."""
        self.handle_time(self._clock())
        participant = self.admitted(paired.keys.pairing_id)
        if participant is None or self.live is None:
            return Denied(reason="policy")
        try:
            leaver = find_leaver(self.participants, participant, request.staff_number)
            participant.machine.ask_place(self._place(participant, leaver), self._clock())
        except ConsentryError as error:
            return self._turn_away(error)
        return await self._ask_again(self.live, standing_wish(participant, request.reason, leaver))

    async def _ask_again(self, live: LiveSession, wish: Wish) -> AgentToEngineer | None:
        """A question by somebody who is in. From the yes on, nothing else happens until it is done."""
        record_question(live, wish)
        answer = await self._ask(wish)
        if answer is None or not answer.allowed:
            return self._denied(wish, answer)
        record_answer(live, wish, answer)
        self._send_out_leaver(live, wish)
        self._grant_moved(wish.participant, by="customer")
        self._tell_of_take_over(wish)
        return self._granted(wish.participant)

    async def ssh_key_offered(self, paired: Paired, offer: AdmitSshKey) -> AgentToEngineer:
        """One more SSH key of somebody who is in, with the scope for it."""
        participant = self.admitted(paired.keys.pairing_id)
        if participant is None or self.live is None or offer.gateway_id in self._paired:
            return Denied(reason="policy")
        try:
            self.gateway_passes.admit(participant, offer)
        except ConsentryError as error:
            log.warning("gateway.key_refused", participant=participant.participant, problem=str(error))
            return Denied(reason="policy")
        record_ssh_key(self.live, participant, offer.ssh_user_key)
        return SshKeyAdmitted(gateway_id=offer.gateway_id)

    async def colleague_invited(self, paired: Paired) -> AgentToEngineer:
        """A code for somebody else, for an engineer who is in: it lets them ask, and the customer sees who made it."""
        participant = self.admitted(paired.keys.pairing_id)
        if participant is None or self.live is None or len(self._paired) >= PARTICIPANTS_LIMIT:
            return Denied(reason="policy")
        try:
            shown = await self.invite()
        except ConsentryError as error:
            log.info("invitation.none", problem=str(error))
            return Denied(reason="policy")
        self._face.show(notices.ColleagueInvited(participant.participant, participant.name))
        return ColleagueInvited(code=shown.code, expires_at_ms=shown.expires_at_ms)

    async def output_attested(self, paired: Paired, attestation: AttestOutput) -> AgentToEngineer:
        """The engineer's signed word about what they saw goes into the recording, right or wrong."""
        participant = self._participants.get(paired.keys.pairing_id)
        if participant is None or self.live is None:
            return Attested(matches=False)
        try:
            verify_attestation(participant.certificate.public_key, self._identity.opened.session_id, attestation)
        except ConsentryError as error:
            log.warning("attestation.refused", problem=str(error))
            return Attested(matches=False)
        matches = await self.live.recording.has_sent(
            participant.participant, attestation.stream_id, attestation.output_bytes, attestation.output_sha256
        )
        record_attestation(self.live, participant, attestation, matches=matches)
        return Attested(matches=matches)

    def end_requested(self, paired: Paired) -> None:
        if self.admitted(paired.keys.pairing_id):
            self._end("engineer-ended")

    def follow_requested(self, conversation: Conversation, request: FollowSession) -> None:
        self.followers.follow(conversation, request.after)

    async def line_said(self, paired: Paired, line: Say) -> AgentToEngineer:
        """From somebody who is in, to everybody who is; it is in the recording when the answer comes."""
        participant = self.admitted(paired.keys.pairing_id)
        if participant is None:
            return SayRefused(reason="not-in")
        try:
            return SayTaken(number=await self._chat.write(participant.participant, participant.name, line.text))
        except LineRefused as refused:
            return SayRefused(reason=refused.reason)

    # ── what the customer and time say ──────────────────────────────────────────────────────────────────────────

    def narrow(self, number: int, scopes: frozenset[Scope]) -> None:
        self.handle_time(self._clock())
        for participant in self._participants.values():
            if participant.participant == number and participant.machine.grant is not None:
                participant.machine.narrow(scopes, self._clock())
                self._grant_moved(participant, by="customer")

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

    def handle_time(self, now_ms: int) -> None:
        """Let time do its work, and tell of grants that ended by it, whoever noticed first."""
        for participant in self.participants:
            machine = participant.machine
            ask = machine.ask_pending
            machine.handle_time(now_ms)
            if participant.is_admitted and machine.state == "lapsed":
                self._grant_moved(participant, by="time")
            elif machine.ask_pending is not ask:
                participant.changed()

    def end_if_nobody_is_in(self, reason: EndReason) -> None:
        """A session without a grant in force and without a question has nothing left to be for."""
        states = {participant.machine.state for participant in self._participants.values()}
        if not states & {"granted", "raising", "asking"}:
            self._end(reason)

    def report_all(self) -> None:
        """Tell a broker that was away what is in force."""
        for participant in self._participants.values():
            if participant.is_admitted:
                self._report_grant(participant)

    def end_all(self) -> None:
        """Take everything back at once; what runs, and what is asked, is told by `changed`."""
        self._chat.session_ended()
        now_ms = self._clock()
        for participant in self._participants.values():
            participant.machine.end(now_ms)
            participant.changed()

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

    async def settled(self) -> LiveSession | None:
        """After `end_all`: a recording that was just being opened is open now, or never will be."""
        async with self._admitting:
            return self.live

    def record_departures(self, live: LiveSession) -> None:
        """At the end of the session: who was in is out."""
        for participant in self._participants.values():
            if participant.is_admitted:
                record_grant(live, participant, by="session-end")
                record_departure(live, participant)
                participant.leave()

    # ── letting in and turning away ─────────────────────────────────────────────────────────────────────────────

    def _meet(self, paired: Paired, request: RequestAccess) -> Participant:
        """Who is asking. Raises a ConsentryError where the request is not theirs, or not allowed to anybody here.

        Another try is checked like the first one. It is the same participant: what the customer has said so far is
        remembered, and what they have running hears of every change.
        """
        profile = self._identity.profile
        certificate = verify_access_request(
            request,
            transcript_hash=paired.keys.transcript_hash,
            paired_certificate_hash=paired.certificate_hash,
            ca_public_key=profile.engineer_ca_key,
            organisation=profile.organisation,
            now_ms=self._clock(),
        )
        self._rules.check_client(request.client)
        if not isinstance(request, RequestPlace):  # whose scopes are bounds, and no wishes
            self._rules.check_scopes(request.scopes)
        return self._participants.get(paired.keys.pairing_id) or self._newcomer(paired, certificate, request)

    def _newcomer(self, paired: Paired, certificate: EngineerCertificate, request: RequestAccess) -> Participant:
        number = list(self._paired).index(paired.keys.pairing_id) + 1
        max_minutes = self._identity.profile.max_minutes
        machine = GrantMachine(number, max_scopes=certificate.max_scopes, max_minutes=max_minutes)
        return Participant(number, certificate, request, machine, self._folders, clock=self._clock)

    def _place(self, taker: Participant, leaver: Participant, within: tuple[Scope, ...] = tuple(Scope)) -> Grant:
        """What would be taken over. Raises NobodyToTakeOver, and what `HouseRules.check_scopes` does."""
        place = place_of(leaver, within)
        self._rules.check_scopes(place.scopes & taker.machine.max_scopes)
        return place

    def _turn_away(self, error: ConsentryError) -> Denied:
        log.warning("request.turned_away", problem=str(error))
        if not isinstance(error, NobodyToTakeOver | SeveralToTakeOver):  # nothing that the customer reads
            self._face.show(notices.Failed(sentence=self._wording.say_error(error)))
        self.end_if_nobody_is_in("denied")
        for kind, reason in _REASONS.items():
            if isinstance(error, kind):
                return Denied(reason=reason)
        return Denied(reason="policy")

    async def _ask(self, wish: Wish) -> ConsentAnswer | None:
        self.on_deadline_moved()
        try:
            return await ask_customer(self._face, wish, while_asking=self._freezer.while_asking, clock=self._clock)
        except asyncio.CancelledError:
            # The engineer left, and took the question along.
            if self.live is not None:
                record_answer(self.live, wish, None)
            self.end_if_nobody_is_in("engineer-ended")
            raise

    def _denied(self, wish: Wish, answer: ConsentAnswer | None) -> Denied | None:
        if self.live is not None:
            record_answer(self.live, wish, answer)
        self.handle_time(self._clock())
        machine = wish.participant.machine
        if machine.state == "ended":
            return None  # the session's goodbye says it all
        self.end_if_nobody_is_in("denied")
        if answer is None and machine.denied_by == "moot":
            return Denied(reason="nobody")
        return Denied(reason="customer" if answer else "timeout")

    async def _let_in(self, wish: Wish, answer: ConsentAnswer | None) -> AgentToEngineer | None:
        participant = wish.participant
        try:
            async with self._admitting:
                is_first = self.live is None
                live = self.live or await self._go_live(participant)
        except asyncio.CancelledError:
            # The engineer left while the recording was being opened: nobody is there to be let in.
            participant.machine.revoke(self._clock())
            self.end_if_nobody_is_in("engineer-ended")
            raise
        except ConsentryError as error:
            participant.machine.end(self._clock())
            log.warning("session.not_recorded", problem=str(error))
            self._face.show(notices.Failed(sentence=self._wording.say_error(error)))
            self._end("recorder-failed")
            return None  # the session's goodbye says it all
        if participant.machine.grant is None:
            # Taken back, or over, while the recording was being opened.
            return self._denied(wish, answer)
        record_arrival(live, participant)
        record_answer(live, wish, answer)
        self._send_out_leaver(live, wish)
        participant.admit()
        self._report_grant(participant)
        self.followers.tell_all()
        present = participant.present()
        self._face.show(notices.SessionLive((present,)) if is_first else notices.ParticipantJoined(present))
        self._tell_of_take_over(wish)
        self.on_deadline_moved()
        return self._granted(participant)

    def _send_out_leaver(self, live: LiveSession, wish: Wish) -> None:
        """Whose place was given away has nothing any more, and reads who has it. Recorded before both grants move."""
        taker, leaver = wish.participant, wish.leaver
        if leaver is None:
            return
        record_take_over(live, taker, leaver)
        leaver.machine.revoke(self._clock())
        self._grant_moved(leaver, by="customer")
        for conversation in self._conversations_of(leaver):
            conversation.tell(TakenOver(name=taker.name, staff_number=taker.certificate.staff_number))
        self._report(
            TakeOverReported(
                staff_number=taker.certificate.staff_number, from_staff_number=leaver.certificate.staff_number
            )
        )

    def _tell_of_take_over(self, wish: Wish) -> None:
        taker, leaver = wish.participant, wish.leaver
        if leaver is not None:
            self._face.show(notices.TakenOver(taker.participant, taker.name, leaver.participant, leaver.name))

    def _withdraw_wishes_for(self, place: int) -> None:
        """What stands on the screen about this participant's grant is no longer so: whoever wants it may ask again."""
        for participant in self.participants:
            ask = participant.machine.ask_pending
            if ask is not None and ask.place is not None and ask.place.participant == place:
                participant.machine.moot(self._clock())
                participant.changed()

    async def _go_live(self, first: Participant) -> LiveSession:
        self.live = await self._open_live(first)
        self._freezer.session_opened(self.live)
        self._chat.session_opened(self.live)
        return self.live

    def _line_recorded(self, line: Line) -> None:
        self._face.show(notices.ChatSaid(line.number, line.participant, line.name, line.said_at_ms, line.text))
        self.followers.tell_all()

    def _grant_moved(self, participant: Participant, by: GrantChanger) -> None:
        """A grant became another one: everything that runs is told first, then everybody who watches."""
        participant.changed()
        self._withdraw_wishes_for(participant.participant)
        if not participant.is_admitted:
            return  # still on the way in: nobody was told of a grant yet
        scopes, expires_at_ms = participant.scopes, participant.expires_at_ms
        if self.live is not None:
            record_grant(self.live, participant, by)
        self._report_grant(participant)
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

    def _conversations_of(self, participant: Participant) -> list[Conversation]:
        return [
            conversation
            for conversation in self._conversations
            if self._participants.get(conversation.pairing_id) is participant
        ]

    def _report_grant(self, participant: Participant) -> None:
        self._report(
            GrantReported(
                staff_number=participant.certificate.staff_number,
                scopes=tuple(sorted(participant.scopes)),
                expires_at_ms=participant.expires_at_ms,
            )
        )

    def _granted(self, participant: Participant) -> AgentToEngineer:
        host = self._identity.host
        return participant.granted(user_name=host.user_name, host_label=host.label, language=self._wording.language)
