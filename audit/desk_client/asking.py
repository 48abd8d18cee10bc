"""What commands of the desk ask whoever types them."""

import getpass
import sys

import typer

from audit.command_line import command_wording
from protocol.errors import InputError


class NobodyToAskHere(InputError):
    sentence = "There is no terminal to ask on. Give {option}."


def ask(message_id: str, option: str) -> str:
    """Raises NobodyToAskHere, which names the option to give instead."""
    _check_terminal(option)
    return str(typer.prompt(command_wording().say(message_id), err=True))


def ask_password() -> str:
    """Raises NobodyToAskHere."""
    _check_terminal("--password-stdin")
    return getpass.getpass(f"{command_wording().say('engineer-ask.password')}: ")


def password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _check_terminal(option: str) -> None:
    if not sys.stdin.isatty():
        raise NobodyToAskHere(option=option)
