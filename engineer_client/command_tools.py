"""What the engineer's commands have in common: their options, whom they ask, and how they speak.

Commands are as thin as they can be: read the command line, call, print. What a person asked for goes to standard
output; progress and hints go to standard error, so that output can be piped. Help and examples are in `wording/`, under
the command's name.
"""

import asyncio
import getpass
import os
import sys
from typing import Annotated, Any

import msgspec
import typer

from engineer_client.completions import own_brokers, own_sessions
from engineer_client.login import Login, api_of, find_login, refresh_profile
from engineer_client.state import State
from protocol.errors import InputError
from tunnel.json_api import JsonApi
from wording import Wording, detect_language

BrokerOption = Annotated[
    str | None, typer.Option("--broker", envvar="CONSENTRY_BROKER", metavar="URL", autocompletion=own_brokers)
]
_SESSION = typer.Argument(metavar="SESSION", autocompletion=own_sessions)
SessionArgument = Annotated[str, _SESSION]
OwnSessionArgument = Annotated[str | None, _SESSION]
"""Left out, the only one that is open here."""
JsonOption = Annotated[bool, typer.Option("--json")]
TakeOverFromOption = Annotated[str, typer.Option("--from", metavar="NUMBER")]


class AnswerNeeded(InputError):
    """Something has to be asked, and nobody is there to answer."""

    sentence = "{option} is needed, and there is no terminal to ask on. Give it on the command line."


def broker_of(state: State, address: str | None) -> tuple[Login, JsonApi]:
    """Who is logged in, and how their broker is asked. Raises LoginNeeded, and what `refresh_profile` does."""
    who = find_login(state, address)
    return who, api_of(who, asyncio.run(refresh_profile(state, who)))


def own_wording() -> Wording:
    return Wording(detect_language(os.environ))


def ask(wording: Wording, message_id: str, option: str) -> str:
    """Asks on the terminal. Raises AnswerNeeded where there is none."""
    if not sys.stdin.isatty():
        raise AnswerNeeded(option=option)
    answer: str = typer.prompt(wording.say(message_id), err=True)
    return answer.strip()


def ask_hidden(wording: Wording, message_id: str) -> str:
    if not sys.stdin.isatty():
        raise AnswerNeeded(option="--password-stdin")
    return getpass.getpass(wording.say(message_id) + ": ")


def password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def hint(sentence: str) -> None:
    typer.echo(sentence, err=True)


def print_json(value: Any) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
