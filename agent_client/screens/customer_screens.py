"""All screens of one customer: which of them is in front, what keys mean on it, and its rows.

in front            while
────────            ─────
request             a question is open (one at a time, in order)
rating              the session asks for it
summary             the session is over
change              the customer narrows what was allowed
chat                the customer reads and writes messages
shared terminal     the session is live
code                before that
"""

from agent_client.faces import notices
from agent_client.faces.face import (
    CancelCode,
    ConsentAnswer,
    ConsentQuestion,
    CustomerCommand,
    End,
    NewCode,
    Pause,
    Resume,
    Say,
    Typed,
)
from agent_client.screens.chat_screen import ChatForm
from agent_client.screens.code_screen import STATE_ROWS, CodeFacts, code_rows
from agent_client.screens.end_screen import RatingForm, summary_rows
from agent_client.screens.keys import PASTE_BEGIN, PASTE_END, Key
from agent_client.screens.live_screen import ChangeForm, LiveFacts
from agent_client.screens.request_screen import RequestForm
from agent_client.screens.room_screen import RoomScreen
from agent_client.screens.rows import BLANK, Row, Span, fitted, paint, row, shown, wrapped
from agent_client.screens.status_rows import STATUS_ROWS, status_rows
from wording import Wording

PREFIX = "]"
"""Ctrl-] (as telnet has it): rarely wanted by a program, and a Chinese keyboard has it too."""

LEAST_COLUMNS, LEAST_ROWS = 40, 12

Frame = tuple[list[str], tuple[int, int] | None]
"""A line of escapes for each row of the window, and where the cursor stands, if it is to be seen."""


class CustomerScreens:
    """Notices and keys in, commands and frames out."""

    def __init__(self, wording: Wording, *, colour: bool) -> None:
        self._wording = wording
        self._colour = colour
        self._code = CodeFacts()
        self._change: ChangeForm | None = None
        self._chat: ChatForm | None = None
        self._summary: notices.SessionSummary | None = None
        self._receipt = ""
        self._failure = ""
        self._prefix_pressed = False
        self.request: RequestForm | None = None
        self.rating: RatingForm | None = None
        self.live: LiveFacts | None = None
        self.room: RoomScreen | None = None

    # ── what happens ────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, notice: notices.Notice, now_ms: int) -> None:
        match notice:
            case notices.SharingStarted():
                self._code.organisation, self._code.notice = notice.organisation, notice.notice
            case notices.HelpAsked(words):
                self._code.asked = words
            case notices.HelpTaken(name, staff_number):
                self._code.helper, self._code.helper_number = name, staff_number
            case notices.CodeShown(code, expires_at_ms):
                self._code.code, self._code.expires_at_ms, self._code.asking = code, expires_at_ms, False
            case notices.CodeEnded(outcome):
                self._code.code, self._code.ended = "", outcome
            case notices.EngineerAsking():
                self._code.asking, self._failure = True, ""  # what was wrong with the one before is over
            case notices.SessionLive(participants):
                self.live = LiveFacts({each.participant: each for each in participants})
            case notices.ConnectionState(to="broker"):
                self._code.offline_since_ms = notice.waiting_since_ms
            case notices.SessionSummary():
                self._summary = notice
            case notices.ReceiptWritten(path):
                self._receipt = path
            case notices.Failed(sentence):
                self._failure = shown(sentence, 2000)
            case notices.Stopped(name, staff_number, why):
                self._failure = self._wording.say(
                    "agent-stopped", name=shown(name, 100), staff_number=shown(staff_number, 100), why=shown(why, 200)
                )
            case notices.ChatRefused(reason) if self._chat is not None:
                self._chat.refused(f"agent-chat-refused-{reason}")
            case _:
                pass
        if self.live is not None:
            self.live.take(notice, self._wording, now_ms)
            if self._chat is not None and isinstance(notice, notices.ChatSaid):
                self.live.messages_read()

    def ask(self, question: ConsentQuestion, now_ms: int) -> None:
        """Puts it in front of everything. What was being narrowed is given up: it was of another moment."""
        self._change = None
        self._prefix_pressed = False
        self.request = RequestForm(question, now_ms)

    def stop_asking(self) -> None:
        self.request = None
        self._code.asking = False

    def output_left_out(self, byte_count: int, now_ms: int) -> None:
        if self.room is not None:
            self.room.skip()
        if self.live is not None:
            self.live.left_out(byte_count, now_ms)

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    def press(self, keys: list[Key], now_ms: int) -> list[CustomerCommand | ConsentAnswer]:
        """What the customer wants by these keys. What was typed into the shared terminal at once stays one piece."""
        wishes: list[CustomerCommand | ConsentAnswer] = []
        for key in keys:
            for wish in self._press(key, now_ms):
                if isinstance(wish, Typed) and wishes and isinstance(wishes[-1], Typed):
                    wishes[-1] = Typed(wishes[-1].data + wish.data)
                else:
                    wishes.append(wish)
        return wishes

    def _press(self, key: Key, now_ms: int) -> list[CustomerCommand | ConsentAnswer]:
        if self.request is not None:
            answer = self.request.press(key, now_ms)
            self._code.opening = answer is not None and answer.allowed
            return [] if answer is None else [answer]
        if self.rating is not None:
            self.rating.press(key)
            return []
        if self._summary is not None:
            return []
        if self._change is not None:
            narrowings = self._change.press(key)
            if narrowings is not None:
                self._change = None
            return [*(narrowings or [])]
        if self._chat is not None:
            line = self._chat.press(key)
            if self._chat.is_over:
                self._chat = None
            return [] if line is None else [Say(line)]
        if self.live is not None and self.room is not None:
            return [*self._press_live(self.live, self.room, key, now_ms)]
        return [*self._press_before(key)]

    def _press_before(self, key: Key) -> list[CustomerCommand]:
        if key.text in ("q", "Q") or (key.kind == "control" and key.text in ("c", "d")):
            return [End()]
        return [NewCode()] if key.text in ("n", "N") and not self._code.code else []

    def _press_live(self, live: LiveFacts, room: RoomScreen, key: Key, now_ms: int) -> list[CustomerCommand]:
        is_prefix = key.kind == "control" and key.text == PREFIX
        if not self._prefix_pressed:
            self._prefix_pressed = is_prefix
            return [] if is_prefix else [Typed(_as_typed(key, room))]
        self._prefix_pressed = False
        match key.text.lower() if key.kind == "text" else "":
            case "p":
                return [Resume() if live.paused_by else Pause()]
            case "c":
                self._change = ChangeForm(dict(live.participants))
            case "m":
                self._chat = ChatForm()
                live.messages_read()
            case "n":
                return [CancelCode() if live.code else NewCode()]
            case "e":
                return [End()]
            case _ if is_prefix:
                return [Typed(key.raw)]
            case _:
                live.happened(self._wording.say("agent-live-help"), now_ms)
        return []

    # ── frames ──────────────────────────────────────────────────────────────────────────────────────────────────

    def frame(self, columns: int, height: int, now_ms: int) -> Frame:
        if columns < LEAST_COLUMNS or height < LEAST_ROWS:
            if self.request is not None:
                self.request.hide()
            too_small = self._wording.say("agent-too-small", columns=LEAST_COLUMNS, rows=LEAST_ROWS)
            return self._painted([row(line) for line in wrapped(too_small, columns)], columns, height), None
        if self.live is None or self._summary is not None:
            return self._painted(self._in_front(columns, height, now_ms), columns, height), None
        status = status_rows(self.live, self._wording, now_ms, columns, prefix_pressed=self._prefix_pressed)
        if self.room is not None and not (self.request or self._change or self._chat):
            return self._room_frame(self.room, self._painted(status, columns, STATUS_ROWS), height)
        # Whatever is in front, who is in and that it is recorded stays in sight.
        rows = self._in_front(columns, height - 1, now_ms)
        return self._painted(rows, columns, height - 1) + self._painted(status, columns, 1), None

    def _room_frame(self, room: RoomScreen, status: list[str], height: int) -> Frame:
        lines = room.painted(colour=self._colour)[: height - STATUS_ROWS]
        lines += [""] * (height - STATUS_ROWS - len(lines))
        cursor = room.cursor
        return lines + status, None if cursor is None or cursor[1] >= height - STATUS_ROWS else cursor

    def _in_front(self, columns: int, height: int, now_ms: int) -> list[Row]:
        wording = self._wording
        if self.request is not None:
            return self.request.rows(wording, columns, height, now_ms)
        if self._change is not None and self._summary is None:
            return self._change.rows(wording, columns, height)
        if self._chat is not None and self.live is not None and self._summary is None:
            return self._chat.rows(self.live.lines, wording, columns, height)
        if self._summary is None:
            rows = code_rows(self._code, wording, columns, now_ms)
            last = STATE_ROWS
        else:
            asked = self.rating.rows(wording, columns) if self.rating is not None else []
            rows = [BLANK, *summary_rows(self._summary, self._receipt, wording, columns), *asked]
            last = len(asked)
        if self._failure:
            failed = [BLANK, *(row("  ", Span(line, "warning")) for line in wrapped(self._failure, columns - 4))]
            rows += failed
            last += len(failed)
        return fitted(rows, height, last=last)

    def last_words(self, columns: int) -> list[str]:
        """What stays in the terminal after the screens are gone."""
        rows: list[Row] = [row(Span(line, "warning")) for line in wrapped(self._failure, columns) if line]
        if self._summary is not None:
            rows += summary_rows(self._summary, self._receipt, self._wording, columns)
        given = self.rating.rating if self.rating is not None else None
        if given is not None:
            rows += [BLANK, row("  ", self._wording.say("agent-rated", stars=given.stars))]
        return self._painted(rows, columns, len(rows))

    def _painted(self, rows: list[Row], columns: int, height: int) -> list[str]:
        lines = [paint(line, columns, colour=self._colour) for line in rows[:height]]
        return lines + [""] * (height - len(lines))


def _as_typed(key: Key, room: RoomScreen) -> bytes:
    """What a program in the shared terminal expects to get for a key, in the modes that it has set."""
    if key.kind == "paste":
        return PASTE_BEGIN + key.raw + PASTE_END if room.wants_bracketed_paste else key.raw
    if room.wants_application_keys and key.kind in ("up", "down", "left", "right"):
        return b"\x1bO" + key.raw[-1:]
    return key.raw
