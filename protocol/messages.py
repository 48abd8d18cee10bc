"""Every message on every wire, on one page.

Four conversations, each its own tagged union, encoded as msgpack maps with a `type` key. Unknown types, unknown
fields, wrong types and wrong lengths are refused by the decoder: nothing behind it sees a field that is not listed
here. Times are Unix milliseconds on the sender's clock.

    agent      ↔ broker     wss  /v1/agent      AgentToBroker, BrokerToAgent
    engineer   ↔ broker     wss  /v1/pairing    EngineerToBroker, BrokerToEngineer
    recorder   → broker     wss  /v1/records    RecorderToBroker (then raw records), BrokerToRecorder
    engineer   ↔ agent      sealed, inside a stream of kind `control`: EngineerToAgent, AgentToEngineer

The relay's legs (wss /relay/agent and /relay/engineer) carry the frames of `stream.py`, which the broker never reads.
"""

from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from protocol.chat import LINE_LIMIT_CHARACTERS, LINE_PATTERN
from protocol.decoding import UNREADABLE
from protocol.errors import PeerError
from protocol.grants import Scope

SUBPROTOCOL = "consentry.v1"
"""Websocket subprotocol of the three conversations with the broker."""

UNPAIRED_FRAME_LIMIT_BYTES = 4 * 1024
"""Largest message before two ends have proved a code: a stranger never makes us hold more."""

CONTROL_FRAME_LIMIT_BYTES = 16 * 1024
"""Largest message of a sealed control channel."""

HELLO_TIMEOUT_SECONDS = 10.0
"""A connection that has not said what it is by then is closed."""

Bytes16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Bytes64 = Annotated[bytes, Meta(min_length=64, max_length=64)]
Nameplate = Annotated[str, Meta(pattern=r"^[1-9][0-9]{2,3}$")]
UnixMs = Annotated[int, Meta(ge=0, le=2**53)]
Language = Literal["en", "zh-CN"]
ShortText = Annotated[str, Meta(max_length=200)]
LongText = Annotated[str, Meta(max_length=2000)]
ChatLine = Annotated[str, Meta(min_length=1, max_length=LINE_LIMIT_CHARACTERS, pattern=LINE_PATTERN)]
LineNumber = Annotated[int, Meta(ge=1, le=2**31)]
Minutes = Annotated[int, Meta(ge=1, le=480)]
Scopes = Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=len(Scope))]

PausedBy = Literal["customer", "recorder", "question"]
"""Why nothing of the engineers' runs: the customer said so, the recording cannot be delivered, a question stands."""

NotSaid = Literal["not-in", "too-fast", "full", "unusable"]
"""Why a line of chat was not taken."""

LogEntry = Literal["open", "close"]
"""The two entries of the transparency log that a session waits for."""

PairingPhase = Literal["ya", "yb", "ta", "tb"]
"""Ya and ADa; Yb and ADb; the engineer's confirmation; the agent's. In this order, each at most once per code."""

PairingOutcome = Literal["paired", "wrong-code", "expired", "cancelled", "lost", "broken"]
"""How a code ended. `wrong-code` burns it; `broken` means that a message made no sense: an attack or a bug."""

DenialReason = Literal[
    "customer", "timeout", "certificate", "scope", "root-needed", "root-absent", "nobody", "several", "policy"
]  # fmt: skip
"""`nobody` and `several` answer a wish to take over alone: who was meant is not in, or not as it was asked. `policy` is
whatever the others are not; `protocol/control.md` in the documentation says when each is given."""

EndReason = Literal[
    "engineer-ended",
    "customer-ended",
    "denied",
    "expired",
    "idle",
    "lost",
    "abandoned",
    "recorder-failed",
    "broker-ended",
    "supervisor-ended",
]
"""New ones at the end: the log codes them by their place."""


class _Message(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", rename="kebab"):
    pass


# ── agent → broker ──────────────────────────────────────────────────────────────────────────────────────────────


class OpenSession(_Message, frozen=True, tag="open-session"):
    """First message of a new session. `agent_key` is its Ed25519 session key, fresh and never on a disk."""

    version: Literal[1]
    agent_key: Bytes32
    language: Language
    sent_at_ms: UnixMs


class AttachSession(_Message, frozen=True, tag="attach-session"):
    """First message of a connection that goes on with a session after a cut. The newest attachment wins."""

    version: Literal[1]
    session_id: Bytes16
    session_token: Bytes32


class NewCode(_Message, frozen=True, tag="new-code"):
    """Asks for a nameplate: for the first engineer, after a burnt code, or for one engineer more."""

    agent_nonce: Bytes16


class CancelCode(_Message, frozen=True, tag="cancel-code"):
    nameplate: Nameplate


class PairingMail(_Message, frozen=True, tag="pairing-mail"):
    """One pairing message, handed on unread. Sent in both directions on both sides of the broker."""

    nameplate: Nameplate
    phase: PairingPhase
    body: Annotated[bytes, Meta(max_length=2048)]


class PairingFinished(_Message, frozen=True, tag="pairing-finished"):
    """The agent's verdict on a code; the broker tells the engineer and retires the nameplate."""

    nameplate: Nameplate
    outcome: PairingOutcome


class GrantReported(_Message, frozen=True, tag="grant-reported"):
    """What the customer allowed, as metadata for the desk. Empty scopes mean that nothing is allowed any more."""

    staff_number: ShortText
    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    expires_at_ms: UnixMs


class TakeOverReported(_Message, frozen=True, tag="take-over-reported"):
    """The customer said yes: the first has taken over from the second, who is out. Grants are reported besides."""

    staff_number: ShortText
    from_staff_number: ShortText


class SessionEnded(_Message, frozen=True, tag="session-ended"):
    """The session is over; `records` is the number of records that its recording has, the final one included."""

    reason: EndReason
    records: Annotated[int, Meta(ge=0)]


class RatingDelegation(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The session key lets another key rate: the one in the receipt's link. See `rating_links.py`."""

    public_key: Bytes32
    signature: Bytes64


class RateSession(_Message, frozen=True, tag="rate-session", omit_defaults=True):
    """The customer's answer. `signature` is over `rating_bytes` of `ratings.py`, by the session key or, with a
    `delegation`, by the key that it names."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    solved: bool | None
    comment: LongText
    rated_at_ms: UnixMs
    signature: Bytes64
    delegation: RatingDelegation | None = None


class ProofWanted(_Message, frozen=True, tag="proof-wanted"):
    """Asks for the log's proof of this session's `open` or `close` entry, as soon as there is one.

    `known_size` is of the log's checkpoint that was seen here last, 0 for none: the proof must continue it.
    """

    entry: LogEntry
    known_size: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class AskForHelp(_Message, frozen=True, tag="ask-for-help"):
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

# ── broker → agent ──────────────────────────────────────────────────────────────────────────────────────────────


class SessionOpened(_Message, frozen=True, tag="session-opened"):
    """`session_token` attaches, uploads records and is kept in the spool; `leg_ticket` admits relay legs."""

    session_id: Bytes16
    session_token: Bytes32
    leg_ticket: ShortText
    broker_time_ms: UnixMs


class SessionAttached(_Message, frozen=True, tag="session-attached"):
    leg_ticket: ShortText
    broker_time_ms: UnixMs


class CodeOpened(_Message, frozen=True, tag="code-opened"):
    nameplate: Nameplate
    expires_at_ms: UnixMs


class CodeClosed(_Message, frozen=True, tag="code-closed"):
    """The nameplate is gone without a verdict of the agent's: it expired, or the engineer's end was lost."""

    nameplate: Nameplate
    outcome: PairingOutcome


class PairingStarted(_Message, frozen=True, tag="pairing-started"):
    """An authenticated engineer claimed the nameplate. To both ends, the same values."""

    session_id: Bytes16
    nameplate: Nameplate
    engineer_nonce: Bytes16
    agent_nonce: Bytes16


class DialLegs(_Message, frozen=True, tag="dial-legs"):
    """The relay has used the spare leg: dial this many more."""

    count: Annotated[int, Meta(ge=1, le=16)]


class EndRequested(_Message, frozen=True, tag="end-requested"):
    reason: EndReason


class StopRequested(_Message, frozen=True, tag="stop-requested"):
    """As `end-requested`, by a supervisor, who takes no part in the session: who it is, and why, in their words. All of
    it is the broker's word."""

    name: ShortText
    staff_number: ShortText
    why: ShortText


class HelpTaken(_Message, frozen=True, tag="help-taken"):
    """An engineer has taken the request, and is the one to expect; no name: has given it back. It is the broker's word,
    and opens nothing."""

    name: ShortText
    staff_number: ShortText


class RatingKept(_Message, frozen=True, tag="rating-kept"):
    """The rating is on disk."""


class ProofReady(_Message, frozen=True, tag="proof-ready"):
    """`leaf` is the entry (log_leaves.py), `proof` its proof (log_proof.py); `consistency` leads from `known_size` to
    the proof's checkpoint, and is empty where nothing was known, or nothing was appended since."""

    entry: LogEntry
    leaf: Annotated[bytes, Meta(max_length=256)]
    proof: Annotated[str, Meta(max_length=8192)]
    consistency: Annotated[tuple[Bytes32, ...], Meta(max_length=63)]


class Refused(_Message, frozen=True, tag="refused"):
    """No, and why. `code` is stable for programs; `sentence` is for people. Used in every conversation."""

    code: ShortText
    sentence: LongText


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

# ── engineer ↔ broker, while pairing ────────────────────────────────────────────────────────────────────────────


class ClaimCode(_Message, frozen=True, tag="claim-code"):
    """The public half of a code. The secret half never reaches the broker."""

    version: Literal[1]
    nameplate: Nameplate
    engineer_nonce: Bytes16


class PairingAdmitted(_Message, frozen=True, tag="pairing-admitted"):
    """The agent confirmed the pairing; `leg_ticket` admits this engineer's relay legs for the session."""

    leg_ticket: ShortText


class PairingFailed(_Message, frozen=True, tag="pairing-failed"):
    outcome: PairingOutcome


EngineerToBroker = ClaimCode | PairingMail
BrokerToEngineer = PairingStarted | PairingMail | PairingAdmitted | PairingFailed | Refused

# ── recorder → broker ───────────────────────────────────────────────────────────────────────────────────────────


class UploadRecords(_Message, frozen=True, tag="upload-records"):
    """First message; every later message of this connection is one raw sealed record, in order."""

    version: Literal[1]
    session_id: Bytes16
    session_token: Bytes32
    manifest_commitment: Bytes32


class UploadReady(_Message, frozen=True, tag="upload-ready"):
    """What is durable already: send on from here."""

    next_seq: Annotated[int, Meta(ge=0)]
    chain_hash: Bytes32


class RecordsAcked(_Message, frozen=True, tag="records-acked"):
    """Every record below `next_seq` is on disk; `chain_hash` is the hash that the next record's `prev` must be."""

    next_seq: Annotated[int, Meta(ge=0)]
    chain_hash: Bytes32


RecorderToBroker = UploadRecords
BrokerToRecorder = UploadReady | RecordsAcked | Refused

# ── engineer ↔ agent, sealed ────────────────────────────────────────────────────────────────────────────────────


class RequestAccess(_Message, frozen=True, tag="request-access"):
    """Who asks for what and why. `signature` is by the certificate's key over the pairing transcript's hash."""

    certificate: Annotated[bytes, Meta(max_length=4096)]
    signature: Bytes64
    reason: LongText
    ticket: ShortText
    scopes: Scopes
    minutes: Minutes
    ssh_user_key: Annotated[bytes, Meta(max_length=1024)]
    client: Literal["ssh", "cli", "browser"]


class RequestMore(_Message, frozen=True, tag="request-more"):
    """One scope more, or more time: asks the customer again. `minutes` 0 keeps the time."""

    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    minutes: Annotated[int, Meta(ge=0, le=480)]
    reason: LongText


class TakeOver(_Message, frozen=True, tag="take-over"):
    """Asks the customer for the grant of somebody else who is in, who leaves; what is one's own goes for it.

    `staff_number` says whose; empty, of the only other one. The answer is `Granted` or `Denied`. An agent that does not
    know this message ends the stream, so it is asked on a stream of its own.
    """

    staff_number: ShortText
    reason: LongText


class RequestPlace(RequestAccess, frozen=True, tag="request-place"):
    """Joins by taking over, in place of `request-access`: what the other has is asked for, as far as `scopes` go, for
    the time that is left to them. `takes_over` is a staff number or empty, as in `TakeOver`, and is signed, too."""

    takes_over: ShortText


class EndSession(_Message, frozen=True, tag="end-session"):
    """The engineer is done: the whole session ends."""


class AttestOutput(_Message, frozen=True, tag="attest-output"):
    """What the engineer's client saw on one shell channel; `signature` is over `attestation_bytes`."""

    stream_id: Bytes16
    output_bytes: Annotated[int, Meta(ge=0)]
    output_sha256: Bytes32
    signature: Bytes64


class FollowSession(_Message, frozen=True, tag="follow-session"):
    """Tell this stream what goes on in the session. `after` is the number of the newest line that is known, or 0.

    An agent that does not know this message ends the stream, so it is asked on a stream of its own: nothing new is said
    to a program that has not asked for it.
    """

    after: Annotated[int, Meta(ge=0, le=2**31)]


class Say(_Message, frozen=True, tag="say"):
    """A line to everybody in the session."""

    text: ChatLine


class AdmitSshKey(_Message, frozen=True, tag="admit-ssh-key"):
    """Lets one more SSH key of this engineer's in, through the broker's gateway; needs the scope `gateway`.

    The gateway opens streams with `gateway_id` in place of a pairing's id, authenticated by `gateway_key`, both drawn
    at random by the engineer's end, which gives them to the broker. They open nothing else, and on such a stream
    nothing but SSH by `ssh_user_key` (OpenSSH public-key blob, Ed25519) is let in. The newest of a pairing's takes the
    place of the one before.
    """

    ssh_user_key: Annotated[bytes, Meta(max_length=1024)]
    gateway_id: Bytes16
    gateway_key: Bytes32


class InviteColleague(_Message, frozen=True, tag="invite-colleague"):
    """Asks the agent for a code that lets a colleague ask the customer, too. The customer is told. The code goes to
    nobody but this engineer, and from them by mouth: the broker never has it.

    An agent that does not know this message ends the stream, so it is asked on a stream of its own.
    """


EngineerToAgent = (
    RequestAccess
    | RequestMore
    | RequestPlace
    | TakeOver
    | EndSession
    | AttestOutput
    | FollowSession
    | Say
    | AdmitSshKey
    | InviteColleague
)


class Granted(_Message, frozen=True, tag="granted"):
    """The customer said yes to what was asked: this is what is allowed from now on."""

    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    expires_at_ms: UnixMs
    user_name: ShortText
    host_label: ShortText
    folders: Annotated[tuple[str, ...], Meta(max_length=32)]
    language: Language


class GrantMoved(_Message, frozen=True, tag="grant-moved"):
    """Said unasked, whenever the customer or time has changed what is allowed. No scopes: nothing any more."""

    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    expires_at_ms: UnixMs


class TakenOver(_Message, frozen=True, tag="taken-over"):
    """Said after the `grant-moved` that left nothing: who has taken over, with the customer's yes. A program that does
    not know this word has heard by then that it is out."""

    name: ShortText
    staff_number: ShortText


class Denied(_Message, frozen=True, tag="denied"):
    reason: DenialReason


class Attested(_Message, frozen=True, tag="attested"):
    """The agent saw the same bytes (`matches`), and the attestation is in the recording."""

    matches: bool


class SshKeyAdmitted(_Message, frozen=True, tag="ssh-key-admitted"):
    """Streams of the gateway with this id are taken from now on. A refusal is `Denied`."""

    gateway_id: Bytes16


class ColleagueInvited(_Message, frozen=True, tag="colleague-invited"):
    """The answer to `invite-colleague`: the code as it stands on the customer's screen. A refusal is `Denied`."""

    code: ShortText
    expires_at_ms: UnixMs


class Ended(_Message, frozen=True, tag="ended"):
    reason: EndReason


class SessionMoved(_Message, frozen=True, tag="session-moved"):
    """The answer to `follow-session`, and said unasked when it changes: why work stands still, if so. `newest_line` is
    the number of the last line so far: what is not known of it, follows."""

    paused_by: Annotated[tuple[PausedBy, ...], Meta(max_length=3)]
    newest_line: Annotated[int, Meta(ge=0, le=2**31)]


class Said(_Message, frozen=True, tag="said"):
    """A line that is in the recording. Numbers count from 1. `participant` 0 is the customer, who has no `name` here;
    `mine` says that this very engineer wrote it."""

    number: LineNumber
    participant: Annotated[int, Meta(ge=0, le=64)]
    name: ShortText
    said_at_ms: UnixMs
    text: Annotated[str, Meta(min_length=1, max_length=LINE_LIMIT_CHARACTERS)]
    mine: bool


class SayTaken(_Message, frozen=True, tag="say-taken"):
    """The answer to `say`: it is in the recording under this number."""

    number: LineNumber


class SayRefused(_Message, frozen=True, tag="say-refused"):
    """The answer to `say`: nobody saw it."""

    reason: NotSaid


AgentToEngineer = (
    Granted
    | GrantMoved
    | TakenOver
    | Denied
    | Attested
    | Ended
    | SessionMoved
    | Said
    | SayTaken
    | SayRefused
    | SshKeyAdmitted
    | ColleagueInvited
)

# ── encoding ────────────────────────────────────────────────────────────────────────────────────────────────────

M = TypeVar("M")

_encoder = msgspec.msgpack.Encoder()


def encode(message: _Message) -> bytes:
    """The bytes of any message of this page."""
    return _encoder.encode(message)


class MessageDecoder(Generic[M]):
    """Decodes one conversation's messages in one direction, and nothing else."""

    def __init__(self, union: object, *, limit_bytes: int = UNPAIRED_FRAME_LIMIT_BYTES) -> None:
        self._decoder: msgspec.msgpack.Decoder[M] = msgspec.msgpack.Decoder(union)
        self._limit_bytes = limit_bytes

    def decode(self, data: bytes) -> M:
        """Raises PeerError if the bytes are too many, not msgpack, or not one of this conversation's messages."""
        if len(data) > self._limit_bytes:
            raise PeerError(problem=f"a message of {len(data)} bytes, {self._limit_bytes} are allowed")
        try:
            return self._decoder.decode(data)
        except UNREADABLE as error:
            # msgspec names the field and the rule, never the value.
            raise PeerError(problem=f"a message that is not in the protocol ({error})") from None
