"""Command lines in help and documents: whether the command line of today takes them."""

import shlex
from functools import cache
from typing import Any

from typer.core import TyperGroup

from consentry.cli import build, loaded_commands
from wording import Wording

SHELL_ENDS = {"&&", "||", "|", ";", "#", "<", ">"}


@cache
def commands() -> dict[str, Any]:
    """Every command by its words, and the whole under ''."""
    root = build(Wording("en"))
    return {"": root, **loaded_commands(root)}


def check_command_line(line: str) -> None:
    """`consentry …` names a command, and that takes the arguments. Nothing is run. Fails, or raises a usage error.

    Options alone are a mention of them, not an example: they only have to exist.
    """
    words = shlex.split(line)[1:]
    ends = [index for index, word in enumerate(words) if word in SHELL_ENDS]
    words = words[: ends[0]] if ends else words
    found, rest = commands()[""], words
    while rest and isinstance(found, TyperGroup) and not rest[0].startswith("-"):
        known = len(words) - len(rest) + 1
        assert " ".join(words[:known]) in commands(), f"`{line}`: there is no such command"
        found, rest = commands()[" ".join(words[:known])], rest[1:]
    if rest and rest != ["--help"] and not isinstance(found, TyperGroup):
        if all(word.startswith("--") for word in rest):
            options = {one for parameter in found.params for one in (*parameter.opts, *parameter.secondary_opts)}
            assert set(rest) <= options, f"`{line}`: there is no such option"
        else:
            found.make_context("consentry", list(rest))
