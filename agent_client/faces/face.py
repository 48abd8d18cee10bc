"""What a session expects of whatever shows it, and the questions and answers between the two."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

from agent_client.faces.notices import Notice, Present
from protocol.grants import Scope


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """Who asks for what and why; all that the customer is to see before they answer.

    Times are Unix milliseconds. An Allow before `allow_not_before_ms` does not count: powerful scopes give the customer
    a moment to read. `is_raise` tells a later request for more from the first one. `organisation` has confirmed `name`
    and `staff_number` by its certificate; `reason` and `ticket` are the engineer's own words. `takes_over` is somebody
    who is in and leaves with an Allow: what they have is asked for, until it ends, and `minutes` are 0.
    """

    participant: int
    name: str
    staff_number: str
    organisation: str
    reason: str
    ticket: str
    scopes: frozenset[Scope]
    minutes: int
    folders: tuple[str, ...]
    client: Literal["ssh", "cli", "browser"]
    is_raise: bool
    asked_at_ms: int
    allow_not_before_ms: int
    expires_at_ms: int
    takes_over: Present | None = None


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """`scopes` and `minutes` are at most what was asked; both mean nothing where `allowed` is false."""

    allowed: bool
    scopes: frozenset[Scope]
    minutes: int

    def gives_something(self, question: ConsentQuestion) -> bool:
        """A first Allow needs a scope and time for it; one to a request for more, either; to take over, a scope."""
        if question.is_raise or question.takes_over:
            return bool(self.scopes or self.minutes)
        return bool(self.scopes and self.minutes)


DENIED = ConsentAnswer(allowed=False, scopes=frozenset(), minutes=0)


@dataclass(frozen=True, slots=True)
class Rating:
    """`solved` is None where the customer did not say."""

    stars: int
    solved: bool | None
    comment: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Freeze the shared terminal and everything in it."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """Open a fresh code: after one that ended, or for one engineer more."""


@dataclass(frozen=True, slots=True)
class CancelCode:
    """The code that is shown shall be of no more use."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Leave this engineer with `scopes`, a part of what they have; with none, they are out."""

    participant: int
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class End:
    """End the session for everybody, at once. Before anybody is in: stop sharing."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Bytes that the customer typed into the shared terminal."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Resized:
    """The part of the customer's screen that shows the shared terminal has another size now."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Say:
    """A line to everybody in the session: one that `protocol.chat.chat_line` has let through."""

    text: str


CustomerCommand = Pause | Resume | NewCode | CancelCode | Narrow | End | Typed | Resized | Say


class Face(Protocol):
    """Shows a session to the customer and brings back what they want. Used as `async with face:`.

    Entering takes the terminal, leaving gives it back, on every path. All methods belong to the event loop's thread.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def room_size(self) -> tuple[int, int] | None:
        """Columns and rows that the shared terminal has on the customer's screen; None where nobody looks at it."""

    def show(self, notice: Notice) -> None:
        """Takes a fact and returns at once."""

    async def decide(self, question: ConsentQuestion) -> ConsentAnswer:
        """Puts the question to the customer and waits for the answer.

        Several questions at once are put one after the other. The session cancels the call when the question is moot
        (the engineer left, the time is over); the face then takes it off the screen.
        """

    def room_output(self, data: bytes) -> None:
        """Raw bytes of the shared terminal, as recorded. Returns at once: a slow screen skips, the room never waits."""

    def commands(self) -> AsyncIterator[CustomerCommand]:
        """What the customer wants, as it comes; ends when there is nobody left who could say something."""

    async def rate(self) -> Rating | None:
        """Asks once, after the end. None where the customer would rather not."""
