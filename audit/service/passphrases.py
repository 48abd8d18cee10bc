"""Where the passphrase of an audit key comes from: a file that the settings name, or whoever starts the service."""

import getpass
import os
from collections.abc import Callable
from pathlib import Path

from audit.service.config import AuditSettings
from protocol.errors import InputError
from serving.private_files import read_file
from wording import Wording, detect_language


class PassphraseNeeded(InputError):
    sentence = "The audit key {path} is under a passphrase. Name a file with it in CONSENTRY_AUDIT_PASSPHRASE_FILE."


def passphrase_source(settings: AuditSettings, key_file: Path) -> Callable[[], str]:
    """Asked only for a key that is under a passphrase: the file of the settings, or the terminal."""

    def ask() -> str:
        if settings.passphrase_file is not None:
            return passphrase_from_file(settings, key_file)
        try:
            os.close(os.open("/dev/tty", os.O_RDWR))
        except OSError:
            # Without one, getpass would read standard input, which belongs to the process that started this one.
            raise PassphraseNeeded(path=key_file) from None
        wording = Wording(detect_language(os.environ))
        return getpass.getpass(f"{key_file.name}: {wording.say('audit-ask-passphrase')} ")

    return ask


def passphrase_from_file(settings: AuditSettings, key_file: Path) -> str:
    """Raises PassphraseNeeded where the settings name none."""
    if settings.passphrase_file is None:
        raise PassphraseNeeded(path=key_file)
    lines = read_file(settings.passphrase_file).decode("utf-8", "replace").splitlines()
    return lines[0] if lines else ""
