"""The lines that a wrapper may send to `json_face.py`, one class each: strict, so that a typing slip is an error.

Each is a JSON object whose `command` is the class' tag. Bytes are standard base64.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from protocol.grants import Scope
from protocol.messages.control import ChatLine
from protocol.messages.fields import LongText


class Line(Struct, frozen=True, forbid_unknown_fields=True, tag_field="command", rename="kebab"):
    """Base of all lines in."""


class AnswerLine(Line, frozen=True, tag="answer"):
    """The customer's answer. Without `scopes` or `minutes`, all that was asked for; with them, at most that."""

    question: int
    allow: bool
    scopes: tuple[Scope, ...] | None = None
    minutes: Annotated[int, Meta(ge=0, le=480)] | None = None


class NarrowLine(Line, frozen=True, tag="narrow"):
    """Leaves one engineer with these scopes; none at all sends them out."""

    participant: Annotated[int, Meta(ge=1)]
    scopes: tuple[Scope, ...]


class WatchLine(Line, frozen=True, tag="watch"):
    """Asks for the shared terminal's output from now on, and says how large it may be at most."""

    columns: Annotated[int, Meta(ge=20, le=500)]
    rows: Annotated[int, Meta(ge=5, le=300)]


class TypeLine(Line, frozen=True, tag="type"):
    """Types into the shared terminal."""

    data: bytes


class SayLine(Line, frozen=True, tag="say"):
    """Writes a line to everybody in the session."""

    text: ChatLine


class RateLine(Line, frozen=True, tag="rate"):
    """Answers `rating-question`."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    solved: bool | None = None
    comment: LongText = ""


class SkipRatingLine(Line, frozen=True, tag="skip-rating"):
    """Answers `rating-question` with: rather not."""


class PauseLine(Line, frozen=True, tag="pause"):
    """Freezes the session."""


class ResumeLine(Line, frozen=True, tag="resume"):
    """Goes on."""


class NewCodeLine(Line, frozen=True, tag="new-code"):
    """Opens a fresh code."""


class CancelCodeLine(Line, frozen=True, tag="cancel-code"):
    """Closes the open code."""


class EndLine(Line, frozen=True, tag="end"):
    """Ends the session, or stops sharing before there is one."""


AnyLine = (
    AnswerLine
    | NarrowLine
    | WatchLine
    | TypeLine
    | SayLine
    | RateLine
    | SkipRatingLine
    | PauseLine
    | ResumeLine
    | NewCodeLine
    | CancelCodeLine
    | EndLine
)

line_decoder = msgspec.json.Decoder(AnyLine)
