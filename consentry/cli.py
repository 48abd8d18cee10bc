"""The list of commands, and which package brings each."""

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from consentry.completion import COMPLETING, speak
from consentry.failures import Complaint, Interrupted, PipeBroken, install_last_resort
from consentry.help_texts import let_speak
from consentry.lazy_command import CommandSource, LazyCommand, not_installed
from consentry.plain_values import take_plain_values
from wording import Wording, detect_language

_LOGIN = "engineer_client.login_commands"
_SESSION = "engineer_client.session_commands"
_SUPERVISION = "engineer_client.supervision_commands"
_ADMINISTRATION = "engineer_client.administration_commands"

COMMANDS: dict[str, CommandSource] = {
    "share": CommandSource("agent_client.commands", "share", "customer", moves_bulk=True),
    "verify": CommandSource("consentry.verify", "verify", "customer"),
    "complete": CommandSource("agent_client.completing", "complete", "customer"),
    "rate": CommandSource("agent_client.rating", "rate", "customer"),
    "login": CommandSource(_LOGIN, "login", "engineer"),
    "queue": CommandSource("engineer_client.queue_commands", "queue", "engineer"),
    "connect": CommandSource("engineer_client.connect_command", "connect", "engineer"),
    "request-more": CommandSource(_SESSION, "request_more", "engineer"),
    "take-over": CommandSource(_SESSION, "take_over", "engineer"),
    "sessions": CommandSource(_SESSION, "sessions", "engineer"),
    "chat": CommandSource(_SESSION, "chat", "engineer"),
    "note": CommandSource(_SESSION, "note", "engineer"),
    "invite": CommandSource(_SUPERVISION, "invite", "engineer"),
    "whisper": CommandSource(_SUPERVISION, "whisper", "engineer"),
    "end": CommandSource(_SESSION, "end", "engineer"),
    "receipts": CommandSource(_SESSION, "receipts", "engineer"),
    "logins": CommandSource(_LOGIN, "logins", "engineer"),
    "logout": CommandSource(_LOGIN, "logout", "engineer"),
    "audit": CommandSource("audit.commands", "app", "audit", extra="broker"),
    "desk": CommandSource("audit.desk_client.commands", "app", "audit"),
    "review": CommandSource("audit.quality.command_line", "app", "audit", extra="broker"),
    "tokens": CommandSource(_ADMINISTRATION, "tokens", "broker"),
    "webhooks": CommandSource(_ADMINISTRATION, "webhooks", "broker"),
    "serve": CommandSource("consentry.serve", "serve", "broker", extra="broker", moves_bulk=True),
    "admin": CommandSource("broker.commands", "admin", "broker", extra="broker"),
    "practice": CommandSource("consentry.practice.command", "practice", "practice", extra="broker"),
}
"""In the order in which help lists them: by the person who uses them."""

DEBUG_VARIABLE = "CONSENTRY_DEBUG"


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit status, as `consentry/failures.py` has them."""
    wording = Wording(detect_language(os.environ))
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal of another character set is no mistake of ours
    if COMPLETING in os.environ:
        os.environ["COLUMNS"] = "10000"  # a shell takes one line for one word, and Typer breaks them as for a reader
    complaint = Complaint(wording, sys.stderr, debug=_wants_debug(arguments))
    install_last_resort(complaint)
    with complaint:
        try:
            result = build(wording).main(list(arguments), prog_name="consentry", standalone_mode=False)
        except ModuleNotFoundError as error:
            # Commands import most of what they need when they run: `consentry serve --role audit` no broker.
            name = next((one for one in arguments if one in COMMANDS), "")
            raise not_installed(name, COMMANDS[name].extra if name else "", error) from error
        sys.stdout.flush()  # here, where it is told if nobody reads it
        return result if isinstance(result, int) else 0
    return complaint.exit_status


def build(wording: Wording) -> TyperGroup:
    """The whole command line in one language, nothing of it loaded."""
    application = typer.Typer(cls=_Root, no_args_is_help=True)
    application.callback()(_global_options)
    root = typer.main.get_command(application)
    assert isinstance(root, TyperGroup)
    take_plain_values(root)
    let_speak(root, "", wording)
    speak(root, wording)
    for name, source in COMMANDS.items():
        root.add_command(LazyCommand(name, source, wording))
    return root


def loaded_commands(group: TyperGroup, path: str = "") -> dict[str, TyperCommand | TyperGroup]:
    """Every command beneath `group` by its words, loaded: what a test of the help or a manual page walks over."""
    found: dict[str, TyperCommand | TyperGroup] = {}
    for name, listed in group.commands.items():
        command: Any = listed.load() if isinstance(listed, LazyCommand) else listed
        words = f"{path} {name}".strip()
        found[words] = command
        if isinstance(command, TyperGroup):
            found |= loaded_commands(command, words)
    return found


class _Root(TyperGroup):
    """Typer makes exit statuses of these two before anybody can tell them from a command's own."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        with _kept_from_typer():
            return super().make_context(info_name, args, parent=parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        with _kept_from_typer():
            return super().invoke(ctx)


@contextmanager
def _kept_from_typer() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted from None
    except BrokenPipeError as error:
        raise PipeBroken(error) from error


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # takes longer than the rest of this module

        typer.echo(f"consentry {version('consentry')}")
        raise typer.Exit


def _global_options(
    show_version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True)] = False,
    debug: Annotated[bool, typer.Option("--debug", envvar=DEBUG_VARIABLE)] = False,
) -> None:
    """Both are acted upon elsewhere: `--version` in its callback, `--debug` where failures are told."""


def _wants_debug(arguments: Sequence[str]) -> bool:
    """Needed before the command line is parsed: parsing can fail, too. Only options before the command count."""
    for argument in arguments:
        if argument == "--debug":
            return True
        if not argument.startswith("-"):
            break
    return os.environ.get(DEBUG_VARIABLE, "") not in ("", "0", "false")
