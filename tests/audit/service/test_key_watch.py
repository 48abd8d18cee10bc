"""A key that is added while the audit service runs is taken up; nobody has to restart anything."""

from pathlib import Path

import pytest

from audit.replay_index.keys import IndexForOthersError, IndexKeys
from audit.service import rotation
from audit.service.config import AuditSettings
from audit.service.key_watch import KeyWatch
from audit.service.setup import load_setup, setup_file
from audit.vault.keys import load_key, make_audit_key
from audit.vault.recipient_key import RecipientKey
from protocol.errors import InputError
from tests.audit.service.harness import make_audit_settings, set_up_alone


class NoPassphraseError(InputError):
    sentence = "There is no passphrase."


def no_passphrase() -> str:
    raise NoPassphraseError


class Watched:
    """A service's keys, and how often somebody was told that there are more."""

    def __init__(self, settings: AuditSettings) -> None:
        files = load_setup(settings.data_folder).key_files
        self.keys: list[RecipientKey] = [load_key(path) for path in files]
        self.told = 0
        self.passphrase = no_passphrase
        self.watch = KeyWatch(
            settings.data_folder, self.keys, files, passphrase_for=lambda _: self.passphrase, added=self._tell
        )

    async def _tell(self) -> None:
        self.told += 1


@pytest.fixture
def settings(tmp_path: Path) -> AuditSettings:
    make_audit_key(tmp_path / "audit.key", suite="x25519", now_ms=1)
    settings = make_audit_settings(tmp_path / "audit")
    set_up_alone(settings, key_files=(tmp_path / "audit.key",))
    return settings


async def test_a_rotation_needs_no_restart(settings: AuditSettings) -> None:
    """The new key stands in the list that everybody holds, once, beside the old one."""
    service = Watched(settings)
    await service.watch.look()
    assert (len(service.keys), service.told) == (1, 0)
    begun = rotation.start(settings, [service.keys[0].recipient], suite="x25519", now_ms=2)
    await service.watch.look()
    await service.watch.look()
    assert [key.recipient.key_id.hex() for key in service.keys][1:] == [begun.new]
    assert service.told == 1


async def test_a_key_that_cannot_be_used_is_tried_again(settings: AuditSettings) -> None:
    """Under a passphrase that nobody has given yet: the others go on, and nobody is asked on a terminal."""
    service = Watched(settings)
    rotation.start(settings, [service.keys[0].recipient], suite="x25519", passphrase="secret words", now_ms=2)
    await service.watch.look()
    await service.watch.look()
    assert (len(service.keys), service.told) == (1, 0)
    service.passphrase = lambda: "secret words"
    await service.watch.look()
    assert (len(service.keys), service.told) == (2, 1)


async def test_a_file_that_is_torn_takes_nothing_away(settings: AuditSettings) -> None:
    """What the service has, it keeps."""
    service = Watched(settings)
    setup_file(settings.data_folder).write_text("{")
    await service.watch.look()
    assert len(service.keys) == 1


async def test_the_index_opens_with_the_new_key(settings: AuditSettings, tmp_path: Path) -> None:
    """Also alone, after the old one has gone: the index's own key is sealed to both."""
    service = Watched(settings)
    index = IndexKeys.open(tmp_path / "index", service.keys)
    rotation.start(settings, [service.keys[0].recipient], suite="x25519", now_ms=2)
    await service.watch.look()
    with pytest.raises(IndexForOthersError):
        IndexKeys.open(tmp_path / "index", service.keys[1:])
    index.seal_for(service.keys)
    assert IndexKeys.open(tmp_path / "index", service.keys[1:]).master_key == index.master_key
    assert IndexKeys.open(tmp_path / "index", service.keys[:1]).master_key == index.master_key
