"""/v1/pairing: an engineer, logged in, claims one code and exchanges the pairing's mail. One connection, one code."""

from fastapi import APIRouter, WebSocket

from broker.http_api.caller import caller_of
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission
from broker.pairing.mailbox import RUN_LIFE_MS
from broker.services import Services, services_of
from broker.websockets.conversation import Conversation, converse, deny
from protocol.errors import PeerError, RefusedError
from protocol.messages.pairing import BrokerToEngineer, ClaimCode, EngineerToBroker, PairingMail
from protocol.messages.wire import MessageDecoder
from serving.identity.login import Caller

router = APIRouter()

NEEDED = Permission.CONNECT

_decoder = MessageDecoder[EngineerToBroker](EngineerToBroker)


@router.websocket("/v1/pairing")
async def pairing(websocket: WebSocket) -> None:
    services = services_of(websocket)
    try:
        caller = await caller_of(websocket)
        caller.check(NEEDED)
    except RefusedError as error:
        await deny(websocket, error)
        return

    async def talk(conversation: Conversation[EngineerToBroker]) -> None:
        with services.live_logins.connected(caller.token_hash, lambda: conversation.hang_up("login revoked")):
            await EngineerTalk(conversation, caller, services).talk()

    await converse(websocket, _decoder, talk)


class EngineerTalk:
    """The board's `EngineerEnd` for one code."""

    def __init__(
        self, conversation: Conversation[EngineerToBroker], caller: Caller[Engineer], services: Services
    ) -> None:
        self.user = caller.user
        self.login = caller.token_hash
        self._conversation = conversation
        self._board = services.board

    def send(self, message: BrokerToEngineer) -> None:
        self._conversation.send(message)

    def finish(self) -> None:
        self._conversation.hang_up("finished")

    async def talk(self) -> None:
        hello = await self._conversation.receive()
        if not isinstance(hello, ClaimCode):
            raise PeerError(problem="the first message is not claim-code")
        # The code's own deadline ends a run; this one is only for what is left behind.
        self._conversation.patience_seconds = 2 * RUN_LIFE_MS / 1000
        try:
            await self._board.claim(self, hello.nameplate, hello.engineer_nonce)
            while True:
                message = await self._conversation.receive()
                if not isinstance(message, PairingMail):
                    raise PeerError(problem="a second claim on one connection")
                await self._board.mail_from_engineer(self, message)
        finally:
            await self._board.engineer_lost(self)
