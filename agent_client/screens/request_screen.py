"""Who asks for what and why, and the customer's answer. The default is No.

An Allow counts only when the question has been on the screen for a moment, and for powerful scopes only after the pause
that the session asks for: nobody allows by the key that they were just typing. Nor does it before the last line was in
sight: a question longer than the window is moved by keys.
"""

from rich.cells import cell_len

from agent_client.faces.face import DENIED, ConsentAnswer, ConsentQuestion
from agent_client.screens.keys import Key
from agent_client.screens.reading import Reading
from agent_client.screens.rows import BLANK, Row, Span, clock_text, flowed, row, shown, wrapped
from protocol.grants import Scope
from wording import Wording

SETTLE_MS = 1_000
"""Keys within this time after the question appeared were meant for what was there before."""

MINUTES_STEP = 5


class RequestForm:
    """One question on the screen. `press` returns the answer once there is one."""

    def __init__(self, question: ConsentQuestion, shown_at_ms: int) -> None:
        self.question = question
        self.scopes = set(question.scopes)
        self.minutes = question.minutes
        self.is_changing = False
        self._shown_at_ms = shown_at_ms
        self._order = [scope for scope in Scope if scope in question.scopes]
        self._at = 0
        self._is_pointer_followed = False
        self._pointed_row = 0
        self._reading = Reading()

    @property
    def allow_at_ms(self) -> int:
        return max(self.question.allow_not_before_ms, self._shown_at_ms + SETTLE_MS)

    @property
    def _least_minutes(self) -> int:
        """Who asks for scopes more may get them for the time that is left already."""
        return 0 if self.question.is_raise and self.question.scopes else min(self.question.minutes, MINUTES_STEP)

    def press(self, key: Key, now_ms: int) -> ConsentAnswer | None:
        if now_ms < self._shown_at_ms + SETTLE_MS:
            return None
        letter = key.text.lower() if key.kind == "text" else ""
        if letter == "n" or (key.kind == "control" and key.text in ("c", "d")):
            return DENIED
        if letter == "a":
            return self._allow(now_ms)
        if letter == "c":
            self.is_changing = not self.is_changing
            self._is_pointer_followed = self.is_changing
        elif self.is_changing and key.kind not in ("page-up", "page-down"):
            self._change(key)
        elif not self._reading.press(key) and key.kind == "enter":
            return DENIED
        return None

    def _allow(self, now_ms: int) -> ConsentAnswer | None:
        answer = ConsentAnswer(allowed=True, scopes=frozenset(self.scopes), minutes=self.minutes)
        is_due = now_ms >= self.allow_at_ms and self._reading.is_complete  # nobody allows what they did not read
        return answer if is_due and answer.gives_something(self.question) else None

    def _change(self, key: Key) -> None:
        lines = len(self._order) + bool(self.question.minutes)
        if key.kind in ("enter", "escape"):
            self.is_changing = False
        elif key.kind in ("up", "down"):
            self._at = (self._at + (1 if key.kind == "down" else -1)) % lines
            self._is_pointer_followed = True
        elif key.text == " " and self._at < len(self._order):
            self._toggle(self._order[self._at])
        elif key.kind == "left" or key.text == "-":
            self.minutes = max(self._least_minutes, self.minutes - MINUTES_STEP)
        elif key.kind == "right" or key.text == "+":
            self.minutes = min(self.question.minutes, self.minutes + MINUTES_STEP)

    def _toggle(self, scope: Scope) -> None:
        self.scopes ^= {scope}
        # Who types sees what happens: seeing belongs to typing.
        if scope is Scope.VIEW and scope not in self.scopes:
            self.scopes.discard(Scope.SHELL)
        elif scope is Scope.SHELL and scope in self.scopes and Scope.VIEW in self.question.scopes:
            self.scopes.add(Scope.VIEW)

    def hide(self) -> None:
        """The window is too small for any of it."""
        self._reading.forget()

    def rows(self, wording: Wording, width: int, height: int, now_ms: int) -> list[Row]:
        """At most `height` rows. A longer question can be moved, and is allowed only by who has seen its end."""
        text = self._text(wording, width, now_ms)
        keys = self._keys(wording, width, now_ms)
        room = height - len(keys) - 1
        if len(text) <= room:
            return [*self._reading.rows(text, width, room), BLANK, *keys]
        if self._is_pointer_followed:
            self._reading.bring_into_sight(self._pointed_row)
            self._is_pointer_followed = False
        was_complete = self._reading.is_complete
        rows = self._moved(text, keys, wording, width, height)
        # The line that says what is still to be done goes in the very frame that shows the end.
        return rows if self._reading.is_complete is was_complete else self._moved(text, keys, wording, width, height)

    def _moved(self, text: list[Row], keys: list[Row], wording: Wording, width: int, height: int) -> list[Row]:
        hint_id = "agent-request-seen" if self._reading.is_complete else "agent-request-unseen"
        hint = [row("  ", Span(line, "warning")) for line in wrapped(wording.say(hint_id), width - 4)]
        return [*self._reading.rows(text, width, max(height - len(hint) - len(keys), 1)), *hint, *keys]

    def _text(self, wording: Wording, width: int, now_ms: int) -> list[Row]:
        question = self.question
        who = wording.say(
            "agent-request-who",
            organisation=shown(question.organisation, 40),
            staff_number=shown(question.staff_number, 20),
        )
        rows = [BLANK, *_who(shown(question.name, 60), who, width)]
        rows += [row("  ", line) for line in wrapped(self._wants(wording, now_ms), width - 4)]
        rows.append(BLANK)
        for index, scope in enumerate(self._order):
            mark = "[x]" if scope in self.scopes else "[ ]"
            pointer = self._pointer(index, len(rows))
            lines = wrapped(wording.say(scope_id(scope)), width - 11)
            rows.append(row("   ", pointer, f"{mark} {lines[0]}"))
            rows += [row("          ", line) for line in lines[1:]]
        if {Scope.FILES_READ, Scope.FILES_WRITE} & question.scopes and question.folders:
            folders = ", ".join(shown(folder, 80) for folder in question.folders)
            rows += [
                row("       ", Span(line, "dim"))
                for line in wrapped(wording.say("agent-request-folders", folders=folders), width - 9)
            ]
        if question.minutes:
            pointer = self._pointer(len(self._order), len(rows))
            first, *more = wrapped(self._time(wording), width - 7)
            rows.append(row("   ", pointer, first))
            rows += [row("      ", line) for line in more]
        rows.append(BLANK)
        if question.takes_over:
            leaves = wording.say("agent-request-leaver", leaver=shown(question.takes_over.name, 60))
            rows += [row("  ", Span(line, "warning")) for line in wrapped(leaves, width - 4)]
        rows += [row("  ", line) for line in wrapped(wording.say("agent-request-recorded"), width - 4)]
        if question.client == "browser":
            from_page = wording.say("agent-request-browser", organisation=shown(question.organisation, 40))
            rows += [row("  ", Span(line, "warning")) for line in wrapped(from_page, width - 4)]
        return rows

    def _pointer(self, index: int, row_number: int) -> Span:
        """Before the line that keys change, which is in this row of the text."""
        if index == self._at:
            self._pointed_row = row_number
        return Span(" › ", "bold") if self.is_changing and index == self._at else Span("   ")

    def _wants(self, wording: Wording, now_ms: int) -> str:
        question, leaver = self.question, self.question.takes_over
        reason = shown(f"{question.ticket}: {question.reason}" if question.ticket else question.reason, 400)
        if leaver is None:
            return wording.say("agent-request-raise" if question.is_raise else "agent-request-wants", reason=reason)
        return wording.say(
            "agent-request-takes-over",
            leaver=shown(leaver.name, 60),
            staff_number=shown(leaver.staff_number, 20),
            time=clock_text(leaver.expires_at_ms - now_ms),
            reason=reason,
        )

    def _time(self, wording: Wording) -> str:
        if not self.question.is_raise:
            return wording.say("agent-request-minutes", minutes=self.minutes)
        # More time is for everything that is allowed, not for what is new alone.
        return wording.say(
            "agent-request-more-minutes" if self.minutes else "agent-request-same-time", minutes=self.minutes
        )

    def _keys(self, wording: Wording, width: int, now_ms: int) -> list[Row]:
        if self.is_changing:
            help_lines = [row(f"{line}  ") for line in wrapped(wording.say("agent-request-change-help"), width - 4)]
            return flowed([*help_lines, _key("c", wording.say("agent-key-done"))], width)
        wait_ms = self.allow_at_ms - now_ms
        seconds = f"{-(-wait_ms // 1000)} s …" if wait_ms > 0 else ""
        left = clock_text(self.question.expires_at_ms - now_ms)
        parts = [
            row(Span(wording.say("agent-request-allow"), "bold"), "  "),
            _key("N", wording.say("agent-key-no")),
            _key("a", wording.say("agent-key-allow")),
            _key("c", wording.say("agent-key-change")),
            row(Span(f"{seconds}   ({left})", "dim")),
        ]
        return flowed(parts, width)


def _who(name: str, who: str, width: int) -> list[Row]:
    """Name and what stands behind it: on one line where there is room, and never cut."""
    if cell_len(name) + cell_len(who) + 6 <= width:
        return [row("  ", Span(name, "bold"), "  ", Span(who, "good"))]
    return [row("  ", Span(name, "bold")), *(row("  ", Span(line, "good")) for line in wrapped(who, width - 4))]


def scope_id(scope: Scope) -> str:
    """The wording of a scope, as the customer understands it."""
    return f"agent-scope-{scope.name.lower().replace('_', '-')}"


def _key(letter: str, meaning: str) -> Row:
    return row(Span(f" {letter} ", "key"), f" {meaning}   ")
