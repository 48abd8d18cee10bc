"""Puts help and examples of the reader's language on a loaded command.

The functions behind the commands hold no sentences. `consentry admin user add` finds its own in the message
`command-admin-user-add`: the value is what it does, the attributes `examples` and `exit-status` (if it has one of its
own) stand below the options, and each parameter has an attribute of its name.
"""

import re
from functools import partial
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from consentry.help_layout import lay_out
from wording import Wording

HELP_OPTIONS = ["-h", "--help"]
_CAPITALS = re.compile(r"[A-Z]+")


def let_speak(command: TyperCommand | TyperGroup, path: str, wording: Wording) -> None:
    """`command` and all beneath it will tell about themselves in these words; `path` is the words after `consentry`,
    joined by dashes.

    Sentences are looked for when help or a shell's completion asks: a command that is run tells none of them.
    """
    command.context_settings["help_option_names"] = HELP_OPTIONS
    lay_out(command, wording, partial(put_texts_on, command, path, wording))
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            if isinstance(child, TyperCommand | TyperGroup):
                let_speak(child, _beneath(path, name), wording)


def put_texts_on(command: TyperCommand | TyperGroup, path: str, wording: Wording) -> None:
    """Fills in `command`, and of the commands beneath it what a list of them says."""
    message_id = _message_id(path)
    if wording.knows(message_id):
        command.help = _literal(wording.say(message_id))
    sections = [
        f"[bold]{wording.say(f'command-panel.{section}')}[/bold]\n\n{_literal(wording.say(f'{message_id}.{section}'))}"
        for section in ("examples", "exit-status")
        if wording.knows(f"{message_id}.{section}")
    ]
    command.epilog = "\n\n".join(sections) or command.epilog
    command.options_metavar = f"[{wording.say('command-panel.options')}]"
    for parameter in command.params:
        if isinstance(parameter, TyperOption | TyperArgument):
            _put_text_on_parameter(parameter, message_id, wording)
    help_option = command.get_help_option(typer.Context(command, help_option_names=HELP_OPTIONS))
    if help_option is not None:
        help_option.metavar = " "
        help_option.help = wording.say("command-parameter.help")
        help_option.rich_help_panel = wording.say("command-panel.options")
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = wording.say("command-panel.subcommand")
        for name, child in command.commands.items():
            if isinstance(child, TyperCommand | TyperGroup):
                child.short_help = _literal(wording.say(_message_id(_beneath(path, name))))
                child.rich_help_panel = wording.say(f"command-panel.{getattr(child, 'panel', 'commands')}")


def _message_id(path: str) -> str:
    return f"command-{path}" if path else "command"


def _beneath(path: str, name: str) -> str:
    return f"{path}-{name}" if path else name


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
