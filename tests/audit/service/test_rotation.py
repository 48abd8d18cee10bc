"""The audit key is changed in two phases, and no recording is lost between them."""

from pathlib import Path

import pytest

from audit.service import rotation
from audit.service.config import AuditSettings
from audit.service.rotation import NoRotation, NotOverlapping, RotationUnderWay, TooManyRecipients
from audit.service.setup import load_setup
from audit.vault.keys import load_key, make_audit_key
from protocol.profile import AuditRecipient, decode_recipient
from tests.audit.service.harness import make_audit_settings, set_up_alone
from tests.helpers.recordings import make_key


@pytest.fixture
def old(tmp_path: Path) -> AuditRecipient:
    return make_audit_key(tmp_path / "audit.key", suite="x25519", now_ms=1)


@pytest.fixture
def settings(tmp_path: Path, old: AuditRecipient) -> AuditSettings:
    settings = make_audit_settings(tmp_path / "audit")
    set_up_alone(settings, key_files=(tmp_path / "audit.key",))
    return settings


def start(settings: AuditSettings, *named: AuditRecipient, now_ms: int = 2) -> rotation.RotationStatus:
    return rotation.start(settings, named, suite="x25519", now_ms=now_ms)


def recipient(settings: AuditSettings, key_id: str) -> AuditRecipient:
    """The public half as the administrator finds it in the folder."""
    return decode_recipient((settings.data_folder / "keys" / f"{key_id}.json").read_bytes())


def test_a_rotation_goes_through_an_overlap(settings: AuditSettings, old: AuditRecipient) -> None:
    """Both keys, then the new one; each phase says what is to be signed; the service keeps both for ever. An escrow key
    is left alone."""
    escrow = make_key("x25519").recipient
    assert rotation.status(settings, [old, escrow]).phase == "none"
    begun = start(settings, old, escrow)
    assert (begun.phase, begun.command.count("--audit-recipient")) == ("started", 3)
    new = recipient(settings, begun.new)
    with pytest.raises(NotOverlapping, match="profile update"):
        rotation.complete(settings, [old, escrow])
    overlap = rotation.status(settings, [old, new, escrow])
    assert (overlap.phase, overlap.command) == ("overlap", "")
    done = rotation.complete(settings, [old, new, escrow])
    assert (done.phase, done.command.count("--audit-recipient")) == ("completed", 2)
    assert old.key_id.hex() not in done.command
    assert rotation.status(settings, [new, escrow]).command == ""
    keys = [load_key(path).recipient.key_id for path in load_setup(settings.data_folder).key_files]
    assert keys == [old.key_id, new.key_id]
    assert start(settings, new, escrow, now_ms=3).old == (new.key_id.hex(),)


def test_a_rotation_can_be_rolled_back(settings: AuditSettings, old: AuditRecipient) -> None:
    """The old key stays in use; the new one is kept, for what was sealed to it meanwhile."""
    begun = start(settings, old)
    new = recipient(settings, begun.new)
    with pytest.raises(RotationUnderWay):
        start(settings, old)
    back = rotation.roll_back(settings, [old, new])
    assert (back.phase, back.command.count("--audit-recipient")) == ("rolled-back", 1)
    assert rotation.status(settings, [old]).command == ""
    assert len(load_setup(settings.data_folder).key_files) == 2
    with pytest.raises(NoRotation):
        rotation.complete(settings, [old, new])


def test_four_recipients_are_the_most(settings: AuditSettings, old: AuditRecipient) -> None:
    """A profile that is full has no room for an overlap: said before a key is made."""
    others = [make_key("x25519").recipient for _ in range(3)]
    with pytest.raises(TooManyRecipients):
        start(settings, old, *others)
    assert len(load_setup(settings.data_folder).key_files) == 1
