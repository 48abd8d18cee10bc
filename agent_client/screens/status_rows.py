"""The two rows under the shared terminal: who is in, what they may, how long, how much is recorded; and the keys.

Whatever the width, who is in, the time that is left, what is recorded and the keys stay. What gives way goes in steps,
the least urgent first: the first form that fits is drawn.
"""

from dataclasses import dataclass

from agent_client.faces.notices import Present
from agent_client.screens.live_screen import HAPPENING_MS, LiveFacts
from agent_client.screens.rows import Row, Span, clock_text, row, row_cells, shown, size_text
from protocol.grants import Scope
from wording import Wording

STATUS_ROWS = 2
"""One row of facts, one of keys or of what happened last. They never scroll away."""

_SHORT = {  # by what they can do: where there is no room for all, the first ones stay
    Scope.ROOT: "agent-short-root",
    Scope.SHELL: "agent-short-shell",
    Scope.FILES_WRITE: "agent-short-files-write",
    Scope.GATEWAY: "agent-short-gateway",
    Scope.FORWARD: "agent-short-forward",
    Scope.FILES_READ: "agent-short-files-read",
    Scope.VIEW: "agent-short-view",
}


@dataclass(frozen=True, slots=True)
class _Form:
    """How much is said of each."""

    name_cells: int = 24
    scopes: int = len(Scope)
    people: int = 100
    long: bool = True
    unread: bool = True
    between: str = " │ "


_FORMS = (
    _Form(),
    _Form(long=False),
    # Who it is comes before what they may, and what they may before a name that is cut to its half.
    *(_Form(name_cells=24, scopes=scopes, long=False) for scopes in (3, 2, 1, 0)),
    *(_Form(name_cells=16, scopes=scopes, long=False) for scopes in (1, 0)),
    *(_Form(name_cells=8, scopes=scopes, long=False) for scopes in (1, 0)),
    *(_Form(name_cells=8, scopes=0, people=people, long=False, between=" ") for people in (3, 2, 1)),
    _Form(name_cells=8, scopes=0, people=1, long=False, unread=False, between=" "),
    _Form(name_cells=5, scopes=0, people=1, long=False, unread=False, between=" "),
)


def status_rows(facts: LiveFacts, wording: Wording, now_ms: int, width: int, *, prefix_pressed: bool) -> list[Row]:
    """Exactly STATUS_ROWS rows, for a terminal of `width` columns."""
    first = _first_that_fits([_facts(facts, wording, now_ms, form) for form in _FORMS], width)
    return [first, _second(facts, wording, now_ms, width, prefix_pressed=prefix_pressed)]


def _first_that_fits(rows: list[Row], width: int) -> Row:
    return next((each for each in rows if row_cells(each) <= width), rows[-1])


def _facts(facts: LiveFacts, wording: Wording, now_ms: int, form: _Form) -> Row:
    ending = "" if form.long else "-short"
    said = []
    # What is new comes before the names: if nothing fits, it is not what is cut.
    if facts.away_since_ms is not None:
        said.append(wording.say(f"agent-broker-away{ending}", time=clock_text(now_ms - facts.away_since_ms)))
    if facts.unread_lines and form.unread:
        said.append(wording.say(f"agent-live-unread{ending}", count=facts.unread_lines))
    said.append(_people(list(facts.participants.values()), wording, now_ms, form))
    recorded, acked = size_text(facts.recorded_bytes), size_text(facts.acked_bytes)
    if form.long:
        said.append(wording.say("agent-live-recorded", recorded=recorded, acked=acked))
    else:
        said.append(wording.say("agent-live-recorded-short", of=_of(acked, recorded)))
    if form.long and facts.skipped_bytes and now_ms - facts.skipped_at_ms < HAPPENING_MS:
        said.append(wording.say("agent-live-skipped", size=size_text(facts.skipped_bytes)))
    mark = "●" if not facts.paused_by else "❚❚"
    return row(Span(f" {mark} {form.between.join(said)}", "bar"))


def _of(part: str, whole: str) -> str:
    """`4.1/4.2 MB`: a unit that both have is said once."""
    size, _, unit = part.partition(" ")
    return f"{size if whole.endswith(f' {unit}') else part}/{whole}"


def _people(present: list[Present], wording: Wording, now_ms: int, form: _Form) -> str:
    if not present:
        return wording.say("agent-live-nobody")
    said = [_one(each, wording, now_ms, form) for each in present[: form.people]]
    others = len(present) - len(said)
    return "  ".join([*said, f"+{others}"] if others else said)


def _one(each: Present, wording: Wording, now_ms: int, form: _Form) -> str:
    told = f"{shown(each.name, form.name_cells)} {clock_text(each.expires_at_ms - now_ms)}"
    if not form.scopes:
        return told
    kept = [scope for scope in _SHORT if scope in each.scopes][: form.scopes]
    said = [wording.say(_SHORT[scope]) for scope in Scope if scope in kept]
    more = [str(len(each.scopes) - len(kept))] if len(each.scopes) > len(kept) else []
    return f"{told}: {'+'.join([*said, *more]) or '–'}"


def _second(facts: LiveFacts, wording: Wording, now_ms: int, width: int, *, prefix_pressed: bool) -> Row:
    if prefix_pressed:
        return _first_that_fits(_keys(facts, wording, [row()]), width)
    if facts.paused_by:
        paused = "agent-live-paused-recorder" if "recorder" in facts.paused_by else "agent-live-paused"
        heads = [
            row(Span(f" {wording.say(said)} ", "warning"), " Ctrl-] ")
            for said in (paused, "agent-live-paused", "agent-live-paused-short")
        ]
        return _first_that_fits(_keys(facts, wording, heads), width)
    if facts.code:
        return _first_that_fits(_code(facts, wording, now_ms), width)
    if facts.happening and now_ms - facts.happened_at_ms < HAPPENING_MS:
        return row(" ", shown(facts.happening, width - 1))
    return _first_that_fits(_keys(facts, wording, [row(Span(" Ctrl-] ", "dim"))]), width)


def _keys(facts: LiveFacts, wording: Wording, heads: list[Row]) -> list[Row]:
    """Each head with all keys; where that is too much, the last ones lose their words, then the head is a shorter one,
    and at last only the first keys are left.
    """
    keys = {
        "p": "agent-key-resume" if facts.paused_by else "agent-key-pause",
        "e": "agent-key-end",
        "c": "agent-key-change",
        "m": "agent-key-message",
        "n": "agent-key-no-code" if facts.code else "agent-key-new-code",
    }
    with_all = [(head, len(keys), explained) for head in heads for explained in range(len(keys), 1, -1)]
    with_fewer = [(heads[-1], count, count) for count in (3, 2, 1)]
    return [(*head, *_key_spans(keys, wording, count, explained)) for head, count, explained in with_all + with_fewer]


def _key_spans(keys: dict[str, str], wording: Wording, count: int, explained: int) -> list[Span]:
    spans = []
    for number, (key, word) in enumerate(list(keys.items())[:count]):
        spans.append(Span(f" {key} ", "key"))
        spans.append(Span(f" {wording.say(word)}  " if number < explained else " "))
    return [*spans[:-1], Span(spans[-1].text.rstrip())]


def _code(facts: LiveFacts, wording: Wording, now_ms: int) -> list[Row]:
    time = clock_text(facts.code_expires_at_ms - now_ms)
    left = wording.say("agent-code-valid", time=time)
    code = Span(facts.code.replace("-", " - "), "bold")
    key = Span("Ctrl-]", "dim")
    return [
        row(" ", wording.say("agent-code-title"), " ", code, " ", left, "   ", key),
        row(" ", code, " ", left, "   ", key),
        row(" ", code, " ", time, "  ", key),
        row(" ", Span(facts.code, "bold"), " ", time, " ", key),
    ]
