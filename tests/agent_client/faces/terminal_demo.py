"""A live session on the terminal that this process was started on, which ends in the way that the argument names."""

import asyncio
import signal
import sys

from agent_client.faces import notices
from agent_client.faces.terminal_face import TerminalFace
from protocol.grants import Scope
from wording import Wording


async def main(way: str) -> None:
    async with TerminalFace(Wording("en"), {}) as face:
        face.show(notices.SessionLive((notices.Present(1, "Ann", "7", frozenset({Scope.SHELL}), 2**52),)))
        async for _command in face.commands():
            break
        if way == "raise":
            raise RuntimeError
        if way == "exit":
            sys.exit(3)


signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it, as `nohup` does
asyncio.run(main(sys.argv[1]))
