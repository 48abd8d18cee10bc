"""What the customer knows of the running session, and the form that narrows what was allowed."""

from dataclasses import dataclass, field, replace

from agent_client.faces import notices
from agent_client.faces.face import Narrow
from agent_client.faces.notices import ChatSaid, Present
from agent_client.screens.chat_screen import author_of
from agent_client.screens.keys import Key
from agent_client.screens.reading import Reading
from agent_client.screens.request_screen import scope_id
from agent_client.screens.rows import BLANK, Row, Span, row, shown, size_text, wrapped
from protocol.chat import KEPT_LINES
from protocol.events import CUSTOMER
from protocol.grants import Scope
from wording import Wording

HAPPENING_MS = 6_000
"""How long the last happening stands in the place of the keys."""


@dataclass(slots=True)
class LiveFacts:
    """What stands in the status (status_rows.py). Times are Unix milliseconds."""

    participants: dict[int, Present] = field(default_factory=dict)
    paused_by: set[str] = field(default_factory=set)
    recorded_bytes: int = 0
    acked_bytes: int = 0
    away_since_ms: int | None = None
    code: str = ""
    code_expires_at_ms: int = 0
    happening: str = ""
    happened_at_ms: int = 0
    skipped_bytes: int = 0
    skipped_at_ms: int = 0
    lines: list[ChatSaid] = field(default_factory=list)
    unread_lines: int = 0

    def happened(self, sentence: str, now_ms: int) -> None:
        self.happening, self.happened_at_ms = sentence, now_ms

    def messages_read(self) -> None:
        """They are on the screen, all of them."""
        self.unread_lines, self.happening = 0, ""

    def left_out(self, byte_count: int, now_ms: int) -> None:
        """So much output was not drawn; what was left out within a few seconds is told as one figure."""
        recent = now_ms - self.skipped_at_ms < HAPPENING_MS
        self.skipped_bytes = byte_count + (self.skipped_bytes if recent else 0)
        self.skipped_at_ms = now_ms

    def take(self, notice: notices.Notice, wording: Wording, now_ms: int) -> None:
        """Brings the status up to date."""
        say = wording.say
        match notice:
            case notices.CodeShown(code, expires_at_ms):
                self.code, self.code_expires_at_ms = code, expires_at_ms
            case notices.CodeEnded(outcome):
                self.code = ""
                self.happened(say(f"agent-code-ended-{outcome}"), now_ms)
            case notices.ParticipantJoined(each):
                self.participants[each.participant] = each
                self.happened(say("agent-live-joined", name=shown(each.name, 40)), now_ms)
            case notices.ParticipantLeft(participant, name):
                self.participants.pop(participant, None)
                self.happened(say("agent-live-left", name=shown(name, 40)), now_ms)
            case notices.TakenOver(_, name, _, leaver):
                told = say("agent-live-taken-over", name=shown(name, 40), leaver=shown(leaver, 40))
                self.happened(told, now_ms)
            case notices.ColleagueInvited(_, name):
                self.happened(say("agent-live-invited", name=shown(name, 40)), now_ms)
            case notices.GrantChanged(participant, scopes, expires_at_ms):
                before = self.participants.get(participant)
                if before is not None:
                    self.participants[participant] = replace(before, scopes=scopes, expires_at_ms=expires_at_ms)
                names = ", ".join(say(scope_id(scope)) for scope in Scope if scope in scopes)
                self.happened(say("agent-live-changed", scopes=names or say("agent-live-nothing")), now_ms)
            case notices.Paused(by):
                self.paused_by.add(by)
            case notices.Resumed(by):
                self.paused_by.discard(by)
            case notices.CommandRun(participant, command):
                name = self._name_of(participant)
                self.happened(say("agent-live-command", name=name, command=shown(command, 120)), now_ms)
            case notices.ConnectionMade(participant, destination):
                name = self._name_of(participant)
                self.happened(say("agent-live-connection", name=name, destination=shown(destination, 120)), now_ms)
            case notices.FileTouched(participant, path, action, byte_count):
                done = say(
                    "agent-live-file",
                    name=self._name_of(participant),
                    action=say(f"agent-file-{action}"),
                    path=shown(path, 100),
                    size=size_text(byte_count),
                )
                self.happened(done, now_ms)
            case ChatSaid():
                self.lines = [*self.lines, notice][-KEPT_LINES:]
                if notice.participant != CUSTOMER:
                    self.unread_lines += 1
                    text = shown(notice.text.replace("\n", " "), 120)
                    self.happened(say("agent-live-said", name=author_of(notice, wording), text=text), now_ms)
            case notices.ChatRefused(reason):
                self.happened(say(f"agent-chat-refused-{reason}"), now_ms)
            case notices.RecorderProgress(recorded_bytes, acked_bytes):
                self.recorded_bytes, self.acked_bytes = recorded_bytes, acked_bytes
            case notices.ConnectionState(to="broker"):
                self.away_since_ms = notice.waiting_since_ms

    def _name_of(self, participant: int) -> str:
        each = self.participants.get(participant)
        return shown(each.name, 24) if each is not None else str(participant)


class ChangeForm:
    """Takes scopes away from those who are in. What is ticked stays; nothing can be added here."""

    def __init__(self, participants: dict[int, Present]) -> None:
        self._participants = participants
        self._lines = [
            (number, scope) for number, each in participants.items() for scope in Scope if scope in each.scopes
        ]
        self._kept = set(self._lines)
        self._at = 0
        self._reading = Reading()

    def press(self, key: Key) -> list[Narrow] | None:
        """What to do, once the customer is done; an empty list for nothing."""
        if key.kind == "enter":
            return self._narrowings()
        if key.kind == "escape" or (key.kind == "control" and key.text == "c"):
            return []
        if key.kind in ("up", "down") and self._lines:
            self._at = (self._at + (1 if key.kind == "down" else -1)) % len(self._lines)
        elif key.text == " " and self._lines:
            self._toggle(*self._lines[self._at])
        return None

    def _toggle(self, number: int, scope: Scope) -> None:
        self._kept ^= {(number, scope)}
        if scope is Scope.VIEW and (number, scope) not in self._kept:
            self._kept.discard((number, Scope.SHELL))
        elif scope is Scope.SHELL and (number, scope) in self._kept and (number, Scope.VIEW) in self._lines:
            self._kept.add((number, Scope.VIEW))

    def _narrowings(self) -> list[Narrow]:
        narrowings = []
        for number, each in self._participants.items():
            kept = frozenset(scope for scope in each.scopes if (number, scope) in self._kept)
            if kept != each.scopes:
                narrowings.append(Narrow(number, kept))
        return narrowings

    def rows(self, wording: Wording, width: int, height: int) -> list[Row]:
        """At most `height` rows, the one that keys change and what they do among them."""
        title = [row("  ", Span(line, "title")) for line in wrapped(wording.say("agent-change-title"), width - 4)]
        rows: list[Row] = [BLANK, *title, BLANK]
        pointed = 0
        last = None
        for index, (number, scope) in enumerate(self._lines):
            if number != last:
                each = self._participants[number]
                rows.append(row("  ", Span(shown(each.name, 60), "bold"), f"  {shown(each.staff_number, 20)}"))
                last = number
            mark = "[x]" if (number, scope) in self._kept else "[ ]"
            if index == self._at:
                pointed = len(rows)
            pointer = Span(" › ", "bold") if index == self._at else Span("   ")
            first, *more = wrapped(wording.say(scope_id(scope)), width - 11)
            rows += [row("   ", pointer, f"{mark} {first}"), *(row("          ", line) for line in more)]
        keys = [BLANK, *(row("  ", line) for line in wrapped(wording.say("agent-change-help"), width - 4))]
        self._reading.bring_into_sight(pointed)
        return [*self._reading.rows(rows, width, max(height - len(keys), 1)), *keys]
