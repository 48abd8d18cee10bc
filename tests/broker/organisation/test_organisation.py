"""What was founded must fit together, or the broker does not start."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from broker.config import Settings
from broker.organisation import founding
from broker.organisation.folder import OrganisationFolder
from broker.organisation.founding import change_profile
from broker.organisation.organisation import (
    NoOrganisation,
    OrganisationBroken,
    check_certificate,
    load_organisation,
)
from protocol.certificates import LIFETIME_LIMIT_MS, EngineerCa
from protocol.errors import ConsentryError
from protocol.profile import ProfileError
from serving.private_files import KeyFileUnusable
from tests.broker.harness import FakeClock, found, make_settings
from tests.helpers.pairing import NOW_MS


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


def names_of(pem: str) -> set[str]:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return set(
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
            x509.DNSName
        )
    )


def test_a_new_address_brings_a_certificate_that_is_for_it(settings: Settings) -> None:
    """Clients check the name. One more name makes a new one as well; something else, or another port, makes none."""
    first = found(settings).profile
    assert change_profile(settings, max_minutes=30).profile.broker_certificate_pem == first.broker_certificate_pem
    moved = change_profile(settings, broker_origin="https://support.example.org").profile
    assert names_of(moved.broker_certificate_pem) >= {"support.example.org", "localhost"}
    assert OrganisationFolder(settings.data_folder).tls_certificate.read_text() == moved.broker_certificate_pem
    port = change_profile(settings, broker_origin="https://support.example.org:8443").profile
    assert port.broker_certificate_pem == moved.broker_certificate_pem
    named = change_profile(settings, names=["help.example.org"]).profile
    assert names_of(named.broker_certificate_pem) >= {"support.example.org", "help.example.org"}


def test_a_certificate_that_was_half_changed_is_made_anew(settings: Settings) -> None:
    """The power goes after the certificate was written and before the profile was: the broker says what to run."""
    found(settings)
    folder = OrganisationFolder(settings.data_folder)
    before = folder.profile_note.read_bytes()
    change_profile(settings, certificate="new")
    folder.profile_note.write_bytes(before)
    with pytest.raises(OrganisationBroken, match="--certificate new"):
        load_organisation(settings)
    assert change_profile(settings, certificate="new").profile.version == 2


def test_another_engineer_ca_takes_the_place_of_the_present_one(settings: Settings) -> None:
    """Its certificates are good until they expire, or, where it was compromised, not a moment more; so are those of
    changes before. Its private key is gone."""
    clock = FakeClock(NOW_MS)
    first, folder = found(settings), OrganisationFolder(settings.data_folder)
    old_file = folder.engineer_ca_key.read_bytes()
    second = change_profile(settings, engineer_ca="new", clock=clock)
    assert second.profile.engineer_ca_key == second.engineer_ca_key.public_key().public_bytes_raw()
    assert second.profile.engineer_cas == (
        EngineerCa(second.profile.engineer_ca_key),
        EngineerCa(first.profile.engineer_ca_key, NOW_MS + LIFETIME_LIMIT_MS),
    )
    assert old_file not in [path.read_bytes() for path in folder.path.iterdir()]
    clock.advance(1000)
    third = change_profile(settings, engineer_ca="compromised", clock=clock)
    assert [one.until_ms for one in third.profile.former_cas] == [NOW_MS + 1000, NOW_MS + 1000]
    assert load_organisation(settings).profile == third.profile


def test_a_profile_without_former_cas_is_one_for_agents_of_before(settings: Settings) -> None:
    """What they do not know they refuse: it is written only where there is something to say."""
    found(settings)
    assert b"former_engineer_cas" not in change_profile(settings, max_minutes=30).profile_note
    assert b"former_engineer_cas" in change_profile(settings, engineer_ca="new").profile_note


@pytest.mark.parametrize("stopped", ["before the profile", "behind the profile"])
def test_a_change_of_the_ca_that_was_stopped_leaves_one_that_works(
    settings: Settings, stopped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one before the profile was signed, the new one after it; the next change is like any other."""
    first, folder = found(settings), OrganisationFolder(settings.data_folder)

    def power_fails(*_: object) -> None:
        raise OSError(5, "the power fails")

    with monkeypatch.context() as patch:
        if stopped == "before the profile":
            patch.setattr(founding, "sign_profile", power_fails)
        else:
            patch.setattr(Path, "replace", _unless_to(folder.engineer_ca_key, power_fails))
        with pytest.raises(OSError, match="power"):
            change_profile(settings, engineer_ca="new")
    now = load_organisation(settings)
    assert (now.profile == first.profile) is (stopped == "before the profile")
    assert now.engineer_ca_key.public_key().public_bytes_raw() == now.profile.engineer_ca_key
    assert change_profile(settings, engineer_ca="new").profile.former_cas[0].public_key == now.profile.engineer_ca_key


def _unless_to(target: Path, fails: Callable[[], None]) -> Callable[[Path, Path], Path]:
    replace = Path.replace

    def replaced(self: Path, to: Path) -> Path:
        if Path(to) == target:
            fails()
        return replace(self, to)

    return replaced


def test_what_clients_would_refuse_is_not_shown(settings: Settings, tmp_path: Path) -> None:
    """Neither the broker's own certificate where the profile names none, nor another one where it names one."""
    pinned = found(settings).profile
    check_certificate(settings, pinned)
    theirs = tmp_path / "theirs.pem"
    given = settings.model_copy(update={"tls": "given", "tls_certificate": theirs})
    theirs.write_text("another")
    with pytest.raises(OrganisationBroken, match="--certificate none"):
        check_certificate(given, pinned)
    theirs.write_text(f"{pinned.broker_certificate_pem}and its chain")
    check_certificate(given, pinned)
    nothing = change_profile(settings, certificate="none").profile
    assert nothing.broker_certificate_pem == ""
    check_certificate(given, nothing)
    with pytest.raises(OrganisationBroken, match="--certificate new"):
        check_certificate(settings, nothing)


def test_a_key_that_others_may_read_is_refused(settings: Settings) -> None:
    """Before it is used."""
    found(settings)
    OrganisationFolder(settings.data_folder).engineer_ca_key.chmod(0o644)
    with pytest.raises(KeyFileUnusable, match="chmod 600"):
        load_organisation(settings)
