"""The audit key's file: private, never overwritten, and useless without its passphrase."""

import json
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from audit.vault.keys import (
    AuditKeyError,
    AuditKeyExistsError,
    AuditKeyTooOpenError,
    PassphraseError,
    load_audit_key,
    make_audit_key,
)
from protocol.profile import decode_recipient, encode_recipient
from tests.audit.vault.reading import first_room_output
from tests.helpers.recordings import START_MS, make_recording

CHEAP = 2**14


@pytest.mark.parametrize("suite", ["x-wing", "x25519"])
@pytest.mark.parametrize("passphrase", [None, "correct horse 电池"])
def test_a_key_from_a_file_opens_what_was_sealed_to_it(
    tmp_path: Path, suite: Literal["x-wing", "x25519"], passphrase: str | None
) -> None:
    """What `make_audit_key` puts into the profile seals, what it puts into the file opens."""
    path = tmp_path / "audit.key"
    recipient = make_audit_key(path, suite=suite, passphrase=passphrase, now_ms=START_MS, scrypt_cost=CHEAP)
    key = load_audit_key(path, lambda: passphrase or "")
    assert key.recipient == recipient == decode_recipient(encode_recipient(recipient))
    assert first_room_output(make_recording([b"hello"], keys=[key])) == b"hello"


def test_the_file_is_private_and_never_replaced(tmp_path: Path) -> None:
    """Mode 0600 from the first moment; a second key does not destroy the first."""
    path = tmp_path / "deep" / "audit.key"
    make_audit_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(AuditKeyExistsError):
        make_audit_key(path)
    assert path.read_bytes() == before


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """As ssh does with its keys."""
    path = tmp_path / "audit.key"
    make_audit_key(path)
    path.chmod(0o640)
    with pytest.raises(AuditKeyTooOpenError):
        load_audit_key(path)


def test_the_public_half_is_not_taken_for_a_key_that_others_can_read(tmp_path: Path) -> None:
    """What is wrong is which file it is: advice about its mode would lead away from that."""
    path = tmp_path / "audit.json"
    path.write_bytes(encode_recipient(make_audit_key(tmp_path / "audit.key")))
    path.chmod(0o644)
    with pytest.raises(AuditKeyError, match="it is the public half"):
        load_audit_key(path)
    path.write_text("{}")
    with pytest.raises(AuditKeyError, match="it is no audit key file"):
        load_audit_key(path)


def test_a_passphrase_is_needed_and_must_be_right(tmp_path: Path) -> None:
    """A sealed file holds no private key, and another passphrase does not open it."""
    path = tmp_path / "audit.key"
    make_audit_key(path, passphrase="right", scrypt_cost=CHEAP)
    assert "private_key" not in json.loads(path.read_bytes())
    with pytest.raises(PassphraseError):
        load_audit_key(path, lambda: "wrong")
    with pytest.raises(AuditKeyError, match="needs a passphrase"):
        load_audit_key(path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "something else"},
        {"unknown": 1},
        {"private_key": None},
        {"private_key": "AAAA"},
        {"private_key": "AAAA" * 32},
        {"sealed": {"salt": "AAAA", "cost": 2**40, "nonce": "", "ciphertext": ""}, "private_key": None},
    ],
)
def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path, change: dict[str, object]) -> None:
    """Whatever is wrong with a key file, the reader hears it."""
    path = tmp_path / "audit.key"
    make_audit_key(path)
    path.write_bytes(msgspec.json.encode(json.loads(path.read_bytes()) | change))
    with pytest.raises(AuditKeyError):
        load_audit_key(path, lambda: "")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    """The operating system's word becomes ours."""
    with pytest.raises(AuditKeyError, match="No such file"):
        load_audit_key(tmp_path / "nothing")
    with pytest.raises(AuditKeyExistsError):
        make_audit_key(tmp_path)


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    """A key in a log line or traceback shows nothing of itself."""
    path = tmp_path / "audit.key"
    make_audit_key(path)
    assert "private" not in repr(load_audit_key(path))
