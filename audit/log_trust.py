"""Whose word counts about the log and about engineers, for whoever reads a records folder by hand: keys that they name,
a profile that they have, or, in an audit service's data folder, the profile that the service saw last. A profile is
proved by the root key of its broker's address."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from protocol.cosignature import parse_witness_vkey
from protocol.details import system_reason
from protocol.errors import ConsentryError, InputError
from protocol.log_proof import LogPolicy
from protocol.profile import Profile, open_profile
from protocol.share_url import parse_share_url
from protocol.signed_note import parse_vkey

PROFILE_FILE = "profile.note"
"""What the broker's profile was when the audit service was last connected; written by audit/service/app.py."""

FILE_LIMIT_BYTES = 256 * 1024

LogOption = Annotated[str | None, typer.Option("--log", envvar="CONSENTRY_LOG", metavar="VKEY")]
WitnessOption = Annotated[list[str] | None, typer.Option("--witness", metavar="VKEY")]


ProfileOption = Annotated[Path | None, typer.Option("--profile", metavar="FILE")]
BrokerOption = Annotated[str | None, typer.Option("--broker", metavar="URL")]


class ProfileWithoutBroker(InputError):
    sentence = "A profile is proved by its signature: give the broker's address with --broker, with the part after #."


class ProfileFileUnusable(InputError):
    sentence = "The profile {path} cannot be read: {problem}."


class LogKeyError(InputError):
    """Not a verifier key."""

    sentence = "The key of a log or witness cannot be used: {problem}. Copy it from the profile: consentry admin status"


class _Service(Struct, frozen=True):
    """What is read of service.json here."""

    broker: str


def known_profile(records: Path, file: Path | None = None, broker: str | None = None) -> Profile | None:
    """What is in the file, proved by the broker's address; without a file, what an audit service saw last, if the
    folder is one's. Raises ProfileFileUnusable, ProfileWithoutBroker, ShareUrlError, ProfileError."""
    if file is None:
        return _profile_of_service(records.resolve().parent)
    root_key = parse_share_url(broker).root_key if broker is not None else None
    if root_key is None:
        raise ProfileWithoutBroker
    try:
        note = _read(file)
    except OSError as error:
        raise ProfileFileUnusable(path=file, problem=system_reason(error)) from None
    return open_profile(note, root_key)


def log_policy(profile: Profile | None, log: str | None, witnesses: list[str] | None) -> LogPolicy | None:
    """What the profile says, but for keys that are named. None where nobody says whose word counts. Raises
    LogKeyError."""
    if log is None:
        return profile.log.policy if profile is not None and profile.log is not None else None
    try:
        return LogPolicy(parse_vkey(log), tuple(parse_witness_vkey(one) for one in witnesses or ()))
    except ConsentryError as error:
        raise LogKeyError(problem=error) from None


def _profile_of_service(data_folder: Path) -> Profile | None:
    try:
        service = msgspec.json.decode(_read(data_folder / "service.json"), type=_Service)
        root_key = parse_share_url(service.broker).root_key
        return open_profile(_read(data_folder / PROFILE_FILE), root_key) if root_key is not None else None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ConsentryError):
        return None  # a copy of the records alone, or a service that has not been connected


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_LIMIT_BYTES)
