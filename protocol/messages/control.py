"""Engineer ↔ agent: requests, grants, chat, sealed from the broker inside a stream of kind `control`."""

from typing import Annotated, Literal

from msgspec import Meta

from protocol.chat import LINE_LIMIT_CHARACTERS, LINE_PATTERN
from protocol.grants import Scope
from protocol.messages.fields import Bytes16, Bytes32, Bytes64, EndReason, Language, LongText, ShortText, UnixMs
from protocol.messages.wire import Message

ChatLine = Annotated[str, Meta(min_length=1, max_length=LINE_LIMIT_CHARACTERS, pattern=LINE_PATTERN)]
LineNumber = Annotated[int, Meta(ge=1, le=2**31)]
Minutes = Annotated[int, Meta(ge=1, le=480)]
Scopes = Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=len(Scope))]

PausedBy = Literal["customer", "recorder", "question"]
"""Why nothing of the engineers' runs: the customer said so, the recording cannot be delivered, a question stands."""

NotSaid = Literal["not-in", "too-fast", "full", "unusable"]
"""Why a line of chat was not taken."""

DenialReason = Literal[
    "customer", "timeout", "certificate", "scope", "root-needed", "root-absent", "nobody", "several", "policy"
]  # fmt: skip
"""`nobody` and `several` answer a wish to take over alone: who was meant is not in, or not as it was asked. `policy` is
whatever the others are not; `protocol/control.md` in the documentation says when each is given."""


class RequestAccess(Message, frozen=True, tag="request-access"):
    """Who asks for what and why. `signature` is by the certificate's key over the pairing transcript's hash."""

    certificate: Annotated[bytes, Meta(max_length=4096)]
    signature: Bytes64
    reason: LongText
    ticket: ShortText
    scopes: Scopes
    minutes: Minutes
    ssh_user_key: Annotated[bytes, Meta(max_length=1024)]
    client: Literal["ssh", "cli", "browser"]


class RequestMore(Message, frozen=True, tag="request-more"):
    """One scope more, or more time: asks the customer again. `minutes` 0 keeps the time."""

    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    minutes: Annotated[int, Meta(ge=0, le=480)]
    reason: LongText


class TakeOver(Message, frozen=True, tag="take-over"):
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


class EndSession(Message, frozen=True, tag="end-session"):
    """The engineer is done: the whole session ends."""


class AttestOutput(Message, frozen=True, tag="attest-output"):
    """What the engineer's client saw on one shell channel; `signature` is over `attestation_bytes`."""

    stream_id: Bytes16
    output_bytes: Annotated[int, Meta(ge=0)]
    output_sha256: Bytes32
    signature: Bytes64


class FollowSession(Message, frozen=True, tag="follow-session"):
    """Tell this stream what goes on in the session. `after` is the number of the newest line that is known, or 0.

    An agent that does not know this message ends the stream, so it is asked on a stream of its own: nothing new is said
    to a program that has not asked for it.
    """

    after: Annotated[int, Meta(ge=0, le=2**31)]


class Say(Message, frozen=True, tag="say"):
    """A line to everybody in the session."""

    text: ChatLine


class AdmitSshKey(Message, frozen=True, tag="admit-ssh-key"):
    """Lets one more SSH key of this engineer's in, through the broker's gateway; needs the scope `gateway`.

    The gateway opens streams with `gateway_id` in place of a pairing's id, authenticated by `gateway_key`, both drawn
    at random by the engineer's end, which gives them to the broker. They open nothing else, and on such a stream
    nothing but SSH by `ssh_user_key` (OpenSSH public-key blob, Ed25519) is let in. The newest of a pairing's takes the
    place of the one before.
    """

    ssh_user_key: Annotated[bytes, Meta(max_length=1024)]
    gateway_id: Bytes16
    gateway_key: Bytes32


class InviteColleague(Message, frozen=True, tag="invite-colleague"):
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


class Granted(Message, frozen=True, tag="granted"):
    """The customer said yes to what was asked: this is what is allowed from now on."""

    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    expires_at_ms: UnixMs
    user_name: ShortText
    host_label: ShortText
    folders: Annotated[tuple[str, ...], Meta(max_length=32)]
    language: Language


class GrantMoved(Message, frozen=True, tag="grant-moved"):
    """Said unasked, whenever the customer or time has changed what is allowed. No scopes: nothing any more."""

    scopes: Annotated[tuple[Scope, ...], Meta(max_length=len(Scope))]
    expires_at_ms: UnixMs


class TakenOver(Message, frozen=True, tag="taken-over"):
    """Said after the `grant-moved` that left nothing: who has taken over, with the customer's yes. A program that does
    not know this word has heard by then that it is out."""

    name: ShortText
    staff_number: ShortText


class Denied(Message, frozen=True, tag="denied"):
    reason: DenialReason


class Attested(Message, frozen=True, tag="attested"):
    """The agent saw the same bytes (`matches`), and the attestation is in the recording."""

    matches: bool


class SshKeyAdmitted(Message, frozen=True, tag="ssh-key-admitted"):
    """Streams of the gateway with this id are taken from now on. A refusal is `Denied`."""

    gateway_id: Bytes16


class ColleagueInvited(Message, frozen=True, tag="colleague-invited"):
    """The answer to `invite-colleague`: the code as it stands on the customer's screen. A refusal is `Denied`."""

    code: ShortText
    expires_at_ms: UnixMs


class Ended(Message, frozen=True, tag="ended"):
    reason: EndReason


class SessionMoved(Message, frozen=True, tag="session-moved"):
    """The answer to `follow-session`, and said unasked when it changes: why work stands still, if so. `newest_line` is
    the number of the last line so far: what is not known of it, follows."""

    paused_by: Annotated[tuple[PausedBy, ...], Meta(max_length=3)]
    newest_line: Annotated[int, Meta(ge=0, le=2**31)]


class Said(Message, frozen=True, tag="said"):
    """A line that is in the recording. Numbers count from 1. `participant` 0 is the customer, who has no `name` here;
    `mine` says that this very engineer wrote it."""

    number: LineNumber
    participant: Annotated[int, Meta(ge=0, le=64)]
    name: ShortText
    said_at_ms: UnixMs
    text: Annotated[str, Meta(min_length=1, max_length=LINE_LIMIT_CHARACTERS)]
    mine: bool


class SayTaken(Message, frozen=True, tag="say-taken"):
    """The answer to `say`: it is in the recording under this number."""

    number: LineNumber


class SayRefused(Message, frozen=True, tag="say-refused"):
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
