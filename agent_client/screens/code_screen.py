"""Before anybody is in: the code, large, what it is for, and the warning about callers."""

from dataclasses import dataclass

from agent_client.screens.rows import BLANK, Row, Span, clock_text, flowed, row, shown, wrapped
from protocol.messages.pairing import PairingOutcome
from wording import Wording

STATE_ROWS = 3
"""The last ones: whether the broker is there, what is waited for, and the way out. They stay in a low window."""

RENEWED_UNASKED: frozenset[PairingOutcome] = frozenset({"wrong-code", "expired", "lost", "broken"})
"""Ends of a code after which another stands there by itself: whoever reads it aloud has to be told why."""


@dataclass(slots=True)
class CodeFacts:
    """What is known while waiting. Times are Unix milliseconds. `ended` is how the code before this one ended."""

    organisation: str = ""
    asked: str = ""
    helper: str = ""
    helper_number: str = ""
    notice: str = ""
    code: str = ""
    expires_at_ms: int = 0
    ended: PairingOutcome | None = None
    asking: bool = False
    opening: bool = False
    """The customer has said yes, and the recording is not open yet: it may take seconds."""
    offline_since_ms: int | None = None


def code_rows(facts: CodeFacts, wording: Wording, width: int, now_ms: int) -> list[Row]:
    title = Span(f"Consentry · {shown(facts.organisation, 40)}" if facts.organisation else "Consentry", "title")
    rows = [*flowed([row(title, "    "), row(Span(wording.say("agent-not-recording"), "dim"))], width), BLANK]
    if facts.code:
        if facts.ended in RENEWED_UNASKED:
            why = wording.say(f"agent-code-renewed-{facts.ended}")
            rows += [*(row("      ", Span(line, "warning")) for line in wrapped(why, width - 8)), BLANK]
        # Spaces around the dashes: the code is read aloud in three groups.
        large = facts.code.replace("-", " - ")
        left = wording.say("agent-code-valid", time=clock_text(facts.expires_at_ms - now_ms))
        parts = [
            row("    ", wording.say("agent-code-title")),
            row("    ", Span(large, "bold")),
            row("    ", Span(left, "dim")),
        ]
        rows += [*flowed(parts, width), BLANK]
        for line in wrapped(wording.say("agent-code-warning"), width - 8):
            rows.append(row("      ", Span(line, "warning")))
    for line in wrapped(_queue_text(facts, wording), width - 8) if facts.asked else []:
        rows.append(row("      ", Span(line, "bold") if facts.helper else line))
    for line in wrapped(shown(facts.notice, 600), width - 8) if facts.notice else []:
        rows.append(row("      ", line))
    rows.append(BLANK)
    if facts.ended is not None and not facts.code and not facts.asking and not facts.opening:
        for line in wrapped(wording.say(f"agent-code-ended-{facts.ended}"), width - 4):
            rows.append(row("  ", Span(line, "warning")))
        rows += [BLANK, row("  ", Span(" n ", "key"), " ", wording.say("agent-key-new-code"), "   ", *_quit(wording))]
        return rows
    if facts.offline_since_ms is not None:
        waited = clock_text(now_ms - facts.offline_since_ms)
        rows.append(row("  ", Span(wording.say("agent-broker-away", time=waited), "warning")))
    *before, last = wrapped(wording.say(_state_id(facts)), width - 4)
    rows += [*(row("  ", line) for line in before), *flowed([row(last, "  "), _quit(wording)], width)]
    return rows


def _state_id(facts: CodeFacts) -> str:
    if facts.opening:
        return "agent-opening"
    if facts.asking:
        return "agent-engineer-asking"
    return "agent-waiting" if facts.code else "agent-connecting"


def _queue_text(facts: CodeFacts, wording: Wording) -> str:
    """What became of the request. Whom to ask for, and never that somebody will call: that is how scammers begin."""
    if not facts.helper:
        return wording.say("agent-help-waiting", words=shown(facts.asked, 500))
    name, number = shown(facts.helper, 100), shown(facts.helper_number, 100)
    return wording.say("agent-help-taken", name=name, staff_number=number, organisation=shown(facts.organisation, 40))


def _quit(wording: Wording) -> Row:
    return row(Span(" q ", "key"), " ", wording.say("agent-key-cancel"))
