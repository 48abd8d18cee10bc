"""The service's answers, as a person reads them in a terminal. What they hold is made harmless here."""

from audit.desk_client.client import DeskRequest, DeskSession, Hit, Look
from audit.vault.narrator import clock_text
from protocol.calendar_time import time_text
from tunnel.api_tokens import TokenEntry
from wording import Wording, safe_text

SHORT_ID = 12


def session_line(session: DeskSession, wording: Wording) -> str:
    broker = session.broker or {}
    participants = broker.get("participants")
    first = participants[0] if isinstance(participants, list) and participants else {}
    engineer = first.get("name") if isinstance(first, dict) else None
    state = wording.say(f"desk-state.{'erased' if session.erased_at_ms is not None else _word(session.state)}")
    held = "" if session.held is None else wording.say("desk-held", reason=session.held)
    who = safe_text(str(engineer or "–"))
    number = session.session_id[:SHORT_ID]
    groups = " · ".join(safe_text(one) for one in (session.about.team, session.about.tier) if one)
    facts = (number, time_text(session.opened_at_ms), f"{state:<9}", f"{session.retention:<8}", who, groups, held)
    return "  ".join(fact for fact in facts if fact).rstrip()


def hit_line(hit: Hit) -> str:
    who = hit.engineers[0] if hit.engineers else "–"
    at = clock_text(hit.t_ms)
    return (
        f"{hit.session_id[:SHORT_ID]}  {time_text(hit.at_ms)}  {at:>9}  {safe_text(hit.kind):<8}  {safe_text(who)}  "
        f"{safe_text(hit.text)}"
    )


def request_line(request: DeskRequest, wording: Wording) -> str:
    return wording.say(
        "desk-request",
        number=str(request.request_id),
        kind=wording.say(f"desk-request-kind.{_known(request.kind, ('export', 'erase'))}"),
        session=request.session_id[:SHORT_ID],
        state=wording.say(f"desk-request-state.{_known(request.state, ('asked', 'confirmed', 'refused', 'done'))}"),
        who=safe_text(request.asked_by),
        asked=time_text(request.asked_at_ms),
        reason=safe_text(request.reason),
    )


def look_line(look: Look) -> str:
    session = "–" * SHORT_ID if not look.session_id.strip("0") else look.session_id[:SHORT_ID]
    who, action = safe_text(look.user_name), safe_text(look.action)
    return f"{time_text(look.seen_at_ms)}  {session}  {who:<12}  {action:<9}  {safe_text(look.purpose)}".rstrip()


def token_line(token: TokenEntry, wording: Wording) -> str:
    never = token.last_used_at_ms is None
    line = wording.say(
        "engineer-tokens.row",
        number=token.token_id[:SHORT_ID],
        name=safe_text(token.name),
        may=", ".join(map(safe_text, token.permissions)),
        until=time_text(token.expires_at_ms),
        used=wording.say("engineer-tokens.never") if never else time_text(token.last_used_at_ms or 0),
    )
    return f"{safe_text(token.user_name)}  {line}" if token.user_name else line


def _word(state: str) -> str:
    return _known(state, ("complete", "partial", "arriving", "lost", "none"))


def _known(word: str, words: tuple[str, ...]) -> str:
    """A newer service may have more words than this command."""
    return word if word in words else "other"
