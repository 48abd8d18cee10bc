"""Puts help and examples of the reader's language on a loaded command.

The functions behind the commands hold no sentences. `consentry admin user add` finds its own in the message
`command-admin-user-add`: the value is what it does, the attributes `examples` and `exit-status` (if it has one of its
own) stand below the options, and each parameter has an attribute of its name.
"""

import re
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from consentry.help_layout import lay_out
from wording import Wording

_CAPITALS = re.compile(r"[A-Z]+")


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
    lay_out(command, wording)
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
    placeholder = _placeholder(parameter, wording)
    parameter.display_type_rich = lambda **_: placeholder  # type: ignore[method-assign]  # Typer would say <str>
    if is_argument and parameter.metavar:
        parameter.metavar = in_words(parameter.metavar, wording)


def _placeholder(parameter: TyperOption | TyperArgument, wording: Wording) -> str:
    """What stands behind a parameter in help: its values, where they are few; else what an option wants."""
    if isinstance(parameter, TyperOption) and parameter.is_flag:
        return " "  # a switch takes nothing
    if choices := choices_of(parameter):
        return "|".join(choices)
    return in_words(parameter.metavar or "", wording) if isinstance(parameter, TyperOption) else ""


def choices_of(parameter: Any) -> list[str]:
    """The words that a parameter takes, where it takes no others."""
    return [str(choice) for choice in parameter.type_descriptor.choices or ()]


def in_words(metavar: str, wording: Wording) -> str:
    """`HOST:PORT` in the reader's language; what is not in capitals is to be typed as it stands."""
    return _CAPITALS.sub(lambda found: wording.say(f"command-placeholder.{found[0].lower()}"), metavar)


def _literal(text: str) -> str:
    """Help is Rich markup to Typer; our sentences are not: their square brackets are meant."""
    return text.replace("[", "\\[")
