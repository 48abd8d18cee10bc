"""What the audit commands share: their options, the keys they are given, how they print."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from audit.session_files import session_id_of
from audit.vault.keys import load_key
from audit.vault.reading import OpenRecording
from audit.vault.recipient_key import RecipientKey
from protocol.errors import InputError
from wording import Wording, detect_language


def recorded_sessions(ctx: typer.Context) -> list[str]:
    """For the Tab key: numbers of the sessions in the records folder; none where recordings are elsewhere."""
    records = ctx.params.get("records")
    if records is None:
        return []
    with suppress(OSError):
        return sorted(folder.name[:12] for folder in Path(records).iterdir() if session_id_of(folder))
    return []


RecordsOption = Annotated[Path, typer.Option("--records", envvar="CONSENTRY_RECORDS", metavar="DIR")]
KeyOption = Annotated[list[Path] | None, typer.Option("--key", envvar="CONSENTRY_AUDIT_KEY", metavar="FILE")]
SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", autocompletion=recorded_sessions)]
ChannelOption = Annotated[int, typer.Option("--channel", metavar="CHANNEL")]
JsonOption = Annotated[bool, typer.Option("--json")]


class KeyNeededError(InputError):
    """Contents are asked for, and there is no key."""

    sentence = "An audit key is needed to read a recording. Give it with --key FILE or CONSENTRY_AUDIT_KEY."


class DateError(InputError):
    """Not a date."""

    sentence = "{text} is no date. Write 2026-11-25, or 2026-11-25T14:30; times are UTC."


def command_wording() -> Wording:
    return Wording(detect_language(os.environ))


def load_keys(paths: list[Path] | None) -> list[RecipientKey]:
    return [load_key(path, lambda: ask_passphrase(command_wording(), confirm=False)) for path in paths or []]


def needed_keys(paths: list[Path] | None) -> list[RecipientKey]:
    if not paths:
        raise KeyNeededError
    return load_keys(paths)


class PassphrasesDiffer(InputError):
    """Twice asked for, and not the same."""

    sentence = "The two passphrases are not the same. No key was made; try again."


def ask_passphrase(wording: Wording, *, confirm: bool) -> str:
    """Once, or twice for a new one. Raises PassphrasesDiffer."""
    asked = _ask_hidden(wording.say("audit-ask-passphrase"))
    if confirm and _ask_hidden(wording.say("audit-ask-passphrase-again")) != asked:
        raise PassphrasesDiffer
    return asked


def _ask_hidden(question: str) -> str:
    answer: str = typer.prompt(question, hide_input=True, err=True)
    return answer


def print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def unix_ms_of(text: str | None) -> int | None:
    """Unix milliseconds."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DateError(text=text) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def warn_if_broken(opened: OpenRecording, wording: Wording) -> None:
    if not opened.is_whole:
        typer.echo(wording.say("audit-not-whole", count=len(opened.inspection.offsets)), err=True)
