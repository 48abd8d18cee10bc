"""Every way in which the rules can be broken, as sentences that people can act on.

    ConsentryError                  anything that this project raises on purpose
    ├── InputError                  what a person typed or configured is wrong: they can mend it
    ├── PeerError                   the other end broke the protocol: the connection or session ends, we do not guess
    ├── RefusedError                the other end said no, in order and with a reason
    ├── IntegrityError              bytes are not what their chain, signature or seal says
    └── UnavailableError            something that is needed cannot be had at this time

The `sentence` of a class is what a person reads, with its fields filled in: what was wrong, and what to do. It never
holds a secret. Each class has a translation in `wording/` under its name; a test compares the two lists. Modules add
their own classes beneath these, next to the code that raises them.
"""

from typing import ClassVar


class ConsentryError(Exception):
    """Base of all errors raised on purpose. Keyword fields fill the sentence; they must be fit to be shown."""

    sentence: ClassVar[str] = "Something went wrong."

    def __init__(self, **fields: object) -> None:
        super().__init__()
        self.fields = fields

    def __str__(self) -> str:
        return self.sentence.format(**self.fields)


class InputError(ConsentryError):
    """A person gave something that cannot be used."""

    sentence = "That input cannot be used: {problem}."


class PeerError(ConsentryError):
    """The other end sent what the protocol does not allow."""

    sentence = "The other end broke the protocol: {problem}. The connection was closed; try again."


class RefusedError(ConsentryError):
    """The other end refused, and said why."""

    sentence = "Refused: {reason}"


class IntegrityError(ConsentryError):
    """Bytes do not match their chain, signature or seal."""

    sentence = "The data is not intact: {problem}."


class UnavailableError(ConsentryError):
    """Something needed is not to be had at this time."""

    sentence = "{what} cannot be reached. Check the connection and try again."
