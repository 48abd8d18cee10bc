"""A command that can be listed without being loaded, and is loaded when it is used.

`consentry share` must not import the broker, and a machine without the broker's packages must still list `serve`.
"""

import importlib
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup

from consentry.help_texts import let_speak
from consentry.kept_blocks import keep_freed_blocks
from consentry.plain_values import take_plain_values
from protocol.errors import UnavailableError
from serving.quick_start import undisturbed_imports
from wording import Wording

Role = Literal["customer", "engineer", "broker", "audit", "practice"]

_OUR_PACKAGES = frozenset(
    {"protocol", "tunnel", "agent_client", "engineer_client", "broker", "audit", "consentry", "serving", "wording"}
)


class PartNotInstalled(UnavailableError):
    """The command's own packages are not part of this installation."""

    sentence = "`consentry {command}` needs parts that are not installed here ({module}). Install them: {install}"


@dataclass(frozen=True)
class CommandSource:
    """Where a command comes from. `attribute` of `module` is a function or a Typer application."""

    module: str
    attribute: str
    role: Role
    extra: str = ""
    """Optional dependencies that the command needs, as in `pip install consentry[extra]`."""
    moves_bulk: bool = False
    """It goes on for long, and what it is there for are bytes of others."""


def not_installed(command: str, extra: str, error: ModuleNotFoundError) -> PartNotInstalled:
    """What to say of a module that is not there. Raises the error itself where the module is one of ours."""
    missing = (error.name or "").partition(".")[0]
    if missing in _OUR_PACKAGES:
        raise error
    what = f"consentry[{extra}]" if extra else "consentry"
    # By this very Python: any other `pip` finds no consentry installed, and would ask an index for one of that name.
    install = shlex.join([sys.executable, "-m", "pip", "install", what])
    return PartNotInstalled(command=command, module=missing, install=install)


class LazyCommand(TyperCommand):
    """Stands in the list of commands for one that is not loaded yet."""

    def __init__(self, name: str, source: CommandSource, wording: Wording) -> None:
        super().__init__(name)
        self.panel = source.role
        """Beneath which heading help lists it."""
        self._source = source
        self._wording = wording

    def load(self) -> TyperCommand | TyperGroup:
        """The command itself, speaking the reader's language. Raises PartNotInstalled."""
        name = self.name or ""
        try:
            with undisturbed_imports():
                found = getattr(importlib.import_module(self._source.module), self._source.attribute)
        except ModuleNotFoundError as error:
            raise not_installed(name, self._source.extra, error) from error
        if self._source.moves_bulk:
            keep_freed_blocks()
        command = _as_command(found, name)
        take_plain_values(command)
        let_speak(command, name, self._wording)
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Typer's step from a name to a parsed command line: here the real command takes over."""
        return self.load().make_context(info_name, args, parent=parent, **extra)


def _as_command(found: typer.Typer | Callable[..., Any], name: str) -> TyperCommand | TyperGroup:
    if not isinstance(found, typer.Typer):
        application = typer.Typer(add_completion=False)
        application.command(name)(found)
        found = application
    command = typer.main.get_command(found)
    assert isinstance(command, TyperCommand | TyperGroup)
    command.name = name
    # Completion of the whole is installed once, at the top.
    command.params = [p for p in command.params if p.name not in ("install_completion", "show_completion")]
    return command
