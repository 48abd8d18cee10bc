"""The one-time code that two people read to each other: `NNN-SSSS-SSSC`.

    NNN        nameplate: names the meeting at the broker, public, first digit not 0 (four digits on a busy broker)
    SSSSSSS    secret: seven digits, made by the customer's machine, never sent to anybody
    C          Damm check digit over all the others: a slip of the finger is noticed here and does not burn the code

Digits because they read the same over a telephone in every language. Seven because a PAKE allows one guess per run:
1e-7 for each. What may be typed is generous (full-width digits, spaces, every kind of dash); what comes out is exact.
"""

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from protocol.errors import InputError

SECRET_DIGITS = 7
"""23.3 bits; OWASP ASVS 5.0 asks for 20 where guesses are limited."""

NAMEPLATE_DIGITS = (3, 4)

TYPED_LIMIT_CHARACTERS = 64
"""Longer input is no code, whatever it is: it is not even looked at."""

# The totally anti-symmetric quasigroup of order 10 from H. M. Damm's thesis (2004), p. 111.
# Row: the digit carried so far; column: the next digit of the code.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

# People's keyboards and chat programs turn a hyphen into these; Unicode does not count them as dashes (category Pd).
_MORE_DASHES = "\u00ad\u2043\u2212\u30fc\u2500"


class CodeShapeError(InputError):
    """What was typed does not have the shape of a code. Never holds what was typed: it may be nearly the secret."""

    sentence = "A code has 11 or 12 digits, like 482-9137-7551; this has {digits}. Ask the customer to read it again."


class CodeSlipError(InputError):
    """The check digit does not fit: a digit was misheard or mistyped. Nothing was sent, the code is still good."""

    sentence = "One digit of the code is not right. The code is still good: ask the customer to read it again."


def damm_digit(digits: str) -> str:
    """The check digit of a string of ASCII digits. It catches every wrong digit and every swap of two neighbours."""
    carried = 0
    for digit in digits:
        carried = _DAMM[carried][int(digit)]
    return str(carried)


@dataclass(frozen=True)
class OneTimeCode:
    """A code that is well formed. `str()` shows the secret and is for the customer's eyes; `repr()` never does."""

    nameplate: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _is_nameplate(self.nameplate) or not _are_digits(self.secret) or len(self.secret) != SECRET_DIGITS:
            raise CodeShapeError(digits=len(self.nameplate) + len(self.secret) + 1)

    def __str__(self) -> str:
        check = damm_digit(self.nameplate + self.secret)
        return f"{self.nameplate}-{self.secret[:4]}-{self.secret[4:]}{check}"


def new_code(nameplate: str, *, random_below: Callable[[int], int] = secrets.randbelow) -> OneTimeCode:
    """A fresh code for the nameplate that the broker gave. Raises CodeShapeError if that is no nameplate."""
    return OneTimeCode(nameplate, f"{random_below(10**SECRET_DIGITS):0{SECRET_DIGITS}d}")


def parse_code(text: str) -> OneTimeCode:
    """Reads what a person typed or pasted.

    Raises CodeShapeError (not 11 or 12 digits, or a nameplate with a leading 0) and CodeSlipError (check digit).
    """
    if len(text) > TYPED_LIMIT_CHARACTERS:
        raise CodeShapeError(digits=sum(character.isdecimal() for character in text))
    digits = "".join(character for character in unicodedata.normalize("NFKC", text) if not _is_separator(character))
    nameplate_digits = len(digits) - SECRET_DIGITS - 1
    if not _are_digits(digits) or nameplate_digits not in NAMEPLATE_DIGITS or digits[0] == "0":
        raise CodeShapeError(digits=sum(character.isdecimal() for character in digits))
    if damm_digit(digits[:-1]) != digits[-1]:
        raise CodeSlipError
    return OneTimeCode(digits[:nameplate_digits], digits[nameplate_digits:-1])


def _is_separator(character: str) -> bool:
    # Cf: invisible marks (direction, zero width) that come along when somebody pastes from a chat.
    return character.isspace() or unicodedata.category(character) in {"Pd", "Cf"} or character in _MORE_DASHES


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _is_nameplate(text: str) -> bool:
    return _are_digits(text) and len(text) in NAMEPLATE_DIGITS and text[0] != "0"
