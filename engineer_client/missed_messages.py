"""Listens to the chat while a shell has the terminal, which nothing else may write on: a bell rings for each message,
and what was written is told when the shell has gone."""

import asyncio
from collections.abc import Callable

from engineer_client.chat import News, session_chat
from protocol.errors import ConsentryError
from protocol.messages.control import Said
from tunnel.paired_session import PairedSession

LISTEN_AFTER_SECONDS = 2.0
"""A prompt comes first: another stream at the same moment would compete with it for the customer's spare leg."""


class MissedMessages:
    """`lines` are those of other people, in their order. `ring` is called for each one when it comes."""

    def __init__(self, ring: Callable[[], None], *, after_seconds: float = LISTEN_AFTER_SECONDS) -> None:
        self._ring = ring
        self._after_seconds = after_seconds
        self.lines: list[Said] = []

    async def listen(self, session: PairedSession) -> None:
        """Until the session ends, or this is cancelled. A customer's program without chat, or one that cannot be
        reached, is no reason to disturb a shell."""
        await asyncio.sleep(self._after_seconds)
        try:
            async with session_chat(session, self._take) as chat:
                await chat.ended
        except ConsentryError:
            return

    def _take(self, news: News) -> None:
        if isinstance(news, Said) and not news.mine:
            self.lines.append(news)
            self._ring()
