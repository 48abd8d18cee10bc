"""Who is in the session, who is asking, and what each may do: every grant passes through here, in and out.

One way in: the request is the engineer's own (certificate, signature, pairing), the customer said yes, and the
recording is open and durable. Every way out tells what runs first, and people second.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from agent_client.consent import ask_customer
from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.faces.face import ConsentAnswer, Face
from agent_client.freezer import Freezer
from agent_client.host import unix_ms
from agent_client.invitations import Paired
from agent_client.live import LiveSession, SessionIdentity
from agent_client.participant import Participant
from protocol import events
from protocol.access_requests import verify_access_request
from protocol.attestation import verify_attestation
from protocol.errors import ConsentryError, RefusedError
from protocol.grants import GrantMachine, Scope
from protocol.messages import (
    AgentToEngineer,
    Attested,
    AttestOutput,
    Denied,
    EndReason,
    GrantMoved,
    GrantReported,
    RequestAccess,
    RequestMore,
)
from wording import Wording

log = structlog.get_logger()

PARTICIPANTS_LIMIT = 8
"""Engineers in one session over its whole life. Each was let in by a code and a consent of their own."""

CHANNEL_CLOSE_WITHIN_SECONDS = 1.0
"""An attestation may overtake the end of its own channel by this much."""


class RootMustBeAsked(RefusedError):
    """The agent runs as root, so whatever is granted is granted as root."""

    sentence = "This agent runs as the system's administrator: ask for root too, or have it started as a user."


class RootNotToBeHad(RefusedError):
    """Nobody can give what they do not have."""

    sentence = "This agent does not run as the system's administrator, so root cannot be granted."


class BrowserNotAllowed(RefusedError):
    """The organisation's profile forbids it."""

    sentence = "The organisation does not allow engineers to come in with a browser."


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
        open_live: Callable[[Participant], Awaitable[LiveSession]],
        report: Callable[[GrantReported], None],
        end: Callable[[EndReason], None],
    ) -> None:
        self._identity = identity
        self._folders = folders
        self._face = face
        self._wording = wording
        self._freezer = freezer
        self._open_live = open_live
        self._report = report
        self._end = end
        self._paired: dict[bytes, Paired] = {}
        self._participants: dict[bytes, Participant] = {}
        self._conversations: set[Conversation] = set()
        self._hung_up = asyncio.Event()
        self._admitting = asyncio.Lock()
        self.live: LiveSession | None = None
        self.on_deadline_moved: Callable[[], None] = lambda: None

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
        self._conversations.add(conversation)
        try:
            await conversation.run()
        finally:
            self._conversations.discard(conversation)
            self._hung_up.set()

    async def access_requested(self, paired: Paired, request: RequestAccess) -> AgentToEngineer:
        """The first request of a pairing, or another try after a refusal."""
        try:
            participant = self._meet(paired, request)
            participant.machine.ask(request.scopes, request.minutes, unix_ms())
        except ConsentryError as error:
            return self._turn_away(error)
        answer = await self._ask(participant, request.reason)
        if participant.machine.grant is None:
            self._record_answer(participant, request, answer)
            self.end_if_nobody_is_in("denied")
            return Denied(reason="customer" if answer else "timeout")
        return await self._let_in(participant, answer)

    async def more_requested(self, paired: Paired, request: RequestMore) -> AgentToEngineer:
        """One scope more, or more time: the same question again. What is allowed stays as it is while it stands."""
        participant = self.admitted(paired.keys.pairing_id)
        if participant is None:
            return Denied(reason="policy")
        try:
            self._check_root(frozenset(request.scopes) | participant.scopes)
            participant.machine.ask_more(request.scopes, request.minutes, unix_ms())
        except ConsentryError as error:
            return self._turn_away(error)
        answer = await self._ask(participant, request.reason)
        self._record_answer(participant, request, answer)
        if answer is None or not answer.allowed:
            return Denied(reason="customer" if answer else "timeout")
        self._grant_moved(participant, by="customer")
        return self._granted(participant)

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
        matches = await _matches_what_was_sent(self.live, participant, attestation)
        self.live.recording.record(
            events.OutputAttested(
                t_ms=self.live.recording.elapsed_ms(),
                participant=participant.participant,
                stream_id=attestation.stream_id,
                output_bytes=attestation.output_bytes,
                output_sha256=attestation.output_sha256,
                signature=attestation.signature,
                matches=matches,
            )
        )
        return Attested(matches=matches)

    def end_requested(self, paired: Paired) -> None:
        if self.admitted(paired.keys.pairing_id):
            self._end("engineer-ended")

    # ── what the customer and time say ──────────────────────────────────────────────────────────────────────────

    def narrow(self, number: int, scopes: frozenset[Scope]) -> None:
        for participant in self._participants.values():
            if participant.participant == number and participant.machine.grant is not None:
                participant.machine.narrow(scopes, unix_ms())
                self._grant_moved(participant, by="customer")

    def handle_time(self, now_ms: int) -> None:
        for participant in self.participants:
            had_grant = participant.machine.grant is not None
            participant.machine.handle_time(now_ms)
            if had_grant and participant.machine.grant is None:
                self._grant_moved(participant, by="time")

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
        """Take everything back at once; what runs is told by `changed`."""
        now_ms = unix_ms()
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

    # ── letting in and turning away ─────────────────────────────────────────────────────────────────────────────

    def _meet(self, paired: Paired, request: RequestAccess) -> Participant:
        """Who is asking. Raises a ConsentryError where the request is not theirs, or not allowed to anybody here.

        Another try is checked like the first one; only what the customer has said so far is remembered.
        """
        profile = self._identity.profile
        certificate = verify_access_request(
            request,
            transcript_hash=paired.keys.transcript_hash,
            paired_certificate_hash=paired.certificate_hash,
            ca_public_key=profile.engineer_ca_key,
            organisation=profile.organisation,
            now_ms=unix_ms(),
        )
        if request.client == "browser" and not profile.browser_allowed:
            raise BrowserNotAllowed
        self._check_root(frozenset(request.scopes))
        number = list(self._paired).index(paired.keys.pairing_id) + 1
        earlier = self._participants.get(paired.keys.pairing_id)
        if earlier is not None:
            machine = earlier.machine
        else:
            machine = GrantMachine(number, max_scopes=certificate.max_scopes, max_minutes=profile.max_minutes)
        participant = Participant(number, certificate, request, machine, self._folders)
        if machine.state in {"idle", "denied", "lapsed"}:
            self._participants[paired.keys.pairing_id] = participant
        return participant

    def _check_root(self, scopes: frozenset[Scope]) -> None:
        if self._identity.host.is_root and scopes - {Scope.VIEW} and Scope.ROOT not in scopes:
            raise RootMustBeAsked
        if Scope.ROOT in scopes and not self._identity.host.is_root:
            raise RootNotToBeHad

    def _turn_away(self, error: ConsentryError) -> Denied:
        log.warning("request.turned_away", problem=str(error))
        self._face.show(notices.Failed(sentence=self._wording.say_error(error)))
        self.end_if_nobody_is_in("denied")
        return Denied(reason="policy" if isinstance(error, RefusedError) else "certificate")

    async def _ask(self, participant: Participant, reason: str) -> ConsentAnswer | None:
        self.on_deadline_moved()
        return await ask_customer(
            self._face,
            participant,
            reason=reason,
            ticket=participant.request.ticket,
            while_asking=self._freezer.while_asking,
        )

    async def _let_in(self, participant: Participant, answer: ConsentAnswer | None) -> AgentToEngineer:
        async with self._admitting:
            is_first = self.live is None
            if self.live is None:
                try:
                    self.live = await self._open_live(participant)
                except ConsentryError as error:
                    participant.machine.end(unix_ms())
                    log.warning("session.not_recorded", problem=str(error))
                    self._face.show(notices.Failed(sentence=self._wording.say_error(error)))
                    self._end("recorder-failed")
                    return Denied(reason="policy")
                self._freezer.session_opened(self.live)
        self._record_arrival(self.live, participant)
        self._record_answer(participant, participant.request, answer)
        participant.admit()
        self._report_grant(participant)
        present = participant.present()
        self._face.show(notices.SessionLive((present,)) if is_first else notices.ParticipantJoined(present))
        self.on_deadline_moved()
        return self._granted(participant)

    def _grant_moved(self, participant: Participant, by: events.GrantChanger) -> None:
        """A grant became another one: everything that runs is told first, then everybody who watches."""
        participant.changed()
        scopes, expires_at_ms = participant.scopes, participant.expires_at_ms
        if self.live is not None:
            self.live.recording.record(
                events.GrantChanged(
                    t_ms=self.live.recording.elapsed_ms(),
                    participant=participant.participant,
                    scopes=tuple(sorted(scopes)),
                    expires_at_ms=expires_at_ms,
                    by=by,
                )
            )
        self._report_grant(participant)
        self._face.show(notices.GrantChanged(participant.participant, scopes, expires_at_ms))
        for conversation in tuple(self._conversations):
            if self._participants.get(conversation.pairing_id) is participant:
                conversation.tell(GrantMoved(scopes=tuple(sorted(scopes)), expires_at_ms=expires_at_ms))
        if not scopes:
            self._face.show(notices.ParticipantLeft(participant.participant, participant.name))
            self.end_if_nobody_is_in("expired" if by == "time" else "customer-ended")
        self.on_deadline_moved()

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

    # ── into the recording ──────────────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def _record_arrival(live: LiveSession, participant: Participant) -> None:
        live.recording.record(
            events.ParticipantJoined(
                t_ms=live.recording.elapsed_ms(),
                participant=participant.participant,
                name=participant.name,
                staff_number=participant.certificate.staff_number,
                certificate=participant.certificate.der,
                client=participant.request.client,
            )
        )

    def _record_answer(
        self, participant: Participant, request: RequestAccess | RequestMore, answer: ConsentAnswer | None
    ) -> None:
        if self.live is None:
            return
        allowed = answer is not None and answer.allowed
        t_ms = self.live.recording.elapsed_ms()
        self.live.recording.record(
            events.ConsentAsked(
                t_ms=t_ms,
                participant=participant.participant,
                scopes=request.scopes,
                minutes=request.minutes,
                reason=request.reason,
                ticket=participant.request.ticket,
            )
        )
        self.live.recording.record(
            events.ConsentAnswered(
                t_ms=t_ms,
                participant=participant.participant,
                answer="timeout" if answer is None else "allowed" if allowed else "denied",
                scopes=tuple(sorted(participant.scopes)),
                expires_at_ms=participant.expires_at_ms,
            )
        )


async def _matches_what_was_sent(live: LiveSession, participant: Participant, attestation: AttestOutput) -> bool:
    """Waits a moment for the channel to close here too: its totals are counted when its last byte has left."""

    def sent() -> set[tuple[int, bytes]]:
        return {
            (closed.output_bytes, closed.output_sha256)
            for closed in live.recording.facts.closed_channels
            if (closed.participant, closed.stream_id) == (participant.participant, attestation.stream_id)
        }

    deadline = asyncio.get_running_loop().time() + CHANNEL_CLOSE_WITHIN_SECONDS
    while not sent():
        try:
            async with asyncio.timeout_at(deadline):
                await live.recording.wait_for_closed_channel()
        except TimeoutError:
            return False
    return (attestation.output_bytes, attestation.output_sha256) in sent()
