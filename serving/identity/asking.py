"""Asks an administrator at the terminal for somebody's new password."""

import getpass
import sys

from protocol.errors import InputError
from serving.identity.passwords import check_new_password
from wording import Wording


class PasswordsDiffer(InputError):
    sentence = "The two passwords are not the same. Nothing was changed."


class NobodyToAsk(InputError):
    sentence = "There is no terminal to ask for the password on. Give it with --password-stdin."


def ask_new_password(wording: Wording, *, from_stdin: bool) -> str:
    """Twice at the terminal, or one line of standard input. Raises PasswordsDiffer, NobodyToAsk, PasswordUnusable."""
    if from_stdin:
        return check_new_password(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise NobodyToAsk
    password = check_new_password(getpass.getpass(wording.say("identity-ask-password")))
    if getpass.getpass(wording.say("identity-ask-password-again")) != password:
        raise PasswordsDiffer
    return password
