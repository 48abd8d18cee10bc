"""`--install-completion`, told in the reader's language."""

from typing import Any

import typer
from typer.core import TyperGroup

from protocol.errors import InputError
from wording import Wording

COMPLETING = "_CONSENTRY_COMPLETE"
"""Set where a shell asks what could come next."""

SHELLS = ("bash", "zsh", "fish")


class NoSuchShell(InputError):
    """Completion cannot be set up for the program that started this one."""

    sentence = "Completion is for {shells}, and this was started by none of them. Start it from one of those shells."


def speak(root: TyperGroup, wording: Wording) -> None:
    """The two options of `root` that have to do with completion tell what they did in these words."""

    def install(context: Any, _parameter: Any, wanted: Any) -> Any:
        if not wanted or context.resilient_parsing:
            return wanted
        from typer.completion import install as install_script  # type: ignore[attr-defined]  # its only door

        shell, path = install_script(_running_shell())
        typer.echo(wording.say("command-completion.installed", shell=shell, path=path))
        raise typer.Exit

    for parameter in root.params:
        if parameter.name == "install_completion":
            parameter.callback = install
        elif parameter.name == "show_completion":
            parameter.callback = _checked(parameter.callback)


def _checked(show: Any) -> Any:
    def checked(context: Any, parameter: Any, wanted: Any) -> Any:
        if wanted and not context.resilient_parsing:
            _running_shell()
        return show(context, parameter, wanted)

    return checked


def _running_shell() -> str:
    import shellingham  # type: ignore[import-untyped]

    try:
        shell = str(shellingham.detect_shell()[0])
    except shellingham.ShellDetectionFailure:
        shell = ""
    if shell not in SHELLS:
        raise NoSuchShell(shells=", ".join(SHELLS))
    return shell
