"""Loads what was founded, and refuses what does not fit together."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.config import Settings
from broker.organisation.folder import OrganisationFolder, read_private_key
from protocol.details import Detail
from protocol.errors import InputError
from protocol.profile import Profile, open_profile
from protocol.share_url import ShareUrl, ShareUrlError, decode_root_key
from serving.private_files import KeyFileUnusable, read_file


class NoOrganisation(InputError):
    sentence = "No organisation has been set up in {path}. Run `consentry admin init` on this machine first."


class OrganisationExists(InputError):
    sentence = "An organisation has been set up in {path} already. It is not changed."


class OrganisationBroken(InputError):
    sentence = "The organisation in {path} does not fit together: {problem}."


class LogMissing(InputError):
    """An organisation that was founded before there was a log."""

    sentence = (
        "The organisation in {path} has no transparency log yet. Run `consentry admin profile update --new-log` on "
        "this machine once."
    )


@dataclass(frozen=True)
class Organisation:
    """`profile_note` is the signed profile as it is handed out. `log_key` None: founded before there was a log."""

    profile: Profile
    profile_note: bytes
    root_public_key: bytes
    engineer_ca_key: Ed25519PrivateKey = field(repr=False)
    relay_ticket_key: bytes = field(repr=False)
    log_key: Ed25519PrivateKey | None = field(default=None, repr=False)

    @property
    def share_url(self) -> ShareUrl:
        """What customers are told to share with, and engineers to log in to."""
        return ShareUrl(self.profile.broker_origin, self.root_public_key)


def read_profile(settings: Settings) -> Profile:
    """What the root has signed, whether or not everything else fits it. Raises NoOrganisation, KeyFileUnusable,
    ProfileError."""
    folder = OrganisationFolder(settings.data_folder)
    if not folder.profile_note.exists():
        raise NoOrganisation(path=settings.data_folder)
    return open_profile(read_file(folder.profile_note), _root_public_key(folder))


def load_organisation(settings: Settings) -> Organisation:
    """Raises NoOrganisation, OrganisationBroken, KeyFileUnusable, ProfileError."""
    profile = read_profile(settings)
    folder = OrganisationFolder(settings.data_folder)
    root_public_key, note = _root_public_key(folder), read_file(folder.profile_note)
    try:
        relay_ticket_key = bytes.fromhex(read_file(folder.relay_ticket_key).decode("ascii", "replace").strip())
    except ValueError:
        raise KeyFileUnusable(path=folder.relay_ticket_key, problem="it is cut off or altered") from None
    if len(relay_ticket_key) != 32:
        raise KeyFileUnusable(path=folder.relay_ticket_key, problem="it is cut off or altered")
    ca_key = read_private_key(folder.engineer_ca_key)
    if ca_key.public_key().public_bytes_raw() != profile.engineer_ca_key and folder.next_engineer_ca_key.exists():
        # A change of it was stopped behind the profile.
        ca_key = read_private_key(folder.next_engineer_ca_key)
        if ca_key.public_key().public_bytes_raw() == profile.engineer_ca_key:
            folder.next_engineer_ca_key.replace(folder.engineer_ca_key)
    if ca_key.public_key().public_bytes_raw() != profile.engineer_ca_key:
        raise OrganisationBroken(path=folder.path, problem="the profile names another engineer CA than engineer_ca.key")
    pinned = profile.broker_certificate_pem.encode()
    if settings.tls == "own" and pinned and read_file(folder.tls_certificate) != pinned:
        raise OrganisationBroken(
            path=folder.path,
            problem="the profile names another TLS certificate than is here; run `consentry admin profile update "
            "--certificate new`",
        )
    return Organisation(profile, note, root_public_key, ca_key, relay_ticket_key, _log_key(folder, profile))


def tls_files(settings: Settings) -> tuple[Path, Path] | None:
    """Certificate and key that the broker shows; None where something before it does."""
    if settings.tls == "off":
        return None
    if settings.tls == "own":
        folder = OrganisationFolder(settings.data_folder)
        return folder.tls_certificate, folder.tls_key
    assert settings.tls_certificate is not None
    assert settings.tls_key is not None
    return settings.tls_certificate, settings.tls_key


def check_certificate(settings: Settings, profile: Profile) -> None:
    """That clients, who go by the profile, will believe what the broker is about to show. Raises OrganisationBroken."""
    pinned = profile.broker_certificate_pem
    folder = OrganisationFolder(settings.data_folder).path
    if settings.tls == "own" and not pinned:
        raise OrganisationBroken(
            path=folder,
            problem="the profile names no TLS certificate, so nobody would believe the broker's own; set "
            "CONSENTRY_TLS, or run `consentry admin profile update --certificate new`",
        )
    if settings.tls == "given" and pinned and settings.tls_certificate is not None:
        shown = read_file(settings.tls_certificate).decode("ascii", "replace")
        if pinned.strip() not in shown:
            raise OrganisationBroken(
                path=folder,
                problem="the profile names another TLS certificate than CONSENTRY_TLS_CERTIFICATE, which clients would "
                "refuse; run `consentry admin profile update --certificate none`",
            )


def _root_public_key(folder: OrganisationFolder) -> bytes:
    try:
        return decode_root_key(read_file(folder.root_public_key).decode("ascii", "replace").strip())
    except ShareUrlError:
        raise KeyFileUnusable(path=folder.root_public_key, problem="it is cut off or altered") from None


def _log_key(folder: OrganisationFolder, profile: Profile) -> Ed25519PrivateKey | None:
    if profile.log is None:
        return None
    path = folder.log_key(profile.log.short_name)
    key = read_private_key(path)
    if key.public_key().public_bytes_raw() != profile.log.policy.log_key.public_key:
        raise OrganisationBroken(
            path=folder.path, problem=Detail("the profile names another log than {name}", name=path.name)
        )
    return key
