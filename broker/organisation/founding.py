"""`consentry admin init`, and every later change of the profile. Blocking: for command-line tools.

The profile is written last. Stopped at any earlier point, nothing is founded and the next attempt begins anew; done
twice, the second is refused, for a new root would make every address that was ever handed out worthless.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.config import Settings
from broker.organisation.folder import (
    FIRST_LOG,
    OrganisationFolder,
    encode_private_key,
    read_private_key,
)
from broker.organisation.key_dates import KeyDates, keys_in_force
from broker.organisation.organisation import (
    LogMissing,
    Organisation,
    OrganisationExists,
    load_organisation,
    read_profile,
)
from protocol.certificates import LIFETIME_LIMIT_MS
from protocol.errors import InputError
from protocol.profile import (
    FORMER_CA_LIMIT,
    AuditRecipient,
    FormerCa,
    Profile,
    ProfileLog,
    ProfileWitness,
    sign_profile,
)
from protocol.share_url import encode_root_key, normal_origin
from protocol.signed_note import NoteKey
from serving.certificate import TlsCertificate, make_certificate, names_of_this_machine
from serving.clock import Clock, SystemClock
from serving.private_files import make_private_folder, write_private_file


class LogExists(InputError):
    """A second log beside the first would be a fork of everything that was ever proved."""

    sentence = (
        "The organisation in {path} has a transparency log already. It is not changed. Where that log is lost, "
        "`consentry admin profile update --replace-lost-log` begins another."
    )


def found_organisation(
    settings: Settings,
    *,
    name: str,
    origin: str,
    audit_recipients: Sequence[AuditRecipient],
    names: Sequence[str] = (),
    clock: Clock | None = None,
    **rules: Any,
) -> Organisation:
    """Makes everything that an organisation has of its own. `rules` are further fields of `Profile`.

    `origin` is the address by which customers and engineers reach the broker; `names` are more names for the TLS
    certificate. Raises OrganisationExists, ProfileError, ShareUrlError, DataFolderUnusable.
    """
    folder = OrganisationFolder(settings.data_folder)
    if folder.profile_note.exists():
        raise OrganisationExists(path=folder.path)
    origin = normal_origin(origin)
    root_key, ca_key, log_key = (Ed25519PrivateKey.generate() for _ in range(3))
    own_tls = _certificate_for(origin, names, clock) if settings.tls == "own" else None
    profile = Profile(
        version=1,
        organisation=name,
        broker_origin=origin,
        broker_certificate_pem=own_tls.certificate_pem.decode() if own_tls else "",
        engineer_ca_key=ca_key.public_key().public_bytes_raw(),
        audit_recipients=tuple(audit_recipients),
        log=ProfileLog(_log_vkey(origin, FIRST_LOG, log_key)),
        **rules,
    )
    note = sign_profile(profile, root_key)
    make_private_folder(settings.data_folder)
    make_private_folder(folder.path)
    write_private_file(folder.root_key, encode_private_key(root_key))
    write_private_file(folder.root_public_key, encode_root_key(root_key.public_key().public_bytes_raw()).encode())
    write_private_file(folder.engineer_ca_key, encode_private_key(ca_key))
    write_private_file(folder.log_key(FIRST_LOG), encode_private_key(log_key))
    write_private_file(folder.relay_ticket_key, secrets.token_hex(32).encode())
    if own_tls:
        _keep_certificate(folder, own_tls)
    root_public_key = root_key.public_key().public_bytes_raw()
    KeyDates(folder).write_down((clock or SystemClock()).unix_ms(), made=keys_in_force(root_public_key, profile))
    write_private_file(folder.profile_note, note)
    return load_organisation(settings)


def change_profile(
    settings: Settings,
    *,
    new_log: bool = False,
    replace_lost_log: bool = False,
    witnesses: Sequence[ProfileWitness] | None = None,
    witness: Literal["required", "optional"] | None = None,
    certificate: Literal["new", "none"] | None = None,
    engineer_ca: Literal["new", "compromised"] | None = None,
    names: Sequence[str] = (),
    clock: Clock | None = None,
    **changes: Any,
) -> Organisation:
    """Signs a profile with these fields changed and the next version. Needs the root key. Raises as founding does.

    `new_log` gives an organisation of before there was a log its first one (LogExists where there is one);
    `replace_lost_log` begins another in the place of one that cannot be continued, which the profile goes on naming;
    `witnesses` replaces all that are named (both LogMissing where there is no log).

    `certificate` "new" makes the broker another TLS certificate of its own, for its address and more `names`, as does
    an address that the present one is not for; "none" leaves it to the system's authorities to vouch for the broker.

    `engineer_ca` "new" makes another engineer CA, and certificates of the one before are good until they expire;
    "compromised" has those refused from now on.
    """
    folder = OrganisationFolder(settings.data_folder)
    root_key = read_private_key(folder.root_key)
    present = read_profile(settings)
    if new_log and present.log is not None:
        raise LogExists(path=folder.path)
    changes_log = replace_lost_log or witnesses is not None or witness is not None
    if changes_log and present.log is None and not new_log:
        raise LogMissing(path=settings.data_folder)
    version, named = present.version + 1, present.log
    if new_log:
        named = _another_log(folder, present.broker_origin, FIRST_LOG, None)
    elif replace_lost_log:
        # Above every version that was signed since the copy was made, wherever that was seen.
        version = max(version, (clock or SystemClock()).unix_ms() // 1000)
        named = _another_log(folder, present.broker_origin, f"{FIRST_LOG}-{version}", named)
    if named is not None:
        named = msgspec.structs.replace(
            named,
            witnesses=named.witnesses if witnesses is None else tuple(witnesses),
            witness=witness or named.witness,
        )
    profile = msgspec.structs.replace(present, version=version, log=named, **changes)
    if engineer_ca is not None:
        profile = _with_another_ca(folder, profile, engineer_ca, (clock or SystemClock()).unix_ms())
    own_tls = None
    if certificate == "none":
        profile = msgspec.structs.replace(profile, broker_certificate_pem="")
    elif certificate == "new" or names or _is_for_another_name(present, profile.broker_origin):
        own_tls = _certificate_for(profile.broker_origin, names, clock)
        profile = msgspec.structs.replace(profile, broker_certificate_pem=own_tls.certificate_pem.decode())
    note = sign_profile(profile, root_key)
    if own_tls:
        _keep_certificate(folder, own_tls)
    root_public_key = root_key.public_key().public_bytes_raw()
    before, after = (keys_in_force(root_public_key, one) for one in (present, profile))
    KeyDates(folder).write_down((clock or SystemClock()).unix_ms(), made=after - before, met=before)
    write_private_file(folder.profile_note, note)
    if engineer_ca is not None:
        folder.next_engineer_ca_key.replace(folder.engineer_ca_key)  # nobody is to sign with the old one any more
    if replace_lost_log and present.log is not None:
        folder.log_key(present.log.short_name).unlink(missing_ok=True)  # nobody is to sign for it any more
    return load_organisation(settings)


def _with_another_ca(
    folder: OrganisationFolder, profile: Profile, why: Literal["new", "compromised"], now_ms: int
) -> Profile:
    """The new key is written before the profile that names it, beside the old one: stopped in between, the old one goes
    on, and stopped after it, `load_organisation` finishes."""
    key = Ed25519PrivateKey.generate()
    write_private_file(folder.next_engineer_ca_key, encode_private_key(key))
    until_ms = now_ms if why == "compromised" else now_ms + LIFETIME_LIMIT_MS
    # What was to be believed for some hours more after an earlier change, a compromise does not wait for.
    former = (
        FormerCa(profile.engineer_ca_key, until_ms),
        *(msgspec.structs.replace(one, until_ms=min(one.until_ms, until_ms)) for one in profile.former_cas),
    )
    return msgspec.structs.replace(
        profile, engineer_ca_key=key.public_key().public_bytes_raw(), former_engineer_cas=former[:FORMER_CA_LIMIT]
    )


def _is_for_another_name(profile: Profile, origin: str) -> bool:
    """Whether clients who go to `origin` would refuse the certificate that is pinned, if one is."""
    has_moved = urlsplit(profile.broker_origin).hostname != urlsplit(origin).hostname
    return bool(profile.broker_certificate_pem) and has_moved


def _certificate_for(origin: str, names: Sequence[str], clock: Clock | None) -> TlsCertificate:
    host = urlsplit(origin).hostname or ""
    return make_certificate(
        "Consentry broker", [*names_of_this_machine(), host, *names], (clock or SystemClock()).unix_ms()
    )


def _keep_certificate(folder: OrganisationFolder, own_tls: TlsCertificate) -> None:
    """Before the profile that pins it. Without that profile the two do not fit, and the next attempt makes another."""
    write_private_file(folder.tls_key, own_tls.key_pem)
    write_private_file(folder.tls_certificate, own_tls.certificate_pem)


def _another_log(folder: OrganisationFolder, origin: str, name: str, lost: ProfileLog | None) -> ProfileLog:
    """A log of nothing, with a key of its own, which is written before the profile that names it: without that profile
    it is replaced by the next attempt."""
    key = Ed25519PrivateKey.generate()
    write_private_file(folder.log_key(name), encode_private_key(key))
    vkey = _log_vkey(origin, name, key)
    if lost is None:
        return ProfileLog(vkey)
    return msgspec.structs.replace(lost, vkey=vkey, former=(*lost.former_vkeys, lost.vkey))


def _log_vkey(origin: str, name: str, key: Ed25519PrivateKey) -> str:
    """A log's origin is where it is served, without the scheme; it keeps it when the broker moves."""
    return NoteKey(f"{urlsplit(origin).netloc}/{name}", key.public_key().public_bytes_raw()).vkey
