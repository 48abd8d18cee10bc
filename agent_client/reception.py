"""What engineers' programs ask of the session, and how a request becomes a grant.

One way in: the request is the engineer's own (certificate, signature, pairing), the customer said yes, and the
recording is open and durable. What is granted then, and every way out, is told by `attendance.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from agent_client.attendance import Attendance
from agent_client.chat import Chat, LineRefused
from agent_client.consent import Wish, ask_customer, standing_wish
from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.faces.face import ConsentAnswer, Face
from agent_client.freezer import Freezer
from agent_client.grant_records import (
    record_answer,
    record_arrival,
    record_attestation,
    record_question,
    record_ssh_key,
)
from agent_client.host import unix_ms
from agent_client.house_rules import HouseRules, NothingOffered, RootMustBeAsked, RootNotToBeHad
from agent_client.invitations import Paired
from agent_client.live import LiveSession, SessionIdentity
from agent_client.participant import Participant
from agent_client.take_over import NobodyToTakeOver, SeveralToTakeOver, find_leaver, place_of
from protocol.access_requests import verify_access_request
from protocol.attestation import verify_attestation
from protocol.certificates import EngineerCa, EngineerCertificate
from protocol.errors import ConsentryError, IntegrityError, RefusedError
from protocol.grants import AskedTooOften, Grant, GrantMachine, Scope, ScopeNotAllowed
from protocol.messages.control import (
    AdmitSshKey,
    AgentToEngineer,
    Attested,
    AttestOutput,
    ColleagueInvited,
    DenialReason,
    Denied,
    FollowSession,
    RequestAccess,
    RequestMore,
    RequestPlace,
    Say,
    SayRefused,
    SayTaken,
    SshKeyAdmitted,
    TakeOver,
)
from wording import Wording

log = structlog.get_logger(__name__)

_REASONS: dict[type[ConsentryError], DenialReason] = {
    ScopeNotAllowed: "scope",
    IntegrityError: "certificate",
    RootMustBeAsked: "root-needed",
    RootNotToBeHad: "root-absent",
    NothingOffered: "customer",
    NobodyToTakeOver: "nobody",
    SeveralToTakeOver: "several",
}
"""What the engineer is told of an error; anything else is `policy`."""


class Codes(Protocol):
    """The session's codes, as `agent_client/invitations.py` makes them."""

    async def invite(self) -> notices.CodeShown:
        """The open one, or a new one."""
        ...

    def offer(self) -> None:
        """Puts a new one on the customer's screen."""
        ...

    def withdraw(self) -> None:
        """Takes the open one away."""
        ...


class Reception:
    """Fulfils `ConversationPartner`. `open_live` makes the session real at the first yes; `offered` is what can be
    asked for."""

    def __init__(
        self,
        identity: SessionIdentity,
        attendance: Attendance,
        *,
        folders: tuple[Path, ...],
        face: Face,
        wording: Wording,
        freezer: Freezer,
        chat: Chat,
        open_live: Callable[[Participant], Awaitable[LiveSession]],
        codes: Codes,
        offered: frozenset[Scope] = frozenset(Scope),
        clock: Callable[[], int] = unix_ms,
    ) -> None:
        self._identity = identity
        self._attendance = attendance
        self._rules = HouseRules(identity.profile, identity.host, offered)
        self._folders = folders
        self._face = face
        self._wording = wording
        self._freezer = freezer
        self._chat = chat
        self._open_live = open_live
        self._clock = clock
        self._codes = codes
        self._admitting = asyncio.Lock()

    # ── access (ConversationPartner) ──────────────────────────────────────────────────────────────────────────────

    async def access_requested(self, paired: Paired, request: RequestAccess) -> AgentToEngineer | None:
        """The first request of a pairing, or another try after a refusal or an end."""
        cas = await self._identity.authorities.now()
        self._attendance.handle_time(self._clock())
        leaver: Participant | None = None
        try:
            participant = self._meet(paired, request, cas)
            if isinstance(request, RequestPlace):
                leaver = find_leaver(self._attendance.participants, participant, request.takes_over)
            place = self._place(participant, leaver, request.scopes) if leaver else None
            participant.ask(request, place, scopes=None if place else self._rules.cut(request.scopes))
        except ConsentryError as error:
            return self._turn_away(error)
        self._attendance.take_up(paired, participant)
        if self._attendance.live is None:
            self._codes.withdraw()  # it was for this one, who came back without
        wish = standing_wish(participant, request.reason, leaver)
        answer = await self._ask(wish)
        if participant.machine.grant is None:
            return self._denied(wish, answer)
        return await self._let_in(wish, answer)

    async def more_requested(self, paired: Paired, request: RequestMore) -> AgentToEngineer | None:
        """One scope more, or more time: the same question again. What is allowed stays as it is while it stands."""
        self._attendance.handle_time(self._clock())
        participant = self._attendance.admitted(paired.keys.pairing_id)
        if participant is None or self._attendance.live is None:
            return Denied(reason="policy")
        try:
            self._rules.check_scopes(request.scopes, participant.scopes)
            participant.machine.ask_more(self._rules.cut(request.scopes), request.minutes, self._clock())
        except ConsentryError as error:
            return self._turn_away(error)
        return await self._ask_again(self._attendance.live, standing_wish(participant, request.reason))

    async def take_over_requested(self, paired: Paired, request: TakeOver) -> AgentToEngineer | None:
        """The grant of somebody else who is in, for one of one's own: the other leaves when the customer says yes."""
        self._attendance.handle_time(self._clock())
        participant = self._attendance.admitted(paired.keys.pairing_id)
        if participant is None or self._attendance.live is None:
            return Denied(reason="policy")
        try:
            leaver = find_leaver(self._attendance.participants, participant, request.staff_number)
            participant.machine.ask_place(self._place(participant, leaver), self._clock())
        except ConsentryError as error:
            return self._turn_away(error)
        return await self._ask_again(self._attendance.live, standing_wish(participant, request.reason, leaver))

    async def _ask_again(self, live: LiveSession, wish: Wish) -> AgentToEngineer | None:
        """A question by somebody who is in. From the yes on, nothing else happens until it is done."""
        record_question(live, wish)
        answer = await self._ask(wish)
        if answer is None or not answer.allowed:
            return self._denied(wish, answer)
        record_answer(live, wish, answer)
        self._attendance.send_out_leaver(live, wish)
        self._attendance.grant_moved(wish.participant, by="customer")
        self._tell_of_take_over(wish)
        return self._granted(wish.participant)

    # ── what else they say (ConversationPartner) ──────────────────────────────────────────────────────────────────

    async def ssh_key_offered(self, paired: Paired, offer: AdmitSshKey) -> AgentToEngineer:
        """One more SSH key of somebody who is in, with the scope for it."""
        participant = self._attendance.admitted(paired.keys.pairing_id)
        if participant is None or self._attendance.live is None or self._attendance.paired(offer.gateway_id):
            return Denied(reason="policy")
        try:
            self._attendance.gateway_passes.admit(participant, offer)
        except ConsentryError as error:
            log.warning("gateway_key_refused", participant=participant.participant, problem=str(error))
            return Denied(reason="policy")
        record_ssh_key(self._attendance.live, participant, offer.ssh_user_key)
        return SshKeyAdmitted(gateway_id=offer.gateway_id)

    async def colleague_invited(self, paired: Paired) -> AgentToEngineer:
        """A code for somebody else, for an engineer who is in: it lets them ask, and the customer sees who made it."""
        participant = self._attendance.admitted(paired.keys.pairing_id)
        if participant is None or self._attendance.live is None or self._attendance.is_full:
            return Denied(reason="policy")
        try:
            shown = await self._codes.invite()
        except ConsentryError as error:
            log.info("invitation_none", problem=str(error))
            return Denied(reason="policy")
        self._face.show(notices.ColleagueInvited(participant.participant, participant.name))
        return ColleagueInvited(code=shown.code, expires_at_ms=shown.expires_at_ms)

    async def output_attested(self, paired: Paired, attestation: AttestOutput) -> AgentToEngineer:
        """The engineer's signed word about what they saw goes into the recording, right or wrong."""
        participant = self._attendance.find(paired.keys.pairing_id)
        if participant is None or self._attendance.live is None:
            return Attested(matches=False)
        try:
            verify_attestation(participant.certificate.public_key, self._identity.opened.session_id, attestation)
        except ConsentryError as error:
            log.warning("attestation_refused", problem=str(error))
            return Attested(matches=False)
        matches = await self._attendance.live.recording.has_sent(
            participant.participant, attestation.stream_id, attestation.output_bytes, attestation.output_sha256
        )
        record_attestation(self._attendance.live, participant, attestation, matches=matches)
        return Attested(matches=matches)

    def end_requested(self, paired: Paired) -> None:
        if self._attendance.admitted(paired.keys.pairing_id):
            self._attendance.end("engineer-ended")

    def follow_requested(self, conversation: Conversation, request: FollowSession) -> None:
        self._attendance.followers.follow(conversation, request.after)

    async def line_said(self, paired: Paired, line: Say) -> AgentToEngineer:
        """From somebody who is in, to everybody who is; it is in the recording when the answer comes."""
        participant = self._attendance.admitted(paired.keys.pairing_id)
        if participant is None:
            return SayRefused(reason="not-in")
        try:
            return SayTaken(number=await self._chat.write(participant.participant, participant.name, line.text))
        except LineRefused as refused:
            return SayRefused(reason=refused.reason)

    async def settled(self) -> LiveSession | None:
        """After `end_all`: a recording that was just being opened is open now, or never will be."""
        async with self._admitting:
            return self._attendance.live

    # ── letting in and turning away ───────────────────────────────────────────────────────────────────────────────

    def _meet(self, paired: Paired, request: RequestAccess, cas: Sequence[EngineerCa]) -> Participant:
        """Who is asking. Raises a ConsentryError where the request is not theirs, or not allowed to anybody here.

        Another try is checked like the first one. It is the same participant: what the customer has said so far is
        remembered, and what they have running hears of every change.
        """
        profile = self._identity.profile
        certificate = verify_access_request(
            request,
            transcript_hash=paired.keys.transcript_hash,
            paired_certificate_hash=paired.certificate_hash,
            cas=cas,
            organisation=profile.organisation,
            now_ms=self._clock(),
        )
        self._rules.check_client(request.client)
        if not isinstance(request, RequestPlace):  # whose scopes are bounds, and no wishes
            self._rules.check_scopes(request.scopes)
        return self._attendance.find(paired.keys.pairing_id) or self._newcomer(paired, certificate, request)

    def _newcomer(self, paired: Paired, certificate: EngineerCertificate, request: RequestAccess) -> Participant:
        number = self._attendance.number_of(paired)
        max_minutes = self._identity.profile.max_minutes
        machine = GrantMachine(number, max_scopes=certificate.max_scopes, max_minutes=max_minutes)
        return Participant(number, certificate, request, machine, self._folders, clock=self._clock)

    def _place(self, taker: Participant, leaver: Participant, within: tuple[Scope, ...] = tuple(Scope)) -> Grant:
        """What would be taken over. Raises NobodyToTakeOver, and what `HouseRules.check_scopes` does."""
        place = place_of(leaver, within)
        self._rules.check_scopes(place.scopes & taker.machine.max_scopes)
        return place

    def _turn_away(self, error: ConsentryError) -> Denied:
        log.warning("request_turned_away", problem=str(error))
        if not isinstance(error, NobodyToTakeOver | SeveralToTakeOver):  # nothing that the customer reads
            self._face.show(notices.Failed(sentence=self._wording.say_error(error)))
        if not isinstance(error, RefusedError) or isinstance(error, AskedTooOften):
            self._attendance.end_if_nobody_is_in("denied")
        elif self._attendance.nobody_is_in:
            self._codes.offer()  # they asked for the wrong thing: another code, and they can ask for the right one
        for kind, reason in _REASONS.items():
            if isinstance(error, kind):
                return Denied(reason=reason)
        return Denied(reason="policy")

    async def _ask(self, wish: Wish) -> ConsentAnswer | None:
        self._attendance.on_deadline_moved()
        try:
            return await ask_customer(self._face, wish, while_asking=self._freezer.while_asking, clock=self._clock)
        except asyncio.CancelledError:
            # The engineer left, and took the question along.
            if self._attendance.live is not None:
                record_answer(self._attendance.live, wish, None)
            self._attendance.end_if_nobody_is_in("engineer-ended")
            raise

    def _denied(self, wish: Wish, answer: ConsentAnswer | None) -> Denied | None:
        if self._attendance.live is not None:
            record_answer(self._attendance.live, wish, answer)
        self._attendance.handle_time(self._clock())
        machine = wish.participant.machine
        if machine.state == "ended":
            return None  # the session's goodbye says it all
        self._attendance.end_if_nobody_is_in("denied")
        if answer is None and machine.denied_by == "moot":
            return Denied(reason="nobody")
        return Denied(reason="customer" if answer else "timeout")

    async def _let_in(self, wish: Wish, answer: ConsentAnswer | None) -> AgentToEngineer | None:
        participant = wish.participant
        try:
            async with self._admitting:
                is_first = self._attendance.live is None
                live = self._attendance.live or await self._go_live(participant)
        except asyncio.CancelledError:
            # The engineer left while the recording was being opened: nobody is there to be let in.
            participant.machine.revoke(self._clock())
            self._attendance.end_if_nobody_is_in("engineer-ended")
            raise
        except ConsentryError as error:
            participant.machine.end(self._clock())
            log.warning("session_not_recorded", problem=str(error))
            self._face.show(notices.Failed(sentence=self._wording.say_error(error)))
            self._attendance.end("recorder-failed")
            return None  # the session's goodbye says it all
        if participant.machine.grant is None:
            # Taken back, or over, while the recording was being opened.
            return self._denied(wish, answer)
        record_arrival(live, participant)
        record_answer(live, wish, answer)
        self._attendance.send_out_leaver(live, wish)
        participant.admit()
        self._attendance.report_grant(participant)
        self._attendance.followers.tell_all()
        present = participant.present()
        self._face.show(notices.SessionLive((present,)) if is_first else notices.ParticipantJoined(present))
        self._tell_of_take_over(wish)
        self._attendance.on_deadline_moved()
        return self._granted(participant)

    def _tell_of_take_over(self, wish: Wish) -> None:
        taker, leaver = wish.participant, wish.leaver
        if leaver is not None:
            self._face.show(notices.TakenOver(taker.participant, taker.name, leaver.participant, leaver.name))

    async def _go_live(self, first: Participant) -> LiveSession:
        self._attendance.live = await self._open_live(first)
        self._freezer.session_opened(self._attendance.live)
        self._chat.session_opened(self._attendance.live)
        return self._attendance.live

    def _granted(self, participant: Participant) -> AgentToEngineer:
        host = self._identity.host
        return participant.granted(user_name=host.user_name, host_label=host.label, language=self._wording.language)
