"""Finds a sentence by its id and fills it in.

Fluent and its parser take longer to import than most commands take to run, and a file of sentences longer to parse
than to search. So nothing is loaded before the first sentence, and of the sentences each is parsed when it is said
first. That is possible because no sentence refers to another one.
"""

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from protocol.details import Detail, undecodable
from protocol.errors import ConsentryError
from wording.languages import Language
from wording.safe_text import safe_text

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle
    from fluent.runtime.resolver import Message, Pattern

_MESSAGE_LINE = re.compile(r"^([a-z][a-z0-9-]*) *=", re.MULTILINE)
_NO_WORD = re.compile(r"(?:\{.*?\}|[^a-z0-9])+")
_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")
_FIELDS_OF_DETAILS = frozenset({"problem", "what", "field", "role", "outcome", "retention"})
"""Where an error's plain strings are our own words."""


class UnknownWording(LookupError):
    """The code asks for a sentence that no catalogue has: a mistake of ours, never of a person's."""


class Wording:
    """All sentences in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, message_id: str, **fields: object) -> str:
        """The sentence with its fields filled in. Raises UnknownWording.

        `message.attribute` says an attribute of a message. Text fields are made safe to show (see safe_text.py). Whole
        numbers are grouped the way the language does it: give an identifier, a port or a year as text.
        """
        pattern = self._pattern(message_id)
        if pattern is None:
            raise UnknownWording(f"no sentence {message_id!r} in {self.language}")
        given = {name: self._shown(value) for name, value in fields.items()}
        filled, _ = _bundle(self.language).format_pattern(pattern, given)
        return str(filled)

    def say_error(self, error: ConsentryError) -> str:
        """What went wrong and what to do, in this language; in the words of the class where there is no translation."""
        fields = {name: self._fact(name, value) for name, value in error.fields.items()}
        for kind in type(error).__mro__:
            if kind is ConsentryError and type(error) is not ConsentryError:
                break  # "Something went wrong" says less than the class does, even in the wrong language
            message_id = error_id(kind)
            if self.knows(message_id):
                return self.say(message_id, **fields)
        return type(error).sentence.format(**{name: self._shown(value) for name, value in fields.items()})

    def say_detail(self, text: str) -> str:
        """A part of a sentence (`protocol/details.py`) in this language; as it stands where nothing is known of it."""
        template, fields = (text.template, text.fields) if isinstance(text, Detail) else (text, {})
        message_id = detail_id(template)
        if not self.knows(message_id):
            return safe_text(text)
        return self.say(message_id, **{name: self._fact(name, value) for name, value in fields.items()})

    def say_refusal(self, code: str, sentence: str) -> str:
        """Another program's refusal: the translation of its `code` (`login-refused`), or else its own words.

        A translation that needs facts that the refusal does not carry cannot be used.
        """
        pattern = self._pattern(f"error-{code}")
        if pattern is not None:
            said, missing = _bundle(self.language).format_pattern(pattern, {})
            if not missing:
                return str(said)
        return safe_text(sentence)

    def knows(self, message_id: str) -> bool:
        return self._pattern(message_id) is not None

    def _fact(self, name: str, value: object) -> object:
        if isinstance(value, ConsentryError):
            return self.say_error(value).rstrip(".。")  # it stands in a sentence that has an end of its own
        return self.say_detail(value) if name in _FIELDS_OF_DETAILS and isinstance(value, str) else value

    def _shown(self, value: object) -> int | float | str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if isinstance(value, ConsentryError):
            return self.say_error(value)
        if isinstance(value, Exception):
            value = undecodable(value)
        return self.say_detail(value) if isinstance(value, Detail) else safe_text(str(value))

    def _pattern(self, message_id: str) -> "Pattern | None":
        name, _, attribute = message_id.partition(".")
        if name not in _texts(self.language):  # it may be anything: a server's word
            return None
        message = _message(self.language, name)
        return message.attributes.get(attribute) if attribute else message.value


def error_id(kind: type) -> str:
    """`LoginExpired` → `error-login-expired`."""
    return "error-" + _WORD_START.sub("-", kind.__name__).lower()


def detail_id(template: str) -> str:
    """`it has {size} bytes` → `detail-it-has-bytes`."""
    return "detail-" + _NO_WORD.sub("-", template.lower()).strip("-")


@cache
def _texts(language: Language) -> dict[str, str]:
    """Every message of a language as it stands in its file, by its id."""
    found: dict[str, str] = {}
    for file in files("wording").joinpath(language).iterdir():
        if file.name.endswith(".ftl"):
            _, *pieces = _MESSAGE_LINE.split(file.read_text(encoding="utf-8"))
            found |= {name: f"{name} ={rest}" for name, rest in zip(pieces[::2], pieces[1::2], strict=True)}
    return found


@cache
def _message(language: Language, name: str) -> "Message":
    from fluent.runtime import FluentResource

    bundle = _bundle(language)
    bundle.add_resource(FluentResource(_texts(language)[name]))
    return bundle.get_message(name)


@cache
def _bundle(language: Language) -> "FluentBundle":
    from fluent.runtime import FluentBundle

    # Isolating marks are invisible characters around each field: right on a page, noise on a terminal.
    return FluentBundle([language], use_isolating=False)
