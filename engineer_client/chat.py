"""Messages between the customer and the engineers of a session that runs, on a control stream of their own.

An agent from before there was chat does not know the first word of it and ends the stream: nothing else is harmed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from engineer_client.control import Conversation, SessionHasEnded, open_conversation
from protocol.chat import chat_line
from protocol.errors import ConsentryError, RefusedError, UnavailableError
from protocol.messages.control import (
    AgentToEngineer,
    FollowSession,
    GrantMoved,
    Said,
    Say,
    SayRefused,
    SayTaken,
    SessionMoved,
    TakenOver,
)
from protocol.messages.fields import EndReason
from tunnel.paired_session import PairedSession
from tunnel.tasks import TaskGroupOwner

T = TypeVar("T")

ANSWER_TIMEOUT_SECONDS = 30.0
"""A recording that has no room holds lines back as it holds the shell back; then a person wants to know."""

News = Said | SessionMoved | GrantMoved | TakenOver
"""What a program that follows a session is told, until the session's end."""


class ChatNotKnown(RefusedError):
    """The stream was ended as the answer to its first message."""

    sentence = "The customer's program does not take messages, or the session is over. Talk on the phone."


class LineNotTaken(RefusedError):
    """The customer's program said no. `reason` is one of `NotSaid`."""

    sentence = "The message was not taken, and nobody saw it ({reason})."


class LineUncertain(UnavailableError):
    """No answer in time: the line may still arrive."""

    sentence = "The customer's computer has not confirmed the message yet. It may still arrive."


class SessionChat:
    """Follows a session. `on_news` is called for all that is told, in order; one's own lines come, too."""

    def __init__(self, conversation: Conversation, on_news: Callable[[News], None]) -> None:
        loop = asyncio.get_running_loop()
        self._conversation = conversation
        self._on_news = on_news
        self._begun: asyncio.Future[None] = loop.create_future()
        self._known_line = 0
        self._newest_line: int | None = None
        self._answer: asyncio.Future[SayTaken | SayRefused] = loop.create_future()
        self.ended: asyncio.Future[EndReason] = loop.create_future()
        """Why the session is over; or what was wrong, if the other end does not speak as agreed."""
        self.ended.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # whoever asks, is told

    async def begin(self, after: int = 0) -> None:
        """Asks to be told of everything after that line; returns when all that was written until now has been told.

        Raises ChatNotKnown, SessionHasEnded, PeerError.
        """
        self._known_line = after
        await self._conversation.send(FollowSession(after=after))
        await self._unless_it_ends(self._begun)

    async def say(self, typed: str) -> int:
        """Sends what was typed; its number, once it is in the recording. One line at a time.

        Raises LineUnusable, LineNotTaken, LineUncertain, SessionHasEnded, PeerError.
        """
        self._answer = asyncio.get_running_loop().create_future()
        await self._conversation.send(Say(text=chat_line(typed)))
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                answer = await self._unless_it_ends(self._answer)
        except TimeoutError:
            raise LineUncertain from None
        if isinstance(answer, SayRefused):
            raise LineNotTaken(reason=answer.reason)
        return answer.number

    async def run(self) -> None:
        """Listens until the end. Never raises: `ended` says how it went."""
        try:
            while True:
                self._take(await self._conversation.receive())
        except SessionHasEnded as over:
            if self._newest_line is None and self._conversation.ended is None:
                self.ended.set_exception(ChatNotKnown())
            else:
                self.ended.set_result(over.fields["reason"])  # type: ignore[arg-type]  # made with an EndReason alone
        except ConsentryError as error:
            self.ended.set_exception(error)

    def _take(self, message: AgentToEngineer) -> None:
        match message:
            case SayTaken() | SayRefused():
                if not self._answer.done():
                    self._answer.set_result(message)
            case SessionMoved() | Said() | GrantMoved() | TakenOver():
                self._on_news(message)
                self._note_how_far(message)
            case _:
                pass

    def _note_how_far(self, news: News) -> None:
        if isinstance(news, Said):
            self._known_line = news.number
        elif isinstance(news, SessionMoved) and self._newest_line is None:
            self._newest_line = news.newest_line
        if not self._begun.done() and self._newest_line is not None and self._known_line >= self._newest_line:
            self._begun.set_result(None)

    async def _unless_it_ends(self, wanted: "asyncio.Future[T]") -> T:
        either: list[asyncio.Future[Any]] = [wanted, self.ended]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not wanted.done():
            raise SessionHasEnded(reason=await self.ended)
        return wanted.result()


@asynccontextmanager
async def session_chat(session: PairedSession, on_news: Callable[[News], None]) -> AsyncIterator[SessionChat]:
    """A session that is followed while the block runs. Raises what `open_conversation` and `begin` do."""
    async with await open_conversation(session) as conversation:
        tasks = TaskGroupOwner()
        chat = SessionChat(conversation, on_news)
        tasks.start(chat.run(), name="follow-session")
        try:
            await chat.begin()
            yield chat
        finally:
            await tasks.aclose()
