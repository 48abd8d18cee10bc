"""What webhooks are told of a session, as JSON. Facts that an operator's systems may act on, and no person's."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from broker.sessions.session import Session, SessionRating
from broker.webhooks.hooks import Message, MessageKind


def messages_of(session: Session, rating: SessionRating | None) -> Iterator[Message]:
    """Everything that there is to tell of a session as it stands; each is told once, by its `occasion`."""
    name = session.session_id.hex()
    facts: dict[str, Any] = {
        "session_id": name,
        "staff_numbers": sorted({participant.staff_number for participant in session.participants}),
        "opened_at_ms": session.opened_at_ms,
    }
    was_live = session.state == "live" or (session.state == "ended" and bool(session.record_count))
    if was_live:
        at_ms = min((one.paired_at_ms for one in session.participants), default=session.opened_at_ms)
        yield _message("session.live", name, at_ms, facts)
    if session.state == "ended" and session.ended_at_ms is not None:
        ended = {"ended_at_ms": session.ended_at_ms, "end_reason": session.end_reason}
        yield _message("session.ended", name, session.ended_at_ms, {**facts, **ended})
    if rating is not None:
        rated = {"stars": rating.stars, "solved": rating.solved, "rated_at_ms": rating.rated_at_ms}
        yield _message("rating.kept", f"{name} {rating.rated_at_ms}", rating.rated_at_ms, {**facts, **rated})


def test_message(webhook_id: str, now_ms: int) -> Message:
    """What somebody sends to see whether the other end takes it."""
    return _message("webhook.test", f"{webhook_id} {now_ms}", now_ms, {"webhook_id": webhook_id})


def _message(kind: MessageKind, about: str, at_ms: int, data: dict[str, Any]) -> Message:
    timestamp = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    body = {"type": kind, "timestamp": timestamp.replace("+00:00", "Z"), "data": data}
    return Message(kind, f"{kind} {about}", json.dumps(body, separators=(",", ":")))
