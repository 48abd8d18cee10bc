"""What quality needs to know of a session: who, when, how long, the customer's answer, the marks.

`SessionWatch` collects it event by event, from a finished recording or from a live one. Times on the session's clock
are turned into Unix time by the manifest's `started_at_ms`, which is the customer's clock.
"""

from typing import Annotated

from msgspec import Meta, Struct

from audit.quality.marks import Mark, MarkRules, MarkWatch
from audit.session_files import SessionClosing as ClosingFile
from audit.session_files import SessionOpening, SessionRating
from protocol.decoding import UNREADABLE
from protocol.errors import IntegrityError
from protocol.events import (
    CUSTOMER,
    ChannelOpened,
    ConsentAnswered,
    Event,
    InputHidden,
    Manifest,
    ManifestRecorded,
    SessionPaused,
    SessionResumed,
    TerminalInput,
    decode_manifest,
)
from protocol.messages.fields import UnixMs

SessionIdText = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]

_UNREADABLE = (*UNREADABLE, IntegrityError)


class SessionFacts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One session as reports count it. `state` is the library's word: complete, partial, arriving or lost.

    `first_response_ms` runs from the customer's first yes to the first thing that an engineer did; `active_ms` from
    that yes to the end, without the customer's pauses. Both are None where it never came to that. `team` and `tier` are
    the broker's word (brokers_word.py), empty for none.
    """

    session_id: SessionIdText
    state: str
    opened_at_ms: UnixMs
    ended_at_ms: UnixMs | None = None
    end_reason: str = ""
    engineer: str = ""
    staff_number: str = ""
    organisation: str = ""
    customer: str = ""
    reason: str = ""
    ticket: str = ""
    first_response_ms: int | None = None
    active_ms: int | None = None
    stars: int | None = None
    solved: bool | None = None
    comment: str = ""
    marks: tuple[Mark, ...] = ()
    chain_hash: str = ""
    """Where the recording's chain stood when it was read, in hex."""
    intact: bool = False
    """From the first record to FINAL, nothing wrong."""
    mystery: bool = False
    team: str = ""
    tier: str = ""

    @property
    def is_over(self) -> bool:
        return self.ended_at_ms is not None and self.state != "arriving"

    @property
    def can_be_reviewed(self) -> bool:
        """Over, and something is there to be seen by somebody who holds the key."""
        return self.is_over and self.state != "lost" and bool(self.staff_number)


class SessionWatch:
    """Follows one session's events. Hostile values are bounded here: an agent's recording may claim anything."""

    def __init__(self, rules: MarkRules) -> None:
        self.marks = MarkWatch(rules.rule)
        self._manifest: Manifest | None = None
        self._allowed_ms: int | None = None
        self._first_act_ms: int | None = None
        self._paused_ms: int | None = None
        self._pauses_ms = 0
        self._last_ms = 0

    def feed(self, event: Event) -> list[Mark]:
        """The marks that this event brings."""
        self._last_ms = max(self._last_ms, event.t_ms)
        match event:
            case ManifestRecorded() if self._manifest is None:
                self._manifest = _manifest(event)
            case ConsentAnswered(answer="allowed") if self._allowed_ms is None:
                self._allowed_ms = event.t_ms
            case SessionPaused(by="customer") if self._paused_ms is None:
                self._paused_ms = event.t_ms
            case SessionResumed(by="customer") if self._paused_ms is not None:
                self._pauses_ms += max(0, event.t_ms - self._paused_ms)
                self._paused_ms = None
        if self._first_act_ms is None and self._allowed_ms is not None and _is_act(event):
            self._first_act_ms = event.t_ms
        return self.marks.feed(event)

    def facts(
        self, opening: SessionOpening, closing: ClosingFile | None, rating: SessionRating | None, state: str
    ) -> SessionFacts:
        """What the events so far and the broker's small files add up to."""
        manifest, answer = self._manifest, rating.rating if rating else None
        who = manifest.engineer if manifest else None
        began_ms, acted_ms = self._allowed_ms, self._first_act_ms
        paused_ms = self._pauses_ms + (max(0, self._last_ms - self._paused_ms) if self._paused_ms is not None else 0)
        return SessionFacts(
            session_id=opening.session_id.hex(),
            state=state,
            opened_at_ms=opening.opened_at_ms,
            ended_at_ms=None if state == "arriving" else _ended_at_ms(opening, closing, self._last_ms),
            end_reason=closing.reason if closing else "",
            engineer=_short(who.name) if who else "",
            staff_number=_short(who.staff_number) if who else "",
            organisation=_short(manifest.organisation) if manifest else "",
            customer=_short(f"{manifest.user_name}@{manifest.host_label}") if manifest else "",
            reason=_short(manifest.reason) if manifest else "",
            ticket=_short(manifest.ticket) if manifest else "",
            first_response_ms=None if began_ms is None or acted_ms is None else max(0, acted_ms - began_ms),
            active_ms=None if began_ms is None else max(0, self._last_ms - began_ms - paused_ms),
            stars=answer.stars if answer else None,
            solved=answer.solved if answer else None,
            comment=answer.comment if answer else "",
            marks=tuple(self.marks.marks),
        )


def _is_act(event: Event) -> bool:
    match event:
        case TerminalInput() | InputHidden():
            return event.participant != CUSTOMER
        case ChannelOpened():
            return event.use != "room"  # opening the room is what the client does by itself
    return False


def _ended_at_ms(opening: SessionOpening, closing: ClosingFile | None, last_ms: int) -> int:
    """The broker's clock where it closed the session, else as far as the recording goes."""
    return closing.closed_at_ms if closing else min(opening.opened_at_ms + last_ms, 2**53)


def _manifest(event: ManifestRecorded) -> Manifest | None:
    try:
        return decode_manifest(event.manifest)
    except _UNREADABLE:
        return None


def _short(text: str) -> str:
    return text[:200]
