"""The local page as a `Face`, and the rule that goes with it: while nobody looks, nothing runs.

    the page is connected       it is told everything, and takes every decision
    it went away                everything that an engineer runs is paused, as if the customer had pressed pause, and no
                                connection counts that was begun before that; what the engineer runs as this same user
                                can so neither come in the customer's place nor act behind their back
    it comes back               it is told what happened, open questions are put anew, and the customer says go on
    it stays away               nobody is there who could say stop: questions are answered with no, the session ends

An Allow counts only when the question has been on the page for a moment, as on the terminal.
"""

import asyncio
import base64
import contextlib
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from websockets.asyncio.server import ServerConnection

from agent_client.faces import notices
from agent_client.faces.face import Pause, Rating
from agent_client.faces.json_conversation import Facts, JsonConversation, as_json, kebab
from agent_client.faces.notices import Notice
from agent_client.host import unix_ms
from agent_client.page.desktop import Command, start_browser
from agent_client.page.door import Reason
from agent_client.page.history import History
from agent_client.page.peers import Address, Peer, find_peer
from agent_client.page.server import PageServer
from agent_client.page.site import SiteFile, load_site
from agent_client.page.visitor import LAST_WORDS_WITHIN_SECONDS, Visitor
from agent_client.screens.request_screen import SETTLE_MS
from protocol.errors import UnavailableError
from wording import Wording, safe_text

log = structlog.get_logger(__name__)

OPEN_WITHIN_SECONDS = 30.0
"""A browser that has to start first, on an old machine, takes this long. After it, the terminal takes over."""

LOOK_AGAIN_SECONDS = 0.2

AWAY_LIMIT_SECONDS = 120.0
"""As long as a question stands: a browser can be started again within it."""

STILL_FOR_SECONDS = 1.0
"""From "everything is stopped" to the first connection that counts: what was under way before has arrived by then."""

TOLD_AGAIN_SECONDS = 30.0

RECEIPT_LIMIT_BYTES = 4 * 1024 * 1024


class PageNotBuilt(UnavailableError):
    """The agent runs from a checkout in which nobody has built the page."""

    sentence = "The local page is not part of this installation. In a checkout, build it with: make web"


class PageFace(JsonConversation):
    """`open` before it is used as a face, `close` after it, on every path."""

    def __init__(
        self,
        wording: Wording,
        *,
        tell: Callable[[str], None],
        browser: Command,
        files: dict[str, SiteFile] | None = None,
        peer_of: Callable[[Address, Address], Peer] = find_peer,
        now_ms: Callable[[], int] = unix_ms,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tell` writes one line for whoever sits at the terminal. Raises PageNotBuilt."""
        super().__init__(now_ms=now_ms)
        self._wording = wording
        self._tell = tell
        self._browser = browser
        self._files = load_site() if files is None else files
        if not self._files:
            raise PageNotBuilt(what="page")
        self._peer_of = peer_of
        self._now = now
        self._history = History()
        self._visitor: Visitor | None = None
        self._was_here = asyncio.Event()
        self._away: asyncio.TimerHandle | None = None
        self._is_live = self._was_live = False
        self._is_paused = False
        self._told_of_refused_at = -TOLD_AGAIN_SECONDS

    # ── opening and closing ─────────────────────────────────────────────────────────────────────────────────────

    async def open(self) -> bool:
        """Serves the page and starts the customer's browser. False where no browser has come within the time."""
        self._loop = asyncio.get_running_loop()
        self._server = PageServer(
            self._files,
            on_visitor=self._attend,
            on_lost=self._left,
            on_refused=self._refused,
            peer_of=self._peer_of,
            now=self._now,
        )
        await self._server.start()
        address = self._server.door.new_link()
        self._tell(self._wording.say("agent-page-opening", address=address))
        if not await self._came(address):
            self._gone = True
            await self.close()
            return False
        self._tell(self._wording.say("agent-page-open"))
        return True

    async def _came(self, address: str) -> bool:
        try:
            browser = start_browser(self._browser, address)
        except OSError as error:
            log.info("browser_not_started", problem=type(error).__name__)
            return False
        deadline = self._loop.time() + OPEN_WITHIN_SECONDS
        # Many a browser goes on for hours in the process that was started; a failure is there at once.
        while not self._was_here.is_set() and not browser.poll() and self._loop.time() < deadline:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                    await self._was_here.wait()
        return self._was_here.is_set()

    def open_again(self) -> None:
        """The customer asks at the terminal for the page that they closed. What runs stands still meanwhile."""
        if self._visitor is not None:
            self._tell(self._wording.say("agent-page-is-open"))
        elif not self._gone and not self._server.door.is_shut:
            with contextlib.suppress(OSError):
                start_browser(self._browser, self._server.door.new_link())

    async def close(self) -> None:
        """What was said last is read first, if somebody reads."""
        if self._away is not None:
            self._away.cancel()
        if self._visitor is not None:
            self._visitor.goodbye()
            try:
                async with asyncio.timeout(LAST_WORDS_WITHIN_SECONDS):
                    await self._visitor.connection.wait_closed()
            except TimeoutError:
                log.info("page_not_read_to_the_end")
        await self._server.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone = True

    # ── to the page ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def room_size(self) -> None:
        """The page draws the shared terminal in the size that it has, larger or smaller: it never decides that."""
        return None

    def show(self, notice: Notice) -> None:
        super().show(notice)
        match notice:
            case notices.SessionLive():
                self._is_live = self._was_live = True
                if self._visitor is None:
                    self._stand_still()
            case notices.Paused(by="customer"):
                self._is_paused = True
                if self._visitor is None:
                    self._server.door.count_from(self._now() + STILL_FOR_SECONDS)
            case notices.Resumed(by="customer"):
                self._is_paused = False
                if self._visitor is None:
                    self._stand_still()
            case notices.SessionSummary():
                # Nothing of it runs any more: there is nobody left to keep out.
                self._is_live = False
                self._server.door.count_from(self._now())
            case notices.ReceiptWritten(path):
                self._tell(self._wording.say("agent-receipt", path=path))
                self._hand_out(Path(path))
            case notices.Failed(sentence):
                self._tell(safe_text(sentence))
            case _:
                pass

    def show_failure(self, sentence: str) -> None:
        """Told on the page alone: whoever started us says it at the terminal."""
        self._say(kebab(notices.Failed.__name__), {"sentence": sentence})

    async def rate(self) -> Rating | None:
        # The session is over: whoever stops us now wants to be asked nothing any more.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._nobody_left)
        return await super().rate()

    def room_output(self, data: bytes) -> None:
        self._history.remember_output(data)
        if self._visitor is None:
            return
        skipped = self._visitor.backlog.takes_output(len(data))
        if skipped is None:
            return
        if skipped:
            self._say("room-output-skipped", {"bytes": skipped})
        self._visitor.put(_output(data), is_output=True)

    def _hand_out(self, path: Path) -> None:
        """The receipt itself, so that it can be kept from the page, too."""
        try:
            if path.stat().st_size <= RECEIPT_LIMIT_BYTES:
                self._send("receipt", {"name": path.name, "text": path.read_text("utf-8")})
        except (OSError, UnicodeDecodeError) as error:
            log.warning("receipt_not_handed_out", problem=type(error).__name__)

    def _say(self, event: str, facts: Facts | None = None, *, is_output: bool = False) -> None:
        """Whatever others wrote is made fit to be shown: no override turns a name or a path round."""
        del is_output
        self._send(event, {name: _safe(value) for name, value in (facts or {}).items()})

    def _send(self, event: str, facts: Facts) -> None:
        frame = as_json(event, facts)
        self._history.remember(event, facts, frame)
        if self._visitor is not None:
            self._visitor.put(frame)

    def _put(self, number: int) -> None:
        """Only what somebody looks at is put; and from then on they get a moment to read."""
        if self._visitor is None:
            return
        question, answer = self._questions[number]
        settled_at_ms = self._now_ms() + SETTLE_MS
        question = replace(question, allow_not_before_ms=max(question.allow_not_before_ms, settled_at_ms))
        self._questions[number] = (question, answer)
        super()._put(number)

    # ── from the page ───────────────────────────────────────────────────────────────────────────────────────────

    async def _attend(self, connection: ServerConnection) -> None:
        if self._gone:
            return
        if self._away is not None:
            self._away.cancel()
        visitor = self._visitor = Visitor(connection)
        self._greet(visitor)
        sending = asyncio.create_task(visitor.send_all(), name="send to the page")
        self._was_here.set()
        try:
            async for frame in connection:
                self._take_line(frame if isinstance(frame, bytes) else frame.encode())
        finally:
            sending.cancel()

    def _greet(self, visitor: Visitor) -> None:
        visitor.put(as_json("page-opened", {"now_ms": self._now_ms(), "language": self._wording.language}))
        for event in self._history.events:
            visitor.put(event)
        if self._history.output:
            visitor.put(_output(self._history.output), is_output=True)
        for number in self._questions:
            self._put(number)
        if self._rating is not None:
            self._say("rating-question")

    def _left(self) -> None:
        """Called when the page's connection is lost, for whatever reason."""
        self._visitor = None
        if self._gone:
            return
        self._away = self._loop.call_later(AWAY_LIMIT_SECONDS, self._nobody_left)
        if self._is_live:
            self._stand_still()

    def _stand_still(self) -> None:
        self._server.door.shut()
        # Said even if it is paused: the last thing that the page said may have been to go on.
        self._commands.put_nowait(Pause())
        if self._is_paused:
            self._server.door.count_from(self._now() + STILL_FOR_SECONDS)

    def _refused(self, reason: Reason, peer: Peer) -> None:
        if reason == "spent-link" and peer.user_id is None and not self._was_live:
            # The system does not say whose connection it is: another user may have been faster with the link.
            self.show(notices.Failed(sentence=self._wording.say("agent-page-link-used")))
            self._nobody_left()
        elif reason in ("taken", "spent-link") and self._loop.time() >= self._told_of_refused_at + TOLD_AGAIN_SECONDS:
            # Whoever tries for ever is told of now and then.
            self._told_of_refused_at = self._loop.time()
            self._say("page-refused")


def _safe(value: object) -> object:
    match value:
        case str():
            # A message may have several lines; everywhere else a browser draws a line feed as a space.
            return "\n".join(safe_text(line) for line in value.split("\n"))
        case list():
            return [_safe(each) for each in value]
        case dict():
            return {name: _safe(each) for name, each in value.items()}
        case _:
            return value


def _output(data: bytes) -> bytes:
    return as_json("room-output", {"data": base64.b64encode(data).decode()})
