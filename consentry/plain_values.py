"""Takes the plain values of a command line without pydantic.

Typer asks pydantic about every value of every parameter, given or not, and to load it takes longer than to run most
commands. A default is ours, and right; a text, the name of a file and a word that is one of a few are what they look
like. All others stay Typer's, and with them whatever is wrong.
"""

import os
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from consentry.help_texts import HELP_OPTIONS


class _NotPlain(Exception):
    """There is more to the value."""


def take_plain_values(command: TyperCommand | TyperGroup) -> None:
    """From now on `command` takes them this way, and all beneath it do."""
    for parameter in command.get_params(typer.Context(command, help_option_names=HELP_OPTIONS)):
        if isinstance(parameter, TyperOption | TyperArgument) and not _asks_more(parameter):
            _take_plain_values_of(parameter)
    if isinstance(command, TyperGroup):
        for child in command.commands.values():
            if isinstance(child, TyperCommand | TyperGroup):
                take_plain_values(child)


def _asks_more(parameter: TyperOption | TyperArgument) -> bool:
    """Of a text or a file: to be read by a function, to exist, to be of one sort."""
    info = parameter.type_descriptor.parameter_info
    of_the_file = info.exists or info.resolve_path or info.writable or not (info.file_okay and info.dir_okay)
    return info.parser is not None or of_the_file


def _take_plain_values_of(parameter: TyperOption | TyperArgument) -> None:
    ask_typer = parameter.get_runtime_param

    class Plain:
        def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
            if value is None:
                return () if param.multiple or param.nargs == -1 else None
            if ctx.get_parameter_source(param.name).name == "DEFAULT":
                return value
            try:
                return _plain(param.type_descriptor.annotation, value)
            except _NotPlain:
                return ask_typer().coerce(value, param=param, ctx=ctx)

    parameter.get_runtime_param = Plain  # type: ignore[assignment,method-assign]  # Typer has no place for it


def _plain(wanted: Any, value: Any) -> Any:
    """`value` as a parameter of the type `wanted` has it. Raises _NotPlain."""
    if get_origin(wanted) is list and isinstance(value, list | tuple):
        return [_plain(get_args(wanted)[0], one) for one in value]
    if wanted is str and isinstance(value, str):
        return value
    if wanted is Path and isinstance(value, str) and (os.access(value, os.R_OK) or not os.path.lexists(value)):
        return Path(value)
    for choice in _choices(wanted):
        if value == (choice.value if isinstance(choice, Enum) else choice):
            return choice
    raise _NotPlain


def _choices(wanted: Any) -> tuple[Any, ...]:
    if isinstance(wanted, type):
        return tuple(wanted) if issubclass(wanted, Enum) else ()
    return get_args(wanted) if get_origin(wanted) is Literal else ()
