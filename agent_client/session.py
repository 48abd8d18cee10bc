"""One support session at the customer's machine, from the first code to the receipt.

    sharing   a code is open, or an engineer is asking; nothing is recorded, nothing can be done
    live      somebody was allowed in: recording, room and SSH server exist
    ending    everything that ran is dead; attestations, FINAL record, receipt, rating

There is one way into `live`: the customer said yes, and record 0 is on the broker's disk (`reception.py`). There is
one way out, `end`, and it kills first and does everything else afterwards.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from agent_client.attendance import Attendance
from agent_client.broker_link import BrokerLink
from agent_client.chat import Chat
from agent_client.closing import ClosedSession, close_session
from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.faces.face import (
    CancelCode,
    CustomerCommand,
    End,
    Face,
    Narrow,
    NewCode,
    Pause,
    Resized,
    Resume,
    Say,
    Typed,
)
from agent_client.freezer import Freezer
from agent_client.grant_records import record_clocks, record_stop
from agent_client.home import RECEIPTS_FOLDER
from agent_client.host import unix_ms
from agent_client.invitations import Invitations
from agent_client.live import LiveSession, SessionIdentity, open_live_session
from agent_client.log_watch import LogWatch
from agent_client.participant import Participant
from agent_client.reception import Reception
from agent_client.recorder.recorded_session import RecorderCallbacks
from agent_client.recorder.redaction import RedactionRules
from agent_client.session_time import SessionTime
from protocol import events
from protocol.errors import ConsentryError, PeerError, RefusedError
from protocol.grants import Scope
from protocol.messages.agent import (
    AskForHelp,
    BrokerToAgent,
    CodeClosed,
    CodeOpened,
    DialLegs,
    EndRequested,
    HelpTaken,
    ProofReady,
    RatingKept,
    SessionEnded,
    StopRequested,
)
from protocol.messages.control import Ended
from protocol.messages.fields import EndReason
from protocol.messages.pairing import PairingMail, PairingStarted
from protocol.messages.wire import Refused
from protocol.pairing import AgentIdentity
from protocol.stream_frames import StreamKind
from tunnel.agent_legs import AgentLegs
from tunnel.stream_connection import StreamConnection
from tunnel.tasks import TaskGroupOwner
from wording import Wording

log = structlog.get_logger(__name__)

LAST_WORDS_WITHIN_SECONDS = 3.0
"""How long a dead session waits for engineers' programs to sign what they saw, and for the broker to hear goodbye."""


class TooManyWrongCodes(RefusedError):
    """Somebody is guessing, or the line is bad: either way a person has to look."""

    sentence = (
        "Three codes in a row were entered wrongly, so no more are made. Somebody may be guessing. Call your support "
        "organisation on a number that you trust, then start again."
    )


@dataclass(frozen=True)
class SessionSettings:
    """What the customer's command line decided."""

    state: Path
    folders: tuple[Path, ...]
    rules: RedactionRules
    ask: AskForHelp | None = None
    """What goes into the organisation's queue, if the customer said so."""
    offered: frozenset[Scope] = frozenset(Scope)
    """What engineers can ask for at all."""


class SupportSession:
    """Wires the parts together. Used once; fulfils `LinkListener`."""

    def __init__(
        self, identity: SessionIdentity, link: BrokerLink, settings: SessionSettings, face: Face, wording: Wording
    ) -> None:
        self._identity = identity
        self._link = link
        self._settings = settings
        self._face = face
        self._wording = wording
        self._over: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self._tasks = TaskGroupOwner()
        self._rating_kept = asyncio.Event()
        self._freezer = Freezer(face)
        self._log_watch = LogWatch(identity.profile, settings.state, identity.opened.session_id, link.send)
        self._chat = Chat(settings.rules, unix_ms)
        self._attendance = Attendance(face, self._chat, report=link.send, end=self.end)
        self._freezer.on_reason = self._attendance.followers.paused
        self._invitations = Invitations(
            broker_origin=identity.profile.broker_origin,
            root_key=identity.root_key,
            session_id=identity.opened.session_id,
            identity=AgentIdentity(identity.agent_key, identity.host_keys.public_blobs),
            send=link.send,
            show=face.show,
            on_paired=self._attendance.somebody_paired,
            on_too_many_burnt=self._too_many_burnt,
        )
        self._reception = Reception(
            identity,
            self._attendance,
            folders=settings.folders,
            face=face,
            wording=wording,
            freezer=self._freezer,
            chat=self._chat,
            open_live=self._open_live,
            codes=self._invitations,
            offered=settings.offered,
        )
        self._time = SessionTime(
            self._attendance,
            self._invitations,
            resume_window_ms=identity.profile.resume_window_seconds * 1000,
            over=self._over,
            end=self.end,
        )
        self._attendance.on_deadline_moved = self._time.deadlines_moved
        self._legs = AgentLegs(
            identity.profile, link.leg_ticket, stream_key_for=self._stream_key, on_stream=self._stream_opened
        )
        self._legs.on_spare = self._spare_leg_moved

    async def run(self) -> ClosedSession:
        """Share until somebody or something ends it. Whatever goes wrong is shown, and ends it."""
        self._show_sharing()
        self._tasks.start(self._keep_link(), name="broker-link")
        self._tasks.start(self._keep_legs(), name="relay-legs")
        self._tasks.start(self._follow_customer(), name="customer-commands")
        self._tasks.start(self._time.run(), name="session-time")
        self._tasks.start(self._chat.run(), name="chat")
        self._invitations.offer()
        self._ask_for_help()
        try:
            reason = await self._over
            return await self._wind_down(reason)
        finally:
            if self._attendance.live is not None:
                await self._attendance.live.kill()
                await self._attendance.live.recorder.aclose()
            await self._legs.close()
            await self._link.close()
            await self._tasks.aclose()

    def end(self, reason: EndReason) -> None:
        """Over, from whatever side. The first reason counts."""
        if not self._over.done():
            log.info("session_ending", reason=reason)
            self._over.set_result(reason)

    # ── from the broker ─────────────────────────────────────────────────────────────────────────────────────────

    def broker_says(self, message: BrokerToAgent) -> None:
        match message:
            case CodeOpened() | CodeClosed() | PairingStarted() | PairingMail():
                self._invitations.receive(message, unix_ms())
                self._time.deadlines_moved()
            case DialLegs():
                self._legs.dial(message.count)
            case EndRequested():
                self.end(message.reason)
            case StopRequested():
                self._stopped(message)
            case HelpTaken():
                self._face.show(notices.HelpTaken(message.name, message.staff_number))
            case ProofReady():
                self._log_watch.receive(message)
            case RatingKept():
                self._rating_kept.set()
            case Refused():
                self._face.show(notices.Failed(sentence=message.sentence))
            case _:
                raise PeerError(problem="an answer to a question that was not asked")

    def _stopped(self, stop: StopRequested) -> None:
        """By a supervisor: the customer is told who and why, and it is in the recording before it closes."""
        if self._over.done():
            return
        live = self._attendance.live
        if live is not None:
            record_stop(live, stop)
        self._face.show(notices.Stopped(stop.name, stop.staff_number, stop.why))
        self.end("supervisor-ended")

    def link_attached(self, *, clock_offset_ms: int) -> None:
        self._time.broker_reached()
        self._legs.ticket = self._link.leg_ticket
        self._hurry()
        self._face.show(notices.ConnectionState(to="broker", connected=True))
        self._invitations.attached_again()
        self._ask_for_help()
        self._log_watch.attached_again()
        self._attendance.report_all()
        if self._attendance.live is not None:
            record_clocks(self._attendance.live, now_ms=unix_ms(), clock_offset_ms=clock_offset_ms)

    def _ask_for_help(self) -> None:
        """Said again on every connection until somebody is in: the broker takes it once."""
        ask = self._settings.ask
        if ask is not None and self._attendance.live is None:
            self._link.send(ask)
            self._face.show(notices.HelpAsked(ask.words))

    def link_waiting(self, *, since_ms: int) -> None:
        self._time.broker_lost(since_ms)
        self._face.show(notices.ConnectionState(to="broker", connected=False, waiting_since_ms=since_ms))

    def _spare_leg_moved(self, connected: bool) -> None:
        if connected:
            self._hurry()

    def _hurry(self) -> None:
        """One connection reached the broker. The others try now, so that what people read of the broker is so."""
        self._link.hurry()
        self._legs.hurry()
        if self._attendance.live is not None:
            self._attendance.live.recorder.hurry()

    async def _keep_link(self) -> None:
        try:
            await self._link.run(self)
        except RefusedError as error:
            # The broker does not know this session any more: for them it was over before we came back.
            self._fail(error, "lost")

    async def _keep_legs(self) -> None:
        try:
            await self._legs.run()
        except RefusedError as error:
            self._fail(error, "lost")

    # ── engineers' streams ──────────────────────────────────────────────────────────────────────────────────────

    def _stream_key(self, pairing_id: bytes) -> bytes | None:
        """Of a pairing, or of a gateway that its engineer has named: their ids are drawn alike, and never the same."""
        paired = self._attendance.paired(pairing_id)
        if paired is not None:
            return paired.keys.stream_key
        passed = self._attendance.gateway_passes.find(pairing_id)
        return passed.stream_key if passed else None

    def _stream_opened(self, stream: StreamConnection) -> None:
        paired, participant = self._attendance.paired(stream.pairing_id), self._attendance.admitted(stream.pairing_id)
        passed = self._attendance.gateway_passes.find(stream.pairing_id)
        live = self._attendance.live
        if paired is not None and stream.kind is StreamKind.CONTROL:
            conversation = Conversation(stream, paired, self._reception)
            self._tasks.start(self._attendance.converse(conversation), name="conversation")
        elif live is not None and participant is not None and not self._over.done():
            self._tasks.start(live.ssh.serve(stream, participant), name="ssh")
        elif live is not None and passed is not None and stream.kind is StreamKind.SSH and not self._over.done():
            access = self._attendance.gateway_passes.access(passed)
            self._tasks.start(live.ssh.serve_gateway(stream, passed.participant, access), name="ssh-gateway")
        else:
            stream.abort()

    async def _open_live(self, first: Participant) -> LiveSession:
        live = await open_live_session(
            self._identity,
            first,
            state=self._settings.state,
            face=self._face,
            wording=self._wording,
            rules=self._settings.rules,
            clock_offset_ms=self._link.clock_offset_ms,
            callbacks=self._recorder_callbacks(),
            log_watch=self._log_watch,
        )
        record_clocks(live, now_ms=unix_ms(), clock_offset_ms=self._link.clock_offset_ms)
        return live

    def _too_many_burnt(self) -> None:
        error = TooManyWrongCodes()
        if self._attendance.live is None:
            self._fail(error, "denied")
        else:
            self._face.show(notices.Failed(sentence=self._wording.say_error(error)))

    # ── the customer ────────────────────────────────────────────────────────────────────────────────────────────

    async def _follow_customer(self) -> None:
        async for command in self._face.commands():
            self._obey(command)
        # Nobody is left who could say stop.
        self.end("customer-ended")

    def _obey(self, command: CustomerCommand) -> None:
        live = self._attendance.live
        match command:
            case End():
                self.end("customer-ended")
            case NewCode():
                self._invitations.offer()
            case CancelCode():
                self._invitations.withdraw()
            case Narrow():
                self._attendance.narrow(command.participant, command.scopes)
            case Pause():
                self._freezer.pause()
            case Resume():
                self._freezer.resume()
            case Say():
                self._attendance.customer_says(command.text)
            case Typed() if live is not None:
                live.room.type(live.customer_seat, command.data)
            case Resized() if live is not None:
                live.room.resize(live.customer_seat, command.columns, command.rows)
            case _:
                pass

    # ── the recorder ────────────────────────────────────────────────────────────────────────────────────────────

    def _recorder_callbacks(self) -> RecorderCallbacks:
        def connection(connected: bool) -> None:
            since_ms = None if connected else unix_ms()
            if connected:
                self._hurry()
            self._face.show(notices.ConnectionState(to="records", connected=connected, waiting_since_ms=since_ms))

        return RecorderCallbacks(
            on_pause=lambda: self._recorder_stalls(stalled=True),
            on_resume=lambda: self._recorder_stalls(stalled=False),
            on_failed=lambda error: self._fail(error, "recorder-failed"),
            on_progress=lambda recorded, acked: self._face.show(notices.RecorderProgress(recorded, acked)),
            on_connection=connection,
        )

    def _recorder_stalls(self, *, stalled: bool) -> None:
        """The shell waits already, because the recorder has no room; this is for people."""
        live = self._attendance.live
        if live is None:
            return
        event = events.SessionPaused if stalled else events.SessionResumed
        live.recording.record(event(t_ms=live.recording.elapsed_ms(), by="recorder"))
        self._face.show(notices.Paused(by="recorder") if stalled else notices.Resumed(by="recorder"))
        self._attendance.followers.paused("recorder", stalled)

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _fail(self, error: ConsentryError, reason: EndReason) -> None:
        if self._over.done():
            return  # the broker lets go of an ended session: nothing is wrong with that
        log.warning("session_failed", problem=str(error))
        self._face.show(notices.Failed(sentence=self._wording.say_error(error)))
        self.end(reason)

    async def _wind_down(self, reason: EndReason) -> ClosedSession:
        """Kill first. Then let the engineers' programs say what they saw, and close the books."""
        live = self._attendance.live
        self._attendance.end_all()
        if live is not None:
            await live.kill()
        self._attendance.tell_all(Ended(reason=reason))
        self._invitations.withdraw()
        await self._attendance.hear_last_words(LAST_WORDS_WITHIN_SECONDS)
        if live is None:
            live = await self._reception.settled()
            if live is not None:
                await live.kill()
        if live is None:
            self._link.send(SessionEnded(reason=reason, records=0))
            closed = ClosedSession(reason, None)
        else:
            self._attendance.record_departures(live)
            closed = await close_session(
                reason,
                self._identity,
                live,
                [participant for participant in self._attendance.participants if participant.granted_ever],
                face=self._face,
                wording=self._wording,
                link=self._link,
                rating_kept=self._rating_kept,
                receipts=self._settings.state / RECEIPTS_FOLDER,
                log_watch=self._log_watch,
            )
        await self._say_goodbye()
        return closed

    async def _say_goodbye(self) -> None:
        """What is still to be told gets a moment; a broker that is away will find out by itself."""
        try:
            async with asyncio.timeout(LAST_WORDS_WITHIN_SECONDS):
                await self._link.flush()
        except TimeoutError:
            log.info("session_goodbye_unheard")

    def _show_sharing(self) -> None:
        profile, host = self._identity.profile, self._identity.host
        self._face.show(
            notices.SharingStarted(
                organisation=profile.organisation,
                broker_origin=profile.broker_origin,
                user_name=host.user_name,
                host_label=host.label,
                notice=profile.notice.get(self._wording.language, ""),
            )
        )
