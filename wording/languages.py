"""Which language a person reads, told by the environment, or by the request that their program sent."""

import re
from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["en", "zh-CN"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_VARIABLES_IN_ORDER = ("CONSENTRY_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Ours first; then POSIX' order for messages (POSIX.1-2017, 8.2)."""


def detect_language(environment: Mapping[str, str]) -> Language:
    """The language of the first variable that is set; English if none is, or if its language is not ours.

    Every Chinese locale gets Simplified Chinese: somebody who reads Traditional reads it better than English.
    """
    for variable in _VARIABLES_IN_ORDER:
        value = environment.get(variable)
        if value:
            return "zh-CN" if value.lower().replace("_", "-").split("-")[0].split(".")[0] == "zh" else "en"
    return "en"


def accepted_language(header: str) -> Language:
    """Of a request's Accept-Language (RFC 9110, 12.5.4): the one of ours that is wanted most, English if none is."""
    best: tuple[float, Language] = (0.0, "en")
    for part in header[:500].split(","):
        name, _, quality = part.partition(";")
        main = name.strip().lower().partition("-")[0]
        if main in ("en", "zh"):
            weight = _weight(quality)
            if weight > best[0]:
                best = (weight, "zh-CN" if main == "zh" else "en")
    return best[1]


def _weight(text: str) -> float:
    """`q=0.8`; 1 where nothing is said, 0 for what is no weight."""
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    digits = value.strip()
    return float(digits) if name.strip() == "q" and re.fullmatch(r"[01](\.\d{0,3})?", digits) else 0.0
