"""Whose word counts about the log, for whoever reads a records folder by hand: keys that they name, or, in an audit
service's data folder, the profile that the service saw last, proved by the root key of its broker's address."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from protocol.cosignature import parse_witness_vkey
from protocol.errors import ConsentryError, InputError
from protocol.log_proof import LogPolicy
from protocol.profile import open_profile
from protocol.share_url import parse_share_url
from protocol.signed_note import parse_vkey

PROFILE_FILE = "profile.note"
"""What the broker's profile was when the audit service was last connected; written by audit/service/app.py."""

FILE_LIMIT_BYTES = 256 * 1024

LogOption = Annotated[str | None, typer.Option("--log", envvar="CONSENTRY_LOG", metavar="VKEY")]
WitnessOption = Annotated[list[str] | None, typer.Option("--witness", metavar="VKEY")]


class LogKeyError(InputError):
    """Not a verifier key."""

    sentence = "The key of a log or witness cannot be used: {problem}. Copy it from the profile: consentry admin status"


class _Service(Struct, frozen=True):
    """What is read of service.json here."""

    broker: str


def log_policy(records: Path, log: str | None, witnesses: list[str] | None) -> LogPolicy | None:
    """None where nobody says whose word counts. Raises LogKeyError."""
    if log is None:
        return _policy_of_service(records.resolve().parent)
    try:
        return LogPolicy(parse_vkey(log), tuple(parse_witness_vkey(one) for one in witnesses or ()))
    except ConsentryError as error:
        raise LogKeyError(problem=error) from None


def _policy_of_service(data_folder: Path) -> LogPolicy | None:
    try:
        service = msgspec.json.decode(_read(data_folder / "service.json"), type=_Service)
        root_key = parse_share_url(service.broker).root_key
        profile = open_profile(_read(data_folder / PROFILE_FILE), root_key) if root_key is not None else None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ConsentryError):
        return None  # a copy of the records alone, or a service that has not been connected
    return profile.log.policy if profile is not None and profile.log is not None else None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_LIMIT_BYTES)
