"""Which language a person reads, told by the environment."""

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
