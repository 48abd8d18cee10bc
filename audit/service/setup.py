"""`consentry audit init`: what the service needs to know, in one private file. Blocking: for command-line tools.

<data folder>/                0700
    service.json              0600: the broker's address, the service token, where the audit keys are
    audit.sqlite3             people, sessions, who saw what
    records/                  sealed recordings, without what opens them
    epochs/                   what opens them, for whoever holds the audit key; erased by deleting
    tls_key.pem, tls_certificate.pem
    witness.key, witness.vkey, witness.sqlite3      the service as a witness: audit/witness/own_key.py
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from audit.service.config import AuditSettings
from audit.witness import WitnessSigner, own_signer
from protocol.decoding import UNREADABLE
from protocol.errors import InputError
from protocol.share_url import ShareUrl, parse_share_url
from serving.certificate import make_certificate, names_of_this_machine
from serving.clock import Clock, SystemClock
from serving.private_files import make_private_folder, read_file, write_private_file

FORMAT: Literal["consentry-audit-service-1"] = "consentry-audit-service-1"


class NoAuditService(InputError):
    sentence = "No audit service has been set up in {path}. Run `consentry audit init` on this machine first."


class AuditServiceExists(InputError):
    sentence = "An audit service has been set up in {path} already. It is not changed."


class AuditServiceBroken(InputError):
    sentence = "The file {path} cannot be used: {problem}."


class _ServiceFile(Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["consentry-audit-service-1"]
    broker: str
    token: Annotated[str, Meta(max_length=200)]
    keys: Annotated[tuple[str, ...], Meta(max_length=16)]


@dataclass(frozen=True)
class ServiceSetup:
    """`key_files` are absolute. Paths in the file may be relative to the data folder."""

    broker: ShareUrl
    token: str = field(repr=False)
    key_files: tuple[Path, ...]


def setup_file(data_folder: Path) -> Path:
    return data_folder / "service.json"


def identity_key_file(data_folder: Path) -> Path:
    """32 bytes in hex, under which second factors' secrets lie in the database."""
    return data_folder / "identity.key"


def tls_files(data_folder: Path) -> tuple[Path, Path]:
    """Certificate and key of the service's own."""
    return data_folder / "tls_certificate.pem", data_folder / "tls_key.pem"


def set_up(
    settings: AuditSettings, *, broker: str, token: str, key_files: tuple[Path, ...], clock: Clock | None = None
) -> ServiceSetup:
    """The service file is written last: with it, the service is set up.

    Raises AuditServiceExists, ShareUrlError, DataFolderUnusable.
    """
    folder = settings.data_folder
    if setup_file(folder).exists():
        raise AuditServiceExists(path=folder)
    address = parse_share_url(broker)
    make_private_folder(folder)
    certificate, key = tls_files(folder)
    own = make_certificate("Consentry audit", names_of_this_machine(), (clock or SystemClock()).unix_ms())
    write_private_file(key, own.key_pem)
    write_private_file(certificate, own.certificate_pem)
    witness_of(folder, address)
    write_setup(folder, broker=broker, token=token, key_files=key_files)
    return load_setup(folder)


def witness_of(folder: Path, broker: ShareUrl) -> WitnessSigner:
    """The service as a witness of the broker's log. Made here if it was set up before it was one.

    Raises KeyFileUnusable.
    """
    return own_signer(folder, f"{urlsplit(broker.origin).netloc}/witness")


def write_setup(folder: Path, *, broker: str, token: str, key_files: tuple[Path, ...]) -> None:
    """Raises DataFolderUnusable."""
    names = tuple(_name_in(folder, path) for path in key_files)
    content = msgspec.json.encode(_ServiceFile(FORMAT, broker, token, names))
    write_private_file(setup_file(folder), msgspec.json.format(content, indent=2) + b"\n")


def load_setup(folder: Path) -> ServiceSetup:
    """Raises NoAuditService, AuditServiceBroken, KeyFileUnusable, ShareUrlError."""
    path = setup_file(folder)
    if not path.exists():
        raise NoAuditService(path=folder)
    try:
        content = msgspec.json.decode(read_file(path), type=_ServiceFile)
    except UNREADABLE as error:
        raise AuditServiceBroken(path=path, problem=error) from None
    return ServiceSetup(parse_share_url(content.broker), content.token, tuple(folder / name for name in content.keys))


def _name_in(folder: Path, path: Path) -> str:
    path = path.expanduser().resolve()
    return str(path.relative_to(folder.resolve())) if path.is_relative_to(folder.resolve()) else str(path)
