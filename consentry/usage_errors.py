"""What is wrong with a command line, in the reader's language.

Typer tells it in English sentences of its own. What a parameter is, and which name was not known, it tells in fields;
the rest is known by the form of its sentence.
"""

import re
from difflib import get_close_matches
from typing import Any

from typer.core import TyperOption
from typer.exceptions import TyperException

from consentry.help_texts import choices_of, in_words
from protocol.details import Detail, broken_rule
from wording import Wording, safe_text

_UNEXPECTED = re.compile(r"Got unexpected extra argument\(s\) \((.*)\)", re.DOTALL)
_UNKNOWN_COMMAND = re.compile(r"No such command (['\"])(.*)\1\.", re.DOTALL)


def usage_error(error: TyperException, wording: Wording) -> str:
    """One line: what is wrong, and where it is explained. Empty where help was asked for, which has been shown."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return ""
    context = getattr(error, "ctx", None)
    parts = _problem(kind, error, context, wording)
    if context is not None:
        parts.append(wording.say("command-failure.try-help", command=context.command_path))
    told = parts[0]
    for part in parts[1:]:
        told = wording.say("command-failure.sentences", first=told, then=part)
    return told


def _problem(kind: str, error: Any, context: Any, wording: Wording) -> list[str]:
    parameter = getattr(error, "param", None)
    if kind == "NoSuchOption":
        told = [wording.say("command-failure.no-such-option", option=error.option_name)]
        return told + _meant(error.option_name, _options(context), wording)
    if kind == "BadOptionUsage":
        how = "needs-value" if "requires" in error.message else "takes-no-value"
        return [wording.say(f"command-failure.{how}", option=error.option_name)]
    if parameter is not None and kind == "MissingParameter":
        return [wording.say("command-failure.missing", parameter=_name(parameter, wording))]
    if kind == "BadParameter":
        name = error.param_hint or _name(parameter, wording)
        problem = wording.say_detail(_what_is_wrong(error, parameter)).rstrip(".。")
        return [wording.say("command-failure.bad-value", parameter=name, problem=problem)]
    if error.message == "Missing command.":
        return [wording.say("command-failure.no-command")]
    if found := _UNKNOWN_COMMAND.match(error.message):
        told = [wording.say("command-failure.no-such-command", name=found[2])]
        return told + _meant(found[2], list(context.command.commands), wording)
    if found := _UNEXPECTED.fullmatch(error.message):
        return [wording.say("command-failure.too-much", words=found[1])]
    return [safe_text(error.format_message())]


def _name(parameter: Any, wording: Wording) -> str:
    """As it is typed: an option by its long name, an argument by its placeholder in help."""
    if isinstance(parameter, TyperOption):
        return max(parameter.opts, key=len)
    return in_words(parameter.metavar, wording) if parameter.metavar else str(parameter.display_name_raw)


def _options(context: Any) -> list[str]:
    return [option for parameter in context.command.params for option in (*parameter.opts, *parameter.secondary_opts)]


def _meant(typed: str, known: list[str], wording: Wording) -> list[str]:
    names = get_close_matches(typed, known, cutoff=0.75)
    return [wording.say("command-failure.meant", names=" ".join(sorted(names)))] if names else []


def _what_is_wrong(error: Any, parameter: Any) -> str:
    """Of a value that is none of the few, or that pydantic, which Typer asks, did not take."""
    from pydantic import ValidationError  # loaded already if it was asked, and costly if not

    if parameter is not None and (choices := choices_of(parameter)):
        return Detail("it must be one of {expected}", expected=", ".join(choices))
    found = error.__cause__.errors() if isinstance(error.__cause__, ValidationError) else []
    return broken_rule(found[0]) if found else str(error.message)
