"""One sealed control stream: what an engineer's program says is answered in order, and nothing else is listened to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from agent_client.conversation import QUESTION_LIMIT, Conversation
from agent_client.invitations import Paired
from protocol.control_channel import ControlChannel
from protocol.errors import ConsentryError
from protocol.grants import Scope
from protocol.messages.control import (
    AgentToEngineer,
    Attested,
    AttestOutput,
    Denied,
    Ended,
    EndSession,
    EngineerToAgent,
    RequestAccess,
    RequestMore,
)
from protocol.stream_frames import CloseCode
from tests.agent_client.joined_streams import joined_streams
from tests.agent_client.people import EngineerAtTest
from tunnel.stream_connection import StreamConnection


@dataclass
class Partner:
    """Answers as the test says; requests for access wait for `answer`."""

    requests: list[RequestAccess | RequestMore] = field(default_factory=list)
    ends: int = 0
    withdrawn: int = 0
    answer: "asyncio.Future[AgentToEngineer | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def access_requested(self, paired: Paired, request: RequestAccess) -> AgentToEngineer | None:
        self.requests.append(request)
        self.asked.set()
        try:
            return await asyncio.shield(self.answer)
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise

    async def more_requested(self, paired: Paired, request: RequestMore) -> AgentToEngineer | None:
        self.requests.append(request)
        return Denied(reason="customer")

    async def output_attested(self, paired: Paired, attestation: AttestOutput) -> AgentToEngineer:
        return Attested(matches=True)

    def end_requested(self, paired: Paired) -> None:
        self.ends += 1


class Program:
    """The engineer's end of the conversation."""

    def __init__(self, engineer: EngineerAtTest, stream: StreamConnection) -> None:
        self.stream = stream
        self.channel = ControlChannel("engineer", engineer.keys.control_key, stream.stream_id)
        self.heard: list[object] = []

    def say(self, *messages: EngineerToAgent) -> None:
        for message in messages:
            self.stream.write(self.channel.seal(message))

    async def hear(self, count: int = 1) -> list[object]:
        while len(self.heard) < count:
            self.heard += self.channel.receive_data(await self.stream.read())
        return self.heard


@dataclass
class Line:
    engineer: EngineerAtTest
    partner: Partner
    program: Program
    conversation: Conversation
    running: "asyncio.Task[None]"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    engineer = EngineerAtTest()
    near, far = await joined_streams(engineer.keys.stream_key, engineer.keys.pairing_id)
    partner = Partner()
    conversation = Conversation(far, engineer.paired, partner)
    running = asyncio.create_task(conversation.run())
    yield Line(engineer, partner, Program(engineer, near), conversation, running)
    running.cancel()
    await asyncio.wait([running])
    near.kill()
    far.kill()


async def test_answers_come_in_the_order_of_the_questions(line: Line) -> None:
    """Whoever asked first is answered first, even if that takes a person's time."""
    line.program.say(line.engineer.request(), RequestMore(scopes=(Scope.VIEW,), minutes=0, reason="more"))
    await line.partner.asked.wait()
    assert len(line.partner.requests) == 1
    line.partner.answer.set_result(Denied(reason="timeout"))
    assert await line.program.hear(2) == [Denied(reason="timeout"), Denied(reason="customer")]


async def test_news_is_told_while_a_question_stands(line: Line) -> None:
    """`tell` waits for nobody."""
    line.program.say(line.engineer.request())
    await line.partner.asked.wait()
    line.conversation.tell(Ended(reason="idle"))
    assert await line.program.hear() == [Ended(reason="idle")]


async def test_who_hangs_up_takes_their_question_along(line: Line) -> None:
    """The question is cancelled as soon as the engineer's end is closed; the conversation is over."""
    line.program.say(line.engineer.request())
    await line.partner.asked.wait()
    line.program.stream.close()
    await line.running
    assert line.partner.withdrawn == 1


async def test_a_forged_message_ends_this_conversation_and_nothing_else(line: Line) -> None:
    """Bytes that nobody with the keys has sealed are not answered; what stood is withdrawn."""
    line.program.say(line.engineer.request())
    await line.partner.asked.wait()
    line.program.stream.write(b"\0\0\0\x20" + bytes(32))
    await line.running
    assert line.partner.withdrawn == 1
    assert await line.program.stream.wait_closed() is CloseCode.DONE


async def test_a_replayed_message_ends_the_conversation(line: Line) -> None:
    """A frame that was good once opens once: a repeated request is no second request."""
    frame = line.program.channel.seal(RequestMore(scopes=(Scope.VIEW,), minutes=0, reason="more"))
    line.program.stream.write(frame + frame)
    await line.running
    assert len(line.partner.requests) <= 1


async def test_keys_of_another_pairing_open_nothing(line: Line) -> None:
    """A message sealed with other keys is as good as noise."""
    other = ControlChannel("engineer", EngineerAtTest().keys.control_key, line.program.stream.stream_id)
    line.program.stream.write(other.seal(EndSession()))
    await line.running
    assert line.partner.ends == 0


async def test_more_questions_than_a_person_could_answer_are_not_taken(line: Line) -> None:
    """A program that floods is hung up on."""
    line.program.say(line.engineer.request())
    await line.partner.asked.wait()
    line.program.say(*[EndSession()] * (QUESTION_LIMIT + 1))
    await line.running
    assert line.partner.ends == 0


async def test_the_end_is_asked_for_without_an_answer(line: Line) -> None:
    """`EndSession` is heard; what follows it is answered as before."""
    attestation = line.engineer.attestation(bytes(16), bytes(16), 1, bytes(32))
    line.program.say(EndSession(), attestation)
    assert await line.program.hear() == [Attested(matches=True)]
    assert line.partner.ends == 1


async def test_no_answer_is_nothing_said(line: Line) -> None:
    """Where the session has said its goodbye, an open question gets no word of its own."""
    line.program.say(line.engineer.request())
    line.partner.answer.set_result(None)
    line.program.say(RequestMore(scopes=(Scope.VIEW,), minutes=0, reason="more"))
    assert await line.program.hear() == [Denied(reason="customer")]


async def test_a_program_that_says_an_agents_words_is_not_listened_to(line: Line) -> None:
    """The channel takes only what an engineer may say."""
    with pytest.raises(ConsentryError):
        ControlChannel("engineer", line.engineer.keys.control_key, bytes(16)).receive_data(
            ControlChannel("agent", line.engineer.keys.control_key, bytes(16)).seal(EndSession())
        )
    line.program.stream.write(line.program.channel.seal(Ended(reason="idle")))
    await line.running
    assert line.partner.requests == []
