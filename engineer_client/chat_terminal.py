"""What `consentry chat` shows and reads: lines of text for people, JSON lines for programs.

Lines are read in a thread: standard input may be a terminal, a pipe or a file. On a terminal, what is told meanwhile
is written above the line that is being typed, which stays as it is.
"""

import asyncio
import contextlib
import json
import sys
import termios
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec

from engineer_client.chat import LineNotTaken, LineUncertain, News, SessionChat, session_chat
from engineer_client.control import SessionHasEnded
from engineer_client.shown import clock_text, scopes_text
from engineer_client.state import State
from engineer_client.whispers import HeardWhispers, Whisper, whisper_lines
from protocol.chat import LineUnusable
from protocol.errors import ConsentryError
from protocol.messages.control import GrantMoved, Said, SessionMoved, TakenOver
from protocol.messages.fields import EndReason
from tunnel.paired_session import PairedSession
from wording import Wording, safe_text

_ERASE_LINE = "\r\x1b[K"


async def send_line(session: PairedSession, typed: str) -> None:
    """One line, and away. Raises what `session_chat` and `SessionChat.say` do."""
    async with session_chat(session, lambda _: None) as chat:
        await chat.say(typed)


async def talk(session: PairedSession, wording: Wording, state: State, *, as_json: bool) -> EndReason | None:
    """Shows what is told and sends what is typed, until standard input or the session ends; why, if it was the session.

    Raises what `session_chat` does.
    """
    page = _JsonPage() if as_json else ChatPage(wording, is_typed_on=sys.stdin.isatty() and sys.stdout.isatty())
    whispers = HeardWhispers(state, session.session_id.hex(), page.whispered)
    with _terminal_as_it_was(), whispers.heard():
        async with session_chat(session, page.news) as chat:
            typing = asyncio.create_task(_send_what_is_typed(chat, page), name="typed lines")
            either: list[asyncio.Future[Any]] = [typing, chat.ended]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not chat.ended.done():
                await typing
                return None
            typing.cancel()
            reason = await chat.ended
            page.ended(reason)
            return reason


def said_lines(said: Said, wording: Wording) -> list[str]:
    """One line of chat as lines of a terminal: nothing in them does anything but be read."""
    name = said.name or wording.say("engineer-chat.customer")
    name = wording.say("engineer-chat.you") if said.mine else safe_text(name)
    first, *more = (safe_text(text) for text in said.text.split("\n"))
    row = wording.say("engineer-chat.row", clock=clock_text(said.said_at_ms), name=name, text=first)
    return [row, *(wording.say("engineer-chat.more", text=text) for text in more)]


def taken_over_line(told: TakenOver, wording: Wording) -> str:
    return wording.say("engineer-taken-over", name=safe_text(told.name), staff_number=safe_text(told.staff_number))


class ChatPage:
    """For a person. With `is_typed_on`, lines that were typed here stand on the screen already."""

    def __init__(self, wording: Wording, *, is_typed_on: bool) -> None:
        self._wording = wording
        self._is_typed_on = is_typed_on
        self._is_paused = False
        self._typed: list[str] = []
        self.prompt = f"{wording.say('engineer-chat.prompt')} " if is_typed_on else ""

    def typed(self, text: str) -> None:
        if self._is_typed_on:
            self._typed.append(text.strip())

    def news(self, news: News) -> None:
        match news:
            case Said(mine=True) if news.text in self._typed:
                self._typed.remove(news.text)
            case Said():
                self._write("\n".join(said_lines(news, self._wording)))
            case SessionMoved(paused_by=()):
                if self._is_paused:
                    self._say("resumed")
                self._is_paused = False
            case SessionMoved():
                self._is_paused = True
                self._say(f"paused-{news.paused_by[-1]}")
            case GrantMoved(scopes=()):
                self._say("nothing")
            case GrantMoved():
                self._say("allowed", scopes=scopes_text(news.scopes), until=clock_text(news.expires_at_ms))

            case TakenOver():
                self._write(taken_over_line(news, self._wording))

    def whispered(self, said: Whisper) -> None:
        self._write("\n".join(whisper_lines(said, self._wording)))

    def ended(self, reason: EndReason) -> None:
        why = self._wording.say(f"engineer-end-reason.{reason}")
        self._write(self._wording.say("engineer-over", reason=why))

    def trouble(self, error: ConsentryError) -> None:
        self._typed.clear()
        self._write(self._wording.say_error(error))

    def _say(self, what: str, **fields: str) -> None:
        self._write(self._wording.say(f"engineer-chat.{what}", **fields))

    def _write(self, text: str) -> None:
        begun = f"{self.prompt}{_line_being_typed()}" if self._is_typed_on else ""
        sys.stdout.write(f"{_ERASE_LINE if begun else ''}{text}\n{begun}")
        sys.stdout.flush()


class _JsonPage:
    """For a program: one object per line, ASCII."""

    prompt = ""

    def typed(self, text: str) -> None:
        """A program knows what it wrote."""

    def news(self, news: News) -> None:
        self._write({"event": type(news).__struct_config__.tag, **msgspec.structs.asdict(news)})

    def whispered(self, said: Whisper) -> None:
        self._write({"event": "whispered", **msgspec.structs.asdict(said)})

    def ended(self, reason: EndReason) -> None:
        self._write({"event": "ended", "reason": reason})

    def trouble(self, error: ConsentryError) -> None:
        self._write({"event": "not-said", "detail": str(error)})

    def _write(self, fields: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()


async def _send_what_is_typed(chat: SessionChat, page: ChatPage | _JsonPage) -> None:
    async for typed in _typed_lines(page.prompt):
        if not typed.strip():
            continue
        page.typed(typed)
        try:
            await chat.say(typed)
        except (LineUnusable, LineNotTaken, LineUncertain) as error:
            page.trouble(error)
        except SessionHasEnded:
            return


async def _typed_lines(prompt: str) -> AsyncIterator[str]:
    """Standard input, line by line, until it ends. Its thread is not waited for: nothing can make it stop reading."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        line: str | None = ""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            while line is not None:
                try:
                    line = input(prompt) if prompt else (sys.stdin.readline() or None)
                except (EOFError, OSError, UnicodeDecodeError):
                    line = None
                loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=read, name="read typed lines", daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


def _line_being_typed() -> str:
    """What stands behind the prompt, where the line editor knows it."""
    with contextlib.suppress(ImportError):
        import readline

        return readline.get_line_buffer()
    return ""


@contextlib.contextmanager
def _terminal_as_it_was() -> Iterator[None]:
    """The line editor sets the terminal up for itself, and may be left in the middle of a line."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
