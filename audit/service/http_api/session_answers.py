"""What the API says of a session, from the broker's word, the recording's own, and what was gathered for quality."""

import asyncio
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, ValidationError

from audit.quality.brokers_word import read_word
from audit.quality.sessions import SessionFacts
from audit.service.services import AuditServices
from audit.session_files import session_folder
from audit.storage.sessions import Condition, KnownSession, Retention
from audit.vault.badge import LogPlaces
from audit.vault.inspection import Fault
from audit.vault.library import Recording, SessionLostError, scan_headers
from audit.vault.log_evidence import LogBadge
from audit.vault.verify import Outcome
from protocol.kept_errors import recalled
from wording import Wording


class CheckAnswer(Struct, frozen=True):
    check: str
    outcome: Outcome
    sentence: str


class VerifyAnswer(Struct, frozen=True):
    """`verdict` is of the recording and the log together; `log` is the badge of audit/vault/log_evidence.py,
    `log_places` where in the log its entries stand; nothing where they are not proved; `summary` all of
    it in one sentence.

    `fault` is where a recording stops being what its agent signed.
    """

    intact: bool
    verdict: Literal["intact", "erased", "arriving", "partial", "broken"]
    state: str
    fault: Fault | None
    checks: tuple[CheckAnswer, ...]
    log: LogBadge = "not-asked"
    log_places: LogPlaces = LogPlaces()
    summary: str = ""


class MarkAnswer(BaseModel):
    """`t_ms` is where to look, on the session's clock; `rule` is named at GET /v1/mark-rules."""

    rule: str
    t_ms: int
    detail: str


class AboutAnswer(BaseModel):
    """What a session was, in the words of its recording as far as that was read, of the broker otherwise.

    `scopes` and `expires_at_ms` are what the engineers may do by now, as the broker says. `team` is the engineer's when
    they paired, `tier` the request's that the session serves; empty for none.
    """

    engineer: str
    staff_number: str
    team: str
    tier: str
    customer: str
    reason: str
    ticket: str
    started_at_ms: int | None
    duration_ms: int | None
    end_reason: str
    stars: int | None
    solved: bool | None
    comment: str
    marks: list[MarkAnswer]
    can_be_reviewed: bool
    scopes: list[str]
    expires_at_ms: int | None


class _BrokersWord(BaseModel):
    """Another server's word: a version of it may say more, or less."""

    model_config = ConfigDict(extra="allow")


class BrokersParticipant(_BrokersWord):
    """An engineer, each time they paired."""

    number: int | None = None
    name: str = ""
    staff_number: str = ""
    team: str = ""
    paired_at_ms: int | None = None
    scopes: list[str] = []
    expires_at_ms: int | None = None


class BrokersNote(_BrokersWord):
    author: str = ""
    staff_number: str = ""
    written_at_ms: int | None = None
    text: str = ""


class BrokersRating(_BrokersWord):
    stars: int
    solved: bool | None = None
    comment: str = ""
    rated_at_ms: int | None = None


class BrokersSession(_BrokersWord):
    """A session as the broker's own API says it."""

    state: str = ""
    language: str = ""
    end_reason: str | None = None
    record_count: int | None = None
    tier: str = ""
    participants: list[BrokersParticipant] = []
    notes: list[BrokersNote] = []
    rating: BrokersRating | None = None


class RecordingDigest(BaseModel):
    """What a recording says of itself: the manifest that the customer consented to, and what was counted.

    `whole`: nothing in it is missing or broken.
    """

    engineer: str | None = None
    staff_number: str | None = None
    organisation: str | None = None
    reason: str | None = None
    ticket: str | None = None
    host_label: str | None = None
    user_name: str | None = None
    started_at_ms: int | None = None
    duration_ms: int | None = None
    records: int = 0
    events: int = 0
    files: int = 0
    whole: bool = False


class SessionAnswer(BaseModel):
    """`state` is how much of the recording is here, `condition` what reading it came to.

    `broker` is what the broker says, `recording` what the recording says of itself; null before that was read, once
    erased, and where it makes no sense.
    """

    session_id: str
    state: Literal["complete", "partial", "arriving", "lost", "none"]
    condition: Condition
    problem: str
    opened_at_ms: int
    ended_at_ms: int | None
    records: int
    retention: Retention
    held: str | None
    erased_at_ms: int | None
    broker: BrokersSession | None
    recording: RecordingDigest | None
    about: AboutAnswer


class SessionsAnswer(BaseModel):
    sessions: list[SessionAnswer]


async def answer_of(known: KnownSession, services: AuditServices, wording: Wording) -> SessionAnswer:
    return (await answers_of([known], services, wording))[0]


async def answers_of(every: Sequence[KnownSession], services: AuditServices, wording: Wording) -> list[SessionAnswer]:
    """What each recording's files say of it is read in a thread: a page of sessions is hundreds of small files."""
    gathered = await services.quality.facts_of([known.session_id.hex() for known in every])
    return await asyncio.to_thread(
        lambda: [_answer(known, gathered.get(known.session_id.hex()), services, wording) for known in every]
    )


def _answer(
    known: KnownSession, gathered: SessionFacts | None, services: AuditServices, wording: Wording
) -> SessionAnswer:
    """Blocks."""
    recording = RecordingDigest.model_validate_json(known.digest) if known.digest else None
    return SessionAnswer(
        session_id=known.session_id.hex(),
        state=_state(known, services),
        condition=known.condition,
        problem=_problem(known.problem, wording),
        opened_at_ms=known.opened_at_ms,
        ended_at_ms=known.ended_at_ms,
        records=known.next_seq,
        retention=known.retention,
        held=known.held,
        erased_at_ms=known.erased_at_ms,
        broker=_brokers_word(known.facts),
        recording=recording,
        about=_about(known, recording or RecordingDigest(), gathered),
    )


def _problem(kept_error: str, wording: Wording) -> str:
    """Why a recording could not be read, in the reader's words."""
    error = recalled(kept_error)
    if error is None:
        return kept_error
    if "code" in error.fields:  # a worker's refusal
        return wording.say_refusal(str(error.fields["code"]), str(error))
    return wording.say_error(error)


def _about(known: KnownSession, recording: RecordingDigest, gathered: SessionFacts | None) -> AboutAnswer:
    """Nothing is left of what an erased session was about: its keys are gone, so nothing of it can be read here."""
    said = read_word(known.facts)
    facts = gathered or SessionFacts(session_id=known.session_id.hex(), state="", opened_at_ms=known.opened_at_ms)
    rated = facts if facts.stars is not None or said.rating is None else said.rating
    return AboutAnswer(
        engineer=facts.engineer or said.first.name,
        staff_number=facts.staff_number or said.first.staff_number,
        team=said.team_of(facts.staff_number),
        tier=said.tier,
        customer=facts.customer,
        reason=facts.reason,
        ticket=facts.ticket,
        started_at_ms=recording.started_at_ms,
        duration_ms=recording.duration_ms,
        end_reason=facts.end_reason or said.end_reason or "",
        stars=rated.stars,
        solved=rated.solved,
        comment=rated.comment,
        marks=[MarkAnswer(rule=mark.rule, t_ms=mark.t_ms, detail=mark.detail) for mark in facts.marks],
        scopes=sorted({scope for one in said.participants for scope in one.scopes}),
        expires_at_ms=max((one.expires_at_ms or 0 for one in said.participants), default=0) or None,
        can_be_reviewed=facts.can_be_reviewed and known.erased_at_ms is None,
    )


def _brokers_word(facts: bytes | None) -> BrokersSession | None:
    """None, where the broker said something else than it should: that must not hide the session."""
    try:
        return BrokersSession.model_validate_json(facts) if facts else None
    except ValidationError:
        return None


def _state(known: KnownSession, services: AuditServices) -> Literal["complete", "partial", "arriving", "lost", "none"]:
    """How much is here; `none` for a session in which nothing was ever allowed, and so nothing recorded."""
    try:
        recording = Recording.read(session_folder(services.settings.records_folder, known.session_id))
        with recording.open_file() as source:
            state = recording.state(scan_headers(source), services.clock.unix_ms())
    except SessionLostError:
        return "lost" if known.next_seq else "none"
    answers: dict[str, Literal["complete", "partial", "arriving", "lost"]] = {
        "complete": "complete", "partial": "partial", "arriving": "arriving", "lost": "lost",
    }  # fmt: skip
    return answers[state.value]
