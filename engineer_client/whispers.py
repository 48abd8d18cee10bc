"""What staff say to each other about a session that runs, through the broker: the customer does not read it.

A supervisor whispers to the engineer, who may answer. Unlike chat it does not go over the session: the broker keeps it
beside the notes, and can read it.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from engineer_client.login import api_of, find_login, refresh_profile
from engineer_client.presence import Presence
from engineer_client.shown import clock_text
from engineer_client.state import State
from protocol.details import Detail
from protocol.errors import ConsentryError, InputError, PeerError, UnavailableError
from tunnel.json_api import JsonApi, LoginNeeded, ServerRefused
from wording import Wording, safe_text

TEXT_LIMIT_CHARACTERS = 500

WAIT_SECONDS = 15
"""As long as the broker lets somebody wait at most."""

PAUSE_SECONDS = 5.0
"""After an answer that came at once without anything in it, and while the broker cannot be reached."""


class WhisperUnusable(InputError):
    """Empty, or longer than the broker takes."""

    sentence = "A whisper has 1 to {limit} characters; this one has {length}."


class Whisper(Struct, frozen=True):
    """`said_at_ms` is the broker's clock; `mine`: this engineer said it, here or elsewhere."""

    number: Annotated[int, Meta(ge=1)]
    name: str
    staff_number: str
    said_at_ms: int
    text: str
    mine: bool
    kind: str = "text"


class _Answer(Struct, frozen=True):
    whispers: list[Whisper]
    is_over: bool


def whisper(api: JsonApi, session_id: str, text: str) -> None:
    """Raises WhisperUnusable, and what `JsonApi.post` does."""
    text = text.strip()
    if not 0 < len(text) <= TEXT_LIMIT_CHARACTERS:
        raise WhisperUnusable(limit=TEXT_LIMIT_CHARACTERS, length=len(text))
    api.post(f"/v1/sessions/{session_id}/whispers", {"text": text})


def list_whispers(api: JsonApi, session_id: str) -> list[Whisper]:
    """In the order in which they were said."""
    return _ask(api, session_id, after=0, wait_seconds=0).whispers


def whisper_lines(said: Whisper, wording: Wording) -> list[str]:
    """As lines of a terminal: nothing in them does anything but be read."""
    if said.kind == "join":
        return [wording.say("engineer-whisper.join", clock=clock_text(said.said_at_ms), name=safe_text(said.name))]
    first, *more = (safe_text(text) for text in said.text.split("\n"))
    name = wording.say("engineer-chat.you") if said.mine else safe_text(said.name)
    row = wording.say("engineer-whisper.row", clock=clock_text(said.said_at_ms), name=name, text=first)
    return [row, *(wording.say("engineer-chat.more", text=text) for text in more)]


class HeardWhispers:
    """Listens while something else goes on. `said` are those of other people, in their order.

    In a thread that nobody waits for: each question stays open for as long as there is nothing to hear. Whoever is not
    logged in, or has no such session at the broker, hears nothing, and is not disturbed by that.
    """

    def __init__(self, state: State, session_id: str, on_whisper: Callable[[Whisper], None]) -> None:
        """`on_whisper` is called on the event loop for each one that comes."""
        self._state = state
        self._session_id = session_id
        self._on_whisper = on_whisper
        self._loop = asyncio.get_running_loop()
        self._left = threading.Event()
        self._known = 0
        self.said: list[Whisper] = []

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """While the block lasts."""
        threading.Thread(target=self._listen, name="hear whispers", daemon=True).start()
        try:
            yield
        finally:
            self._left.set()

    def _listen(self) -> None:
        # A login that has ended, or a session that is over: there is nothing to hear any more.
        with contextlib.suppress(ConsentryError):
            login = find_login(self._state, None)
            while True:
                try:
                    self._hear(api_of(login, asyncio.run(refresh_profile(self._state, login))))
                    return
                except LoginNeeded:
                    # Whoever logged in meanwhile, in another terminal, has replaced the login that we had.
                    former, login = login, find_login(self._state, None)
                    if login.token == former.token:
                        return

    def _hear(self, api: JsonApi) -> None:
        """Until the session is over or nobody listens any more. Raises LoginNeeded."""
        presence = Presence(api)
        while not self._left.is_set():
            began = time.monotonic()
            try:
                presence.tell()
                answer = _ask(api, self._session_id, after=self._known, wait_seconds=WAIT_SECONDS)
            except UnavailableError:
                self._left.wait(PAUSE_SECONDS)
                continue
            for each in answer.whispers:
                self._known = each.number
                if not each.mine:
                    self._tell(each)
            if answer.is_over:
                return
            if not answer.whispers and time.monotonic() - began < 1:
                self._left.wait(PAUSE_SECONDS)

    def _tell(self, said: Whisper) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._take, said)

    def _take(self, said: Whisper) -> None:
        if not self._left.is_set():
            self.said.append(said)
            self._on_whisper(said)


def _ask(api: JsonApi, session_id: str, *, after: int, wait_seconds: int) -> _Answer:
    try:
        return msgspec.convert(
            api.get(f"/v1/sessions/{session_id}/whispers?after={after}&wait={wait_seconds}"), _Answer
        )
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("whispers that make no sense ({error})", error=error)) from None
    except ServerRefused as refusal:
        if refusal.fields["status"] in (429, 503):
            raise UnavailableError(what="The broker") from None
        raise
