"""Changing the audit key, in two phases with an overlap. Blocking: for command-line tools.

    start        a new key is made here, and the broker's administrator signs a profile that names both: recordings
                 that begin from then on open with either
    complete     a profile that names the new key alone; the old one stays here, for what it opens
    roll back    or the old one alone

What the broker's profile names is signed by the organisation's root, which neither this machine nor the broker needs
every day: so each phase ends with a command for whoever has that key. Nothing is ever removed here. Escrow keys are
recipients like others; the profile takes four in all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from audit.service.config import AuditSettings
from audit.service.setup import load_setup, write_setup
from audit.vault.keys import make_audit_key, recipient_of
from protocol.decoding import UNREADABLE
from protocol.errors import InputError, IntegrityError
from protocol.profile import RECIPIENT_LIMIT, AuditRecipient, encode_recipient
from serving.private_files import make_private_folder, read_file, write_private_file

KeyIdText = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Phase = Literal["none", "started", "overlap", "completed", "rolled-back"]


class RotationUnderWay(InputError):
    sentence = "The audit key is being rotated already. See: consentry audit key rotate status"


class NoRotation(InputError):
    sentence = "The audit key is not being rotated. Begin with: consentry audit key rotate start"


class NotOverlapping(InputError):
    sentence = "The broker's profile does not name both keys yet, so completing would lose recordings. First: {command}"


class TooManyRecipients(InputError):
    sentence = "The broker's profile names {count} audit keys, and {limit} is the most. Retire one of them first."


class RotationBroken(IntegrityError):
    sentence = "The file {path} cannot be read: {problem}."


class _RotationFile(Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["consentry-key-rotation-1"]
    old: Annotated[tuple[KeyIdText, ...], Meta(max_length=RECIPIENT_LIMIT)]
    new: KeyIdText
    ended: Literal["completed", "rolled-back"] | None = None


@dataclass(frozen=True)
class RotationStatus:
    """`command` is what the broker's administrator runs next; empty if nothing is to be done there."""

    phase: Phase
    old: tuple[str, ...]
    new: str
    command: str


def status(settings: AuditSettings, named: Sequence[AuditRecipient], *, writes: bool = True) -> RotationStatus:
    """`named` are the recipients of the broker's profile. `writes`: puts the public halves that the command needs
    beside the keys. Raises RotationBroken, NoAuditService."""
    rotation = _read(settings)
    if rotation is None:
        return RotationStatus("none", tuple(one.key_id.hex() for one in named), "", "")
    known = {one.key_id.hex(): one for one in [*_own_recipients(settings), *named]}
    now = {one.key_id.hex() for one in named}
    if rotation.ended is not None:
        wanted = (rotation.new,) if rotation.ended == "completed" else rotation.old
    else:
        wanted = (*rotation.old, rotation.new)
    # Escrow and whatever else is named beside the two stays named.
    others = tuple(sorted(now - {*rotation.old, rotation.new}))
    command = (
        "" if now == {*wanted, *others} else _command(settings, [known[one] for one in (*wanted, *others)], writes)
    )
    if rotation.ended is not None:
        return RotationStatus(rotation.ended, rotation.old, rotation.new, command)
    phase: Phase = "overlap" if {*rotation.old, rotation.new} <= now else "started"
    return RotationStatus(phase, rotation.old, rotation.new, command)


def start(
    settings: AuditSettings,
    named: Sequence[AuditRecipient],
    *,
    suite: Literal["x-wing", "x25519"] = "x-wing",
    passphrase: str | None = None,
    now_ms: int,
    make: Callable[..., AuditRecipient] = make_audit_key,
) -> RotationStatus:
    """Makes the new key. Those of our keys that the profile names are the old ones.

    Raises RotationUnderWay, TooManyRecipients.
    """
    present = _read(settings)
    if present is not None and present.ended is None:
        raise RotationUnderWay
    if len(named) >= RECIPIENT_LIMIT:
        raise TooManyRecipients(count=len(named), limit=RECIPIENT_LIMIT)
    setup = load_setup(settings.data_folder)
    ours = {one.key_id.hex() for one in _own_recipients(settings)}
    old = tuple(one.key_id.hex() for one in named if one.key_id.hex() in ours)
    path = keys_folder(settings) / f"audit-{now_ms}.key"
    recipient = make(path, suite=suite, passphrase=passphrase, now_ms=now_ms)
    # The key is in the service's list before anything can be sealed to it.
    origin = str(setup.broker)
    write_setup(settings.data_folder, broker=origin, token=setup.token, key_files=(*setup.key_files, path))
    _write(settings, _RotationFile("consentry-key-rotation-1", old, recipient.key_id.hex()))
    return status(settings, named)


def complete(settings: AuditSettings, named: Sequence[AuditRecipient]) -> RotationStatus:
    """Raises NoRotation, NotOverlapping."""
    rotation = _under_way(settings)
    present = status(settings, named)
    if present.phase != "overlap":
        raise NotOverlapping(command=present.command)
    _write(settings, msgspec.structs.replace(rotation, ended="completed"))
    return status(settings, named)


def roll_back(settings: AuditSettings, named: Sequence[AuditRecipient]) -> RotationStatus:
    """The new key stays in the service's list: recordings may have been sealed to it. Raises NoRotation."""
    _write(settings, msgspec.structs.replace(_under_way(settings), ended="rolled-back"))
    return status(settings, named)


def _under_way(settings: AuditSettings) -> _RotationFile:
    rotation = _read(settings)
    if rotation is None or rotation.ended is not None:
        raise NoRotation
    return rotation


def _own_recipients(settings: AuditSettings) -> list[AuditRecipient]:
    return [recipient_of(path) for path in load_setup(settings.data_folder).key_files]


def _command(settings: AuditSettings, recipients: list[AuditRecipient], writes: bool) -> str:
    """Names the public halves beside the keys, to be brought to the broker's machine, and `writes` them there."""
    words = ["consentry admin profile update"]
    for recipient in recipients:
        path = keys_folder(settings) / f"{recipient.key_id.hex()}.json"
        if writes:
            write_private_file(path, encode_recipient(recipient))
        words.append(f"--audit-recipient {path.name}")
    return " ".join(words)


def keys_folder(settings: AuditSettings) -> Path:
    """Where keys that were made here lie, and the public halves that are to be carried to the broker."""
    folder = settings.data_folder / "keys"
    make_private_folder(folder)
    return folder


def _rotation_file(settings: AuditSettings) -> Path:
    return settings.data_folder / "rotation.json"


def _read(settings: AuditSettings) -> _RotationFile | None:
    path = _rotation_file(settings)
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(read_file(path), type=_RotationFile)
    except UNREADABLE as error:
        raise RotationBroken(path=path, problem=error) from None


def _write(settings: AuditSettings, rotation: _RotationFile) -> None:
    write_private_file(_rotation_file(settings), msgspec.json.encode(rotation) + b"\n")
