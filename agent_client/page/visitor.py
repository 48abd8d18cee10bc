"""The page that is connected: what it is sent, in order, and how far it is behind."""

import asyncio

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from agent_client.faces.json_conversation import Backlog

LAST_WORDS_WITHIN_SECONDS = 2.0


class Visitor:
    """`put` returns at once; `send_all` is the task that sends. A page that does not read is hung up on."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.backlog = Backlog()
        self._waiting: asyncio.Queue[tuple[bytes, bool] | None] = asyncio.Queue()

    def put(self, frame: bytes, *, is_output: bool = False) -> None:
        if self.backlog.put(len(frame), is_output=is_output):
            self._waiting.put_nowait((frame, is_output))
        else:
            self.connection.transport.abort()

    def goodbye(self) -> None:
        """What was put so far is the last."""
        self._waiting.put_nowait(None)

    async def send_all(self) -> None:
        try:
            while (item := await self._waiting.get()) is not None:
                frame, is_output = item
                await self.connection.send(frame, text=True)
                self.backlog.read(len(frame), is_output=is_output)
            await self.connection.close()
        except ConnectionClosed:
            pass
