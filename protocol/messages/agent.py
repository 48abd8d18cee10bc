"""Agent ↔ broker: a session from its opening to its end, its codes, its rating (wss `/v1/agent`)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol.grants import Scope
from protocol.messages.fields import (
    Bytes16,
    Bytes32,
    Bytes64,
    EndReason,
    Language,
    LongText,
    Nameplate,
    ShortText,
    UnixMs,
)
from protocol.messages.pairing import PairingMail, PairingOutcome, PairingStarted
from protocol.messages.wire import Message, Refused

LogEntry = Literal["open", "close"]
"""The two entries of the transparency log that a session waits for."""


class OpenSession(Message, frozen=True, tag="open-session"):
    """First message of a new session. `agent_key` is its Ed25519 session key, fresh and never on a disk."""

    version: Literal[1]
    agent_key: Bytes32
    language: Language
    sent_at_ms: UnixMs


class AttachSession(Message, frozen=True, tag="attach-session"):
    """First message of a connection that goes on with a session after a cut. The newest attachment wins."""

    version: Literal[1]
    session_id: Bytes16
    session_token: Bytes32


class NewCode(Message, frozen=True, tag="new-code"):
    """Asks for a nameplate: for the first engineer, after a burnt code, or for one engineer more."""

    agent_nonce: Bytes16


class CancelCode(Message, frozen=True, tag="cancel-code"):
    nameplate: Nameplate


class PairingFinished(Message, frozen=True, tag="pairing-finished"):
    """The agent's verdict on a code; the broker tells the engineer and retires the nameplate."""

    nameplate: Nameplate
    outcome: PairingOutcome


class GrantReported(Message, frozen=True, tag="grant-reported"):
    """What the customer allowed, as metadata for the desk. Empty scopes mean that nothing is allowed any more."""

    staff_number: ShortText
    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    expires_at_ms: UnixMs


class TakeOverReported(Message, frozen=True, tag="take-over-reported"):
    """The customer said yes: the first has taken over from the second, who is out. Grants are reported besides."""

    staff_number: ShortText
    from_staff_number: ShortText


class SessionEnded(Message, frozen=True, tag="session-ended"):
    """The session is over; `records` is the number of records that its recording has, the final one included."""

    reason: EndReason
    records: Annotated[int, Meta(ge=0)]


class RatingDelegation(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The session key lets another key rate: the one in the receipt's link. See `rating_links.py`."""

    public_key: Bytes32
    signature: Bytes64


class RateSession(Message, frozen=True, tag="rate-session", omit_defaults=True):
    """The customer's answer. `signature` is over `rating_bytes` of `ratings.py`, by the session key or, with a
    `delegation`, by the key that it names."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    solved: bool | None
    comment: LongText
    rated_at_ms: UnixMs
    signature: Bytes64
    delegation: RatingDelegation | None = None


class ProofWanted(Message, frozen=True, tag="proof-wanted"):
    """Asks for the log's proof of this session's `open` or `close` entry, as soon as there is one.

    `known_size` is of the log's checkpoint that was seen here last, 0 for none: the proof must continue it.
    """

    entry: LogEntry
    known_size: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class AskForHelp(Message, frozen=True, tag="ask-for-help"):
    """Puts the session's customer into the organisation's queue, in their own words; said again after a cut. Staff read
    it, and the broker can."""

    customer: Annotated[str, Meta(max_length=100)]
    words: Annotated[str, Meta(min_length=1, max_length=500)]


AgentToBroker = (
    OpenSession
    | AttachSession
    | NewCode
    | CancelCode
    | PairingMail
    | PairingFinished
    | GrantReported
    | TakeOverReported
    | SessionEnded
    | RateSession
    | ProofWanted
    | AskForHelp
)


class SessionOpened(Message, frozen=True, tag="session-opened"):
    """`session_token` attaches, uploads records and is kept in the spool; `leg_ticket` admits relay legs."""

    session_id: Bytes16
    session_token: Bytes32
    leg_ticket: ShortText
    broker_time_ms: UnixMs


class SessionAttached(Message, frozen=True, tag="session-attached"):
    leg_ticket: ShortText
    broker_time_ms: UnixMs


class CodeOpened(Message, frozen=True, tag="code-opened"):
    nameplate: Nameplate
    expires_at_ms: UnixMs


class CodeClosed(Message, frozen=True, tag="code-closed"):
    """The nameplate is gone without a verdict of the agent's: it expired, or the engineer's end was lost."""

    nameplate: Nameplate
    outcome: PairingOutcome


class DialLegs(Message, frozen=True, tag="dial-legs"):
    """The relay has used the spare leg: dial this many more."""

    count: Annotated[int, Meta(ge=1, le=16)]


class EndRequested(Message, frozen=True, tag="end-requested"):
    reason: EndReason


class StopRequested(Message, frozen=True, tag="stop-requested"):
    """As `end-requested`, by a supervisor, who takes no part in the session: who it is, and why, in their words. All of
    it is the broker's word."""

    name: ShortText
    staff_number: ShortText
    why: ShortText


class HelpTaken(Message, frozen=True, tag="help-taken"):
    """An engineer has taken the request, and is the one to expect; no name: has given it back. It is the broker's word,
    and opens nothing."""

    name: ShortText
    staff_number: ShortText


class RatingKept(Message, frozen=True, tag="rating-kept"):
    """The rating is on disk."""


class ProofReady(Message, frozen=True, tag="proof-ready"):
    """`leaf` is the entry (log_leaves.py), `proof` its proof (log_proof.py); `consistency` leads from `known_size` to
    the proof's checkpoint, and is empty where nothing was known, or nothing was appended since."""

    entry: LogEntry
    leaf: Annotated[bytes, Meta(max_length=256)]
    proof: Annotated[str, Meta(max_length=8192)]
    consistency: Annotated[tuple[Bytes32, ...], Meta(max_length=63)]


BrokerToAgent = (
    SessionOpened
    | SessionAttached
    | CodeOpened
    | CodeClosed
    | PairingStarted
    | PairingMail
    | DialLegs
    | EndRequested
    | StopRequested
    | HelpTaken
    | RatingKept
    | ProofReady
    | Refused
)
