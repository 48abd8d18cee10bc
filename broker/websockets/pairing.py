"""/v1/pairing: an engineer, logged in, claims one code and exchanges the pairing's mail. One connection, one code."""

from fastapi import APIRouter, WebSocket

from broker.http_api.caller import caller_of
from broker.http_api.origins import OriginForeign
from broker.organisation.engineers import Engineer
from broker.pairing.mailbox import RUN_LIFE_MS
from broker.services import Services, services_of
from broker.websockets.conversation import Conversation, converse, deny
from protocol.errors import PeerError
from protocol.messages import BrokerToEngineer, ClaimCode, EngineerToBroker, MessageDecoder, PairingMail
from serving.identity.login import NotLoggedIn

router = APIRouter()

_decoder = MessageDecoder[EngineerToBroker](EngineerToBroker)


@router.websocket("/v1/pairing")
async def pairing(websocket: WebSocket) -> None:
    services = services_of(websocket)
    try:
        caller = await caller_of(websocket)
    except (NotLoggedIn, OriginForeign) as error:
        await deny(websocket, error)
        return
    await converse(websocket, _decoder, lambda conversation: EngineerTalk(conversation, caller.user, services).talk())


class EngineerTalk:
    """The board's `EngineerEnd` for one code."""

    def __init__(self, conversation: Conversation[EngineerToBroker], user: Engineer, services: Services) -> None:
        self.user = user
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
