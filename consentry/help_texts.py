"""Puts help and examples of the reader's language on a loaded command.

The functions behind the commands hold no sentences. `consentry admin user add` finds its own in the message
`command-admin-user-add`: the value is what it does, the attributes `examples` and `exit-status` (if it has one of its
own) stand below the options, and each parameter has an attribute of its name.
"""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from wording import Wording


def put_texts_on(command: TyperCommand | TyperGroup, path: str, wording: Wording) -> None:
    """Fills in `command` and all commands beneath it; `path` is the words after `consentry`, joined by dashes."""
    message_id = f"command-{path}" if path else "command"
    if wording.knows(message_id):
        command.help = _literal(wording.say(message_id))
    sections = [
        f"[bold]{wording.say(f'command-panel.{section}')}[/bold]\n\n{_literal(wording.say(f'{message_id}.{section}'))}"
        for section in ("examples", "exit-status")
        if wording.knows(f"{message_id}.{section}")
    ]
    command.epilog = "\n\n".join(sections) or command.epilog
    command.format_help = _in_words_of(wording, command.format_help)  # type: ignore[assignment,method-assign]  # Typer has no place for it
    command.options_metavar = f"[{wording.say('command-panel.options')}]"
    command.context_settings["help_option_names"] = ["-h", "--help"]
    for parameter in command.params:
        if isinstance(parameter, TyperOption | TyperArgument):
            _put_text_on_parameter(parameter, message_id, wording)
    help_option = command.get_help_option(typer.Context(command, help_option_names=["-h", "--help"]))
    if help_option is not None:
        help_option.metavar = " "
        help_option.help = wording.say("command-parameter.help")
        help_option.rich_help_panel = wording.say("command-panel.options")
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = wording.say("command-panel.subcommand")
        for name, child in command.commands.items():
            if isinstance(child, TyperCommand | TyperGroup):
                child.rich_help_panel = child.rich_help_panel or wording.say("command-panel.commands")
                put_texts_on(child, f"{path}-{name}" if path else name, wording)


def _in_words_of(wording: Wording, format_help: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Typer has words of its own, and Rich cuts what is longer than its column and has no blank in it, as every Chinese
    clause is: here lines break wherever they are full.
    """

    def formatted(ctx: Any, formatter: Any) -> None:
        from rich.table import Table
        from rich.text import Text
        from typer import rich_utils  # with Rich, for which nobody pays who asks for no help

        class Folding(Table):
            def add_column(self, *header: Any, **how: Any) -> None:
                super().add_column(*header, **{"overflow": "fold", **how})

            def add_row(self, *cells: Any, **how: Any) -> None:
                while len(self.columns) < len(cells):
                    self.add_column()
                super().add_row(*cells, **how)

        changed = {
            "Table": Folding,
            "Columns": lambda parts: Text(" ", overflow="fold").join(parts),
            "REQUIRED_LONG_STRING": f"[{wording.say('command-panel.required')}]",
            "DEFAULT_STRING": f"[{wording.say('command-panel.default', value='{}')}]",
            "ENVVAR_STRING": f"[{wording.say('command-panel.variable', name='{}')}]",
        }
        for name, value in changed.items():
            setattr(rich_utils, name, value)
        format_help(ctx, formatter)

    return formatted


def text_ids(parameter: TyperOption | TyperArgument, message_id: str) -> list[str]:
    """Where the text of a parameter may stand, in order: under its long option as it is typed, or its name in the code;
    in the command's own message, or with the parameters that mean the same everywhere.
    """
    words = [option.lstrip("-") for option in parameter.opts if option.startswith("--")]
    words.append((parameter.name or "").replace("_", "-"))
    return [f"{owner}.{word}" for owner in (message_id, "command-parameter") for word in words]


def _put_text_on_parameter(parameter: TyperOption | TyperArgument, message_id: str, wording: Wording) -> None:
    known = next((text_id for text_id in text_ids(parameter, message_id) if wording.knows(text_id)), None)
    if known is not None:
        parameter.help = _literal(wording.say(known))
    is_argument = isinstance(parameter, TyperArgument)
    parameter.rich_help_panel = wording.say("command-panel.arguments" if is_argument else "command-panel.options")
    if parameter.metavar is None and isinstance(parameter, TyperOption) and parameter.is_flag:
        parameter.metavar = " "  # a switch takes nothing; Typer would say <bool>


def _literal(text: str) -> str:
    """Help is Rich markup to Typer; our sentences are not: their square brackets are meant."""
    return text.replace("[", "\\[")
