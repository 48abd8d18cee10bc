"""The sealed conversation with the customer's agent, over a stream of kind `control`.

Each process opens a conversation of its own with the keys that the pairing left: `connect` to ask for access,
`request-more` and `end` later, perhaps from another terminal.
"""

import asyncio
import contextlib
from typing import Self

from protocol.control_channel import ControlChannel
from protocol.errors import PeerError, RefusedError, UnavailableError
from protocol.messages.control import (
    AgentToEngineer,
    Attested,
    Denied,
    Ended,
    EngineerToAgent,
    Granted,
    GrantMoved,
    TakenOver,
)
from protocol.messages.fields import EndReason
from protocol.stream_frames import StreamKind
from tunnel.engineer_stream import open_stream
from tunnel.paired_session import PairedSession
from tunnel.stream_connection import StreamConnection, StreamEnded
from tunnel.tasks import TaskGroupOwner

_CLOSE_TIMEOUT_SECONDS = 2.0
"""A last message on a bad line; nobody waits at a prompt for longer."""


class SessionHasEnded(RefusedError):
    """The session has ended, whoever ended it."""

    sentence = "The session is over ({reason}). For another one, the customer makes a new code."


class AccessDenied(RefusedError):
    """The customer, or a rule of theirs, said no."""

    sentence = "Access was not granted ({reason})."

    session_goes_on = False
    """Others are in, and the pairing is good: the customer can be asked again without a new code."""


class AgentSilent(UnavailableError):
    """The stream is there, but no answer comes through it."""

    sentence = "The customer's computer does not answer. It may be asleep or off the network; try again."


async def open_conversation(session: PairedSession) -> "Conversation":
    """A control stream of this process' own, with the keys that the pairing left."""
    tasks = TaskGroupOwner()
    try:
        stream = await open_stream(session, StreamKind.CONTROL, tasks=tasks)
    except BaseException:
        await tasks.aclose()
        raise
    return Conversation(stream, session.control_key, tasks)


class Conversation:
    """Messages to and from the agent, in order. Close it, or use it as an asynchronous context."""

    def __init__(self, stream: StreamConnection, control_key: bytes, tasks: TaskGroupOwner) -> None:
        self._stream = stream
        self._tasks = tasks
        self._channel = ControlChannel("engineer", control_key, stream.stream_id)
        self._waiting: list[AgentToEngineer] = []
        self.ended: EndReason | None = None
        """Why the session is over, once the agent has said so. It keeps listening until we hang up."""
        self.taken_over: TakenOver | None = None
        """Who has taken over from us, once the agent has said so: we are out, and the session goes on."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def send(self, message: EngineerToAgent) -> None:
        """Raises ControlMessageTooLong, SessionHasEnded."""
        self._stream.write(self._channel.seal(message))
        try:
            await self._stream.drain()
        except StreamEnded as error:
            raise SessionHasEnded(reason="lost") from error

    async def receive(self) -> AgentToEngineer:
        """The next message. Raises SessionHasEnded (the agent says so, or the stream is gone) and PeerError."""
        message = await self._next()
        if isinstance(message, Ended):
            self.hang_up()
            raise SessionHasEnded(reason=message.reason)
        return message

    def hang_up(self) -> None:
        """Nothing more to say. The agent waits for that, so that its last word is not cut off with the session."""
        self._stream.close()

    async def _next(self) -> AgentToEngineer:
        """The next message, goodbye included: between it and hanging up there are still things to say."""
        while not self._waiting:
            try:
                data = await self._stream.read()
            except StreamEnded as error:
                raise SessionHasEnded(reason=self.ended or "lost") from error
            if not data:
                raise SessionHasEnded(reason=self.ended or "lost")
            for message in self._channel.receive_data(data):
                self._waiting.append(_from_agent(message))
        message = self._waiting.pop(0)
        if isinstance(message, Ended):
            self.ended = message.reason
        elif isinstance(message, TakenOver):
            self.taken_over = message
        return message

    async def ask_access(self, request: EngineerToAgent, timeout_seconds: float) -> Granted:
        """Asks, and waits for the customer. Raises AccessDenied, SessionHasEnded, AgentSilent, PeerError."""
        await self.send(request)
        try:
            async with asyncio.timeout(timeout_seconds):
                while isinstance(answer := await self.receive(), GrantMoved | TakenOver):
                    """What the customer changed meanwhile is no answer to this."""
        except TimeoutError:
            raise AgentSilent(what="agent") from None
        if isinstance(answer, Denied):
            raise AccessDenied(reason=answer.reason)
        if not isinstance(answer, Granted):
            raise PeerError(problem="an answer to a question that was not asked")
        return answer

    async def await_attested(self, timeout_seconds: float) -> bool | None:
        """Whether the agent saw the same output; None if it does not say so in time. Also after the session's end."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while not isinstance(message := await self._next(), Attested):
                    """Changes of the grant, and goodbye, may come before it."""
        except (TimeoutError, SessionHasEnded):
            return None
        return message.matches

    async def await_end(self) -> EndReason | None:
        """Waits until the session is over and says why; None: it goes on without us, somebody has taken over.

        Changes of the grant on the way are passed over.
        """
        while self.ended is None and self.taken_over is None:
            try:
                await self._next()
            except SessionHasEnded:
                return "lost"
        return self.ended

    async def goes_on(self, within_seconds: float) -> bool:
        """After a refusal: whether the session is not over by then. It ends with its only engineer."""
        try:
            async with asyncio.timeout(within_seconds):
                await self.await_end()
        except TimeoutError:
            return True
        return False

    async def aclose(self) -> None:
        """Leaves in order: what was sent is delivered, if that is possible soon."""
        self._stream.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_SECONDS):
                await self._stream.wait_closed()
        self._stream.kill()
        await self._tasks.aclose()


def _from_agent(message: EngineerToAgent | AgentToEngineer) -> AgentToEngineer:
    assert isinstance(message, AgentToEngineer)  # the channel decodes nothing else on this side
    return message
