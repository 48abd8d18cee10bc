"""/v1/agent: a customer's agent opens or attaches a session, asks for codes, reports, ends and rates."""

import asyncio

import structlog
from fastapi import APIRouter, WebSocket

from broker.requests.request import Asked
from broker.requests.waiting_room import told
from broker.services import Services, services_of
from broker.sessions.session import Session
from broker.websockets.conversation import Conversation, converse, refusal
from protocol.errors import ConsentryError, PeerError, RefusedError
from protocol.messages.agent import (
    AgentToBroker,
    AskForHelp,
    AttachSession,
    BrokerToAgent,
    CancelCode,
    GrantReported,
    NewCode,
    OpenSession,
    PairingFinished,
    ProofWanted,
    RateSession,
    RatingKept,
    SessionAttached,
    SessionEnded,
    SessionOpened,
    TakeOverReported,
)
from protocol.messages.pairing import PairingMail
from protocol.messages.wire import CONTROL_FRAME_LIMIT_BYTES, MessageDecoder
from serving.identity.events import IdentityEvent

log = structlog.get_logger(__name__)
router = APIRouter()

RATING_PATIENCE_SECONDS = 30 * 60.0
"""How long the line stays open for a rating once the session is over."""

PROOFS_AT_ONCE = 4
PROOF_PATIENCE_SECONDS = 60.0
"""An agent waits 15 s, and asks again on every new connection."""

_strangers = MessageDecoder[AgentToBroker](AgentToBroker)
_agents = MessageDecoder[AgentToBroker](AgentToBroker, limit_bytes=CONTROL_FRAME_LIMIT_BYTES)


@router.websocket("/v1/agent")
async def agent(websocket: WebSocket) -> None:
    services = services_of(websocket)
    await converse(websocket, _strangers, lambda conversation: AgentTalk(conversation, services).talk())


def one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class AgentTalk:
    """One connection of one agent. It is the session's `Line` while it lasts."""

    def __init__(self, conversation: Conversation[AgentToBroker], services: Services) -> None:
        self._conversation = conversation
        self._services = services
        self._proving: set[asyncio.Task[None]] = set()

    def send(self, message: BrokerToAgent) -> None:
        self._conversation.send(message)

    def hang_up(self, reason: str) -> None:
        self._conversation.hang_up(reason)

    async def talk(self) -> None:
        session = await self._hello()
        services = self._services
        # From here on the peer holds a session's token. A rating's comment alone may be longer than a stranger's limit.
        self._conversation.decoder = _agents
        self._conversation.patience_seconds = None
        ending = services.sessions.connect(session, self)
        try:
            for closed in services.board.retired_codes(session.session_id):
                self.send(closed)
            if ending is not None:
                self.send(ending)
            while True:
                if session.state == "ended":
                    self._conversation.patience_seconds = RATING_PATIENCE_SECONDS
                await self._act_on(session, await self._conversation.receive())
        finally:
            for task in tuple(self._proving):
                task.cancel()
            if services.sessions.disconnect(session.session_id, self):
                await services.board.agent_lost(session.session_id)

    async def _hello(self) -> Session:
        services = self._services
        match await self._conversation.receive():
            case OpenSession() as hello:
                services.openings_of_addresses.take(self._conversation.address, services.clock.monotonic_ms())
                services.board.check_opening()
                services.records.check_disk()
                session, token = await services.sessions.open(hello.agent_key, hello.language)
                self.send(
                    SessionOpened(
                        session_id=session.session_id,
                        session_token=token,
                        leg_ticket=services.sessions.agent_ticket(session),
                        broker_time_ms=services.clock.unix_ms(),
                    )
                )
                return session
            case AttachSession() as hello:
                session = await services.sessions.check_token(hello.session_id, hello.session_token)
                self.send(
                    SessionAttached(
                        leg_ticket=services.sessions.agent_ticket(session), broker_time_ms=services.clock.unix_ms()
                    )
                )
                return session
        raise PeerError(problem="the first message is neither open-session nor attach-session")

    async def _act_on(self, session: Session, message: AgentToBroker) -> None:
        board, session_id = self._services.board, session.session_id
        match message:
            case NewCode():
                await self._open_code(session, message)
            case CancelCode():
                await board.cancel_code(session_id, message.nameplate)
            case PairingMail():
                await board.mail_from_agent(session_id, message)
            case PairingFinished():
                await board.verdict(session_id, message.nameplate, message.outcome)
            case GrantReported():
                await self._services.sessions.report_grant(
                    session_id, message.staff_number, message.scopes, message.expires_at_ms
                )
            case TakeOverReported():
                await self._note_take_over(session, message)
            case SessionEnded():
                await self._services.sessions.end(session_id, message.reason, message.records)
            case RateSession():
                await self._keep_rating(session, message)
            case AskForHelp():
                await self._ask_for_help(session, message)
            case ProofWanted():
                self._prove_later(session, message)
            case _:
                raise PeerError(problem="a second hello")

    async def _note_take_over(self, session: Session, report: TakeOverReported) -> None:
        """Who has whose place is the customer's decision, and the agent's word. Raises PeerError."""
        taker, leaver = session.paired_as(report.staff_number), session.paired_as(report.from_staff_number)
        names = {one.user_id: one.user_name for one in await self._services.users.all()}
        actor, subject = names.get(taker.user_id, ""), names.get(leaver.user_id, "")
        facts = {"session": session.session_id.hex()}
        await self._services.events.note(IdentityEvent("session_taken_over", actor, subject, facts=facts))

    async def _open_code(self, session: Session, message: NewCode) -> None:
        """A refusal here leaves the session as it is: the agent may ask again."""
        services, address = self._services, self._conversation.address
        try:
            services.sessions.check_open(session)
            # Beside the sessions of an address, its codes: one agent could else use up the whole organisation's.
            services.openings_of_addresses.take(f"codes of {address}", services.clock.monotonic_ms())
            self.send(await services.board.open_code(session.session_id, message.agent_nonce))
        except RefusedError as error:
            services.alerts.refused(error)
            self.send(refusal(error))

    async def _ask_for_help(self, session: Session, message: AskForHelp) -> None:
        """A refusal leaves the session as it is: the code may be read out all the same."""
        if session.state == "ended":
            return  # said before its agent heard of that
        customer, words = one_line(message.customer), message.words.strip()
        try:
            asked = Asked(customer, words, session_id=session.session_id)
            request = await self._services.waiting_room.ask(asked)
            await self._services.sessions.serves(session.session_id, request.asked.tier)
            if session.end_reason is not None:  # given by somebody who did not find the request there yet
                await self._services.waiting_room.session_ended(session.session_id)
        except RefusedError as error:
            self.send(refusal(error))
        else:
            if request.state == "taken":
                self.send(told(request))

    def _prove_later(self, session: Session, wanted: ProofWanted) -> None:
        """A proof may have to wait for a witness: the conversation goes on meanwhile."""
        if len(self._proving) >= PROOFS_AT_ONCE:
            raise PeerError(problem="more proofs were asked for than there are entries")
        task = asyncio.create_task(self._prove(session, wanted), name="log-proof")
        self._proving.add(task)
        task.add_done_callback(self._proving.discard)

    async def _prove(self, session: Session, wanted: ProofWanted) -> None:
        try:
            async with asyncio.timeout(PROOF_PATIENCE_SECONDS):
                logbook = self._services.logbook
                self.send(await logbook.proof(session.session_id, wanted.entry, wanted.known_size))
        except TimeoutError:
            log.warning("proof_not_to_be_had", session=session.session_id.hex(), entry=wanted.entry)
        except ConsentryError as error:
            self.send(refusal(error))

    async def _keep_rating(self, session: Session, message: RateSession) -> None:
        try:
            await self._services.ratings.keep(session.session_id, message)
        except RefusedError as error:
            self.send(refusal(error))
        else:
            self.send(RatingKept())
