"""One sealed control stream with an engineer's program: requests, changes, attestations, goodbye."""

import asyncio
from typing import Protocol

import structlog

from agent_client.invitations import Paired
from protocol.control_channel import ControlChannel
from protocol.errors import ConsentryError, PeerError
from protocol.messages.control import (
    AdmitSshKey,
    AgentToEngineer,
    AttestOutput,
    EndSession,
    EngineerToAgent,
    FollowSession,
    InviteColleague,
    RequestAccess,
    RequestMore,
    Say,
    TakeOver,
)
from tunnel.stream_connection import StreamConnection, StreamEnded
from tunnel.tasks import TaskGroupOwner

log = structlog.get_logger(__name__)

QUESTION_LIMIT = 8
"""Unanswered messages of one conversation."""


class ConversationPartner(Protocol):
    """What the session answers. Each call may take as long as a person takes. None: there is nothing left to say."""

    async def access_requested(self, paired: Paired, request: RequestAccess) -> AgentToEngineer | None: ...

    async def more_requested(self, paired: Paired, request: RequestMore) -> AgentToEngineer | None: ...

    async def take_over_requested(self, paired: Paired, request: TakeOver) -> AgentToEngineer | None: ...

    async def ssh_key_offered(self, paired: Paired, offer: AdmitSshKey) -> AgentToEngineer: ...

    async def colleague_invited(self, paired: Paired) -> AgentToEngineer: ...

    async def output_attested(self, paired: Paired, attestation: AttestOutput) -> AgentToEngineer: ...

    def end_requested(self, paired: Paired) -> None: ...

    def follow_requested(self, conversation: "Conversation", request: FollowSession) -> None: ...

    async def line_said(self, paired: Paired, line: Say) -> AgentToEngineer: ...


class Conversation:
    """Lives as long as its stream. `tell` says something unasked."""

    def __init__(self, stream: StreamConnection, paired: Paired, partner: ConversationPartner) -> None:
        self._stream = stream
        self._paired = paired
        self._partner = partner
        self._questions: asyncio.Queue[EngineerToAgent | AgentToEngineer] = asyncio.Queue()
        self._channel = ControlChannel("agent", paired.keys.control_key, stream.stream_id)

    @property
    def pairing_id(self) -> bytes:
        return self._paired.keys.pairing_id

    async def run(self) -> None:
        """Answer until the engineer's end closes. A forged or senseless message ends this stream, nothing else.

        Answers are given one after the other, beside the reading: an engineer who leaves takes their question along.
        """
        answers = TaskGroupOwner()
        answers.start(self._answer_in_order(), name="answer engineer")
        try:
            while data := await self._stream.read():
                for message in self._channel.receive_data(data):
                    if self._questions.qsize() >= QUESTION_LIMIT:
                        raise PeerError(problem="more requests than a person could answer")
                    self._questions.put_nowait(message)
        except (ConsentryError, StreamEnded) as error:
            log.info("conversation_broken", problem=str(error))
        finally:
            await answers.aclose()
            self._stream.close()

    @property
    def unheard_bytes(self) -> int:
        """What was told and has not arrived yet."""
        return self._stream.get_write_buffer_size()

    def tell(self, message: AgentToEngineer) -> None:
        self._stream.write(self._channel.seal(message))

    def close(self) -> None:
        self._stream.close()

    async def _answer_in_order(self) -> None:
        try:
            while True:
                answer = await self._answer(await self._questions.get())
                if answer is not None:
                    self.tell(answer)
        finally:
            # Nobody would answer any more: the engineer's end has to see that.
            self._stream.close()

    async def _answer(self, message: EngineerToAgent | AgentToEngineer) -> AgentToEngineer | None:
        match message:
            case RequestAccess():
                return await self._partner.access_requested(self._paired, message)
            case RequestMore():
                return await self._partner.more_requested(self._paired, message)
            case TakeOver():
                return await self._partner.take_over_requested(self._paired, message)
            case AdmitSshKey():
                return await self._partner.ssh_key_offered(self._paired, message)
            case InviteColleague():
                return await self._partner.colleague_invited(self._paired)
            case AttestOutput():
                return await self._partner.output_attested(self._paired, message)
            case EndSession():
                self._partner.end_requested(self._paired)
                return None
            case FollowSession():
                self._partner.follow_requested(self, message)
                return None
            case Say():
                return await self._partner.line_said(self._paired, message)
            case _:
                raise AssertionError("the control channel decodes only what an engineer says")
