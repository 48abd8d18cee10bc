"""Puts help and examples of the reader's language on a loaded command.

The functions behind the commands hold no sentences. `consentry admin user add` finds its own in the message
`command-admin-user-add`: the value is what it does, the attribute `examples` stands below the options, and each
parameter has an attribute of its name.
"""

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from wording import Wording


def put_texts_on(command: TyperCommand | TyperGroup, path: str, wording: Wording) -> None:
    """Fills in `command` and all commands beneath it; `path` is the words after `consentry`, joined by dashes."""
    message_id = f"command-{path}" if path else "command"
    if wording.knows(message_id):
        command.help = _literal(wording.say(message_id))
    if wording.knows(f"{message_id}.examples"):
        examples = _literal(wording.say(f"{message_id}.examples"))
        command.epilog = f"[bold]{wording.say('command-panel.examples')}[/bold]\n\n{examples}"
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


def parameter_word(parameter: TyperOption | TyperArgument) -> str:
    """What a parameter is called in the catalogue: the long option as it is typed, or the argument's name."""
    long_options = [option for option in parameter.opts if option.startswith("--")]
    name = long_options[0] if isinstance(parameter, TyperOption) and long_options else parameter.name or ""
    return name.lstrip("-").replace("_", "-")


def _put_text_on_parameter(parameter: TyperOption | TyperArgument, message_id: str, wording: Wording) -> None:
    word = parameter_word(parameter)
    for candidate in (f"{message_id}.{word}", f"command-parameter.{word}"):
        if wording.knows(candidate):
            parameter.help = _literal(wording.say(candidate))
            break
    is_argument = isinstance(parameter, TyperArgument)
    parameter.rich_help_panel = wording.say("command-panel.arguments" if is_argument else "command-panel.options")
    if parameter.metavar is None and isinstance(parameter, TyperOption) and parameter.is_flag:
        parameter.metavar = " "  # a switch takes nothing; Typer would say <bool>


def _literal(text: str) -> str:
    """Help is Rich markup to Typer; our sentences are not: their square brackets are meant."""
    return text.replace("[", "\\[")
