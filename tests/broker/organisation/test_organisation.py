"""What was founded must fit together, or the broker does not start."""

import shutil

import pytest

from broker.config import Settings
from broker.organisation.folder import OrganisationFolder
from broker.organisation.organisation import NoOrganisation, OrganisationBroken, load_organisation
from protocol.errors import ConsentryError
from protocol.profile import ProfileError
from serving.private_files import KeyFileUnusable
from tests.broker.harness import found, make_settings


def test_what_was_founded_is_found_again(settings: Settings) -> None:
    """The same keys, the same profile."""
    made, loaded = found(settings), load_organisation(settings)
    assert loaded.profile == made.profile
    assert loaded.root_public_key == made.root_public_key
    assert "PRIVATE" not in repr(loaded)


def test_serving_does_not_need_the_root_key(settings: Settings) -> None:
    """It belongs offline."""
    found(settings)
    OrganisationFolder(settings.data_folder).root_key.unlink()
    load_organisation(settings)


def test_stopped_half_way_nothing_is_founded(settings: Settings) -> None:
    """The profile is written last; without it, the next attempt begins anew."""
    first = found(settings)
    OrganisationFolder(settings.data_folder).profile_note.unlink()
    with pytest.raises(NoOrganisation):
        load_organisation(settings)
    assert found(settings).root_public_key != first.root_public_key


@pytest.mark.parametrize(
    "name", ["engineer_ca.key", "relay_tickets.key", "root.pub", "profile.note", "tls_certificate.pem"]
)
@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "another organisation's"])
def test_damaged_files_are_refused(
    settings: Settings, name: str, damage: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In one sentence, before anything listens. (Another relay key is as good as the old one.)"""
    found(settings)
    file = OrganisationFolder(settings.data_folder).path / name
    if damage == "missing":
        file.unlink()
    elif damage == "another organisation's":
        other = make_settings(tmp_path_factory.mktemp("other") / "data")
        found(other)
        shutil.copy(OrganisationFolder(other.data_folder).path / name, file)
    else:
        file.write_bytes(b"" if damage == "empty" else b"\xff\x00garbage")
    if (name, damage) == ("relay_tickets.key", "another organisation's"):
        load_organisation(settings)
        return
    with pytest.raises((KeyFileUnusable, NoOrganisation, OrganisationBroken, ProfileError)) as refusal:
        load_organisation(settings)
    assert isinstance(refusal.value, ConsentryError)
    assert str(refusal.value).endswith(".")


def test_a_key_that_others_may_read_is_refused(settings: Settings) -> None:
    """Before it is used."""
    found(settings)
    OrganisationFolder(settings.data_folder).engineer_ca_key.chmod(0o644)
    with pytest.raises(KeyFileUnusable, match="chmod 600"):
        load_organisation(settings)
