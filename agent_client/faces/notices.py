"""Everything that a session can tell the customer, one class each.

Notices are facts, not sentences: the face chooses words, language and shape. All `…_at_ms` are Unix milliseconds on
this machine's clock. Texts that an engineer chose (names, reasons, commands, paths) are raw here: a face escapes them
before it shows them.
"""

from dataclasses import dataclass
from typing import Literal

from protocol.events import FileAction
from protocol.grants import Scope
from protocol.messages.control import NotSaid
from protocol.messages.fields import EndReason
from protocol.messages.pairing import PairingOutcome


@dataclass(frozen=True, slots=True)
class SharingStarted:
    """The broker has opened a session. `notice` is the organisation's own text in the customer's language, or empty."""

    organisation: str
    broker_origin: str
    user_name: str
    host_label: str
    notice: str


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """The customer's words are on their way to the organisation's queue."""

    words: str


@dataclass(frozen=True, slots=True)
class HelpTaken:
    """This engineer has taken the request, says the broker; no name: nobody has it any more."""

    name: str
    staff_number: str


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code is open. `code` is what the customer reads out, as `NNN-SSSS-SSSC`."""

    code: str
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class CodeEnded:
    """The code shown last is of no more use."""

    outcome: PairingOutcome


@dataclass(frozen=True, slots=True)
class EngineerAsking:
    """An engineer proved the code and is about to say who they are; the question follows through `Face.decide`."""

    participant: int


@dataclass(frozen=True, slots=True)
class Present:
    """One engineer who is in, with what they may do and until when."""

    participant: int
    name: str
    staff_number: str
    scopes: frozenset[Scope]
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class SessionLive:
    """Consent was given and the recording is open: the shared terminal begins."""

    participants: tuple[Present, ...]


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    participant: Present


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    participant: int
    name: str


@dataclass(frozen=True, slots=True)
class TakenOver:
    """`name` has taken over from `leaver_name`, who is out, as the customer allowed."""

    participant: int
    name: str
    leaver: int
    leaver_name: str


@dataclass(frozen=True, slots=True)
class ColleagueInvited:
    """This engineer has asked for the code that stands on the screen, to give it to a colleague."""

    participant: int
    name: str


@dataclass(frozen=True, slots=True)
class GrantChanged:
    """What is allowed from now on; no scopes means nothing any more."""

    participant: int
    scopes: frozenset[Scope]
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class Paused:
    by: Literal["customer", "recorder"]


@dataclass(frozen=True, slots=True)
class Resumed:
    by: Literal["customer", "recorder"]


@dataclass(frozen=True, slots=True)
class RoomResized:
    """The shared terminal has this size now: the smallest of all who look at it."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class CommandRun:
    """A command beside the shared terminal (`ssh ALIAS command`)."""

    participant: int
    command: str


@dataclass(frozen=True, slots=True)
class ConnectionMade:
    """A network connection from this machine, to `host:port`, that carries what the engineer sends (`ssh -L`)."""

    participant: int
    destination: str


@dataclass(frozen=True, slots=True)
class FileTouched:
    participant: int
    path: str
    action: FileAction
    byte_count: int


@dataclass(frozen=True, slots=True)
class ChatSaid:
    """A line of chat, in the recording and with everybody now, the customer's own (participant 0) too.

    Lines are numbered from 1. `text` is one to some lines of somebody else's making: a face escapes it.
    """

    number: int
    participant: int
    name: str
    said_at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class ChatRefused:
    """The customer's last line was not taken; nobody saw it."""

    reason: NotSaid


@dataclass(frozen=True, slots=True)
class RecorderProgress:
    """Sealed bytes of the recording so far, and how many of them the organisation holds on disk."""

    recorded_bytes: int
    acked_bytes: int


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """`waiting_since_ms` is None while connected."""

    to: Literal["broker", "engineer", "records"]
    connected: bool
    waiting_since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The session cannot go on. `sentence` is in the customer's language already and says what to do."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """A supervisor of the organisation, who takes no part, ends the session: who, and why in their words."""

    name: str
    staff_number: str
    why: str


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """What was done, at the end. `delivered` is false while the organisation does not hold the whole recording yet."""

    engineers: tuple[str, ...]
    started_at_ms: int
    ended_at_ms: int
    reason: EndReason
    commands: int
    files: tuple[FileTouched, ...]
    record_count: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class ReceiptWritten:
    path: str


Notice = (
    SharingStarted
    | HelpAsked
    | HelpTaken
    | CodeShown
    | CodeEnded
    | EngineerAsking
    | SessionLive
    | ParticipantJoined
    | ParticipantLeft
    | TakenOver
    | ColleagueInvited
    | GrantChanged
    | Paused
    | Resumed
    | RoomResized
    | CommandRun
    | ConnectionMade
    | FileTouched
    | ChatSaid
    | ChatRefused
    | RecorderProgress
    | ConnectionState
    | Failed
    | Stopped
    | SessionSummary
    | ReceiptWritten
)
