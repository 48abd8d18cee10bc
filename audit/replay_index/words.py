"""Text → tokens, for finding words in Latin and in Chinese letters, and queries → what a line must hold.

Normal form is NFKC, case folded, without characters that cannot be seen: full-width letters, ligatures and zero-width
tricks are what they look like. A token is

    a word       letters and digits of scripts with spaces, whole: `nginx` is found in nginx.service, not in nginxd
    a character  of scripts written without spaces (Han, Kana, Hangul, Thai …), alone
    a pair       of two such neighbours: 重启 is found in 需要重启服务

A query is terms separated by blanks, or "terms in quotes". Every term must stand in the line, as it is written; in a
script with spaces its ends must be ends of words.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from protocol.errors import InputError

QUERY_LIMIT_CHARACTERS = 400
TERMS_LIMIT = 16

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts whose words have no spaces between them, and Korean, whose words carry endings."""
_TOKEN = re.compile(rf"[^\W_{_UNSPACED}]+|[{_UNSPACED}]+")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_UNSPACED_START = re.compile(f"[{_UNSPACED}]")
_TERM = re.compile(r'"([^"]*)"?|(\S+)')


class QueryError(InputError):
    """Nothing that could be searched for."""

    sentence = "{text} holds no word to search for. Write words, or several in quotes that stand side by side."


def normal_form(text: str) -> str:
    """As it looks, in small letters. Line feeds stay where they are."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()


def tokens_of(normal: str) -> set[str]:
    """Of text in normal form."""
    found = set(_TOKEN.findall(normal))
    if not normal.isascii():
        for run in [run for run in found if _UNSPACED_START.match(run)]:
            found.discard(run)
            found.update(run)
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return found


def token_hash(token: str) -> int:
    """32 bits, no secret: it is only ever kept encrypted."""
    return crc32(token.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Query:
    """`terms` in normal form, `hashes` of every token that a matching line must hold."""

    terms: tuple[str, ...]
    hashes: tuple[int, ...]

    def matches(self, normal: str) -> bool:
        """Whether one line in normal form holds every term."""
        return all(term in normal and _pattern(term).search(normal) for term in self.terms)

    def first_place(self, normal: str) -> int:
        """Where in a matching line the first term stands."""
        found = _pattern(self.terms[0]).search(normal)
        return found.start() if found else 0


def parse_query(text: str) -> Query:
    """Raises QueryError."""
    terms: dict[str, None] = {}
    tokens: set[str] = set()
    for quoted, plain in _TERM.findall(text[:QUERY_LIMIT_CHARACTERS]):
        term = normal_form(quoted or plain).strip()
        found = _needed_tokens(term)
        if found:
            terms[term] = None
            tokens |= found
    if not terms:
        raise QueryError(text=text[:QUERY_LIMIT_CHARACTERS] or "The query")
    longest_first = sorted(terms, key=len, reverse=True)[:TERMS_LIMIT]
    return Query(tuple(longest_first), tuple(token_hash(token) for token in sorted(tokens, key=len, reverse=True)))


def _needed_tokens(term: str) -> set[str]:
    """Of a run without spaces the pairs say all that its characters say."""
    tokens = tokens_of(term)
    pairs = {token for token in tokens if len(token) == 2 and _UNSPACED_START.match(token)}
    covered = set("".join(pairs))
    return {token for token in tokens if token not in covered}


@lru_cache(maxsize=256)
def _pattern(term: str) -> re.Pattern[str]:
    """The term, and where it begins or ends inside a spaced script, the end of a word."""
    letter = rf"[^\W_{_UNSPACED}]"
    before = rf"(?<!{letter})" if re.match(letter, term) else ""
    after = rf"(?!{letter})" if re.search(rf"{letter}\Z", term) else ""
    return re.compile(before + re.escape(term) + after)
