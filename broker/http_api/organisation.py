"""GET /v1/organisation: the organisation's keys by what people compare them by, and its profile as customers meet it.

Nothing here is changed over the network: the profile is signed by the root, on the broker's machine.
"""

import asyncio

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from fastapi import APIRouter
from pydantic import BaseModel

from broker.http_api.caller import TheServices, needs
from broker.organisation.folder import OrganisationFolder
from broker.organisation.key_dates import KeyDates
from broker.organisation.people import Permission
from protocol.profile import Profile
from protocol.receipt_verification import root_fingerprint
from protocol.ssh_keys import parse_public_line, ssh_fingerprint

router = APIRouter(dependencies=[needs(Permission.HEALTH)])


class FingerprintEntry(BaseModel):
    """`fingerprint` is what a person compares; `valid_until_ms` null where nothing ends it. `here_since_ms` is what the
    broker wrote down when the key was made, or met (`is_older`); null for keys that have a date of their own.
    """

    name: str
    fingerprint: str
    here_since_ms: int | None
    is_older: bool
    not_before_ms: int | None
    valid_until_ms: int | None


class NoticeEntry(BaseModel):
    """The organisation's own warning on the code screen."""

    language: str
    text: str


class AuditServiceEntry(BaseModel):
    """An audit service that may pull recordings."""

    name: str
    created_at_ms: int


class OrganisationAnswer(BaseModel):
    """`share_url` is what customers share with and engineers log in to. `keys`: the root, the engineer CA and those of
    before, the newest first, the broker's own TLS certificate, the SSH gateway, the log, as far as there are.
    `valid_until_ms` of an engineer CA of before: it counts in sessions that begin earlier. `recipients`: what
    recordings are sealed to; several at a time while a key is rotated, or where one is kept in escrow."""

    organisation: str
    version: int
    share_url: str
    keys: list[FingerprintEntry]
    recipients: list[FingerprintEntry]
    log: str
    witness_policy: str
    witnesses: list[str]
    notices: list[NoticeEntry]
    output_policy: str
    max_minutes: int
    resume_window_seconds: int
    browser_allowed: bool
    ssh_gateway_allowed: bool
    ssh_gateway_open: bool
    audit_services: list[AuditServiceEntry]


@router.get("/v1/organisation")
async def organisation(services: TheServices) -> OrganisationAnswer:
    """Keys by their fingerprints, and the profile in force."""
    found = services.organisation
    profile, gateway = found.profile, services.ssh_gateway
    dates = await asyncio.to_thread(KeyDates, OrganisationFolder(services.settings.data_folder))
    keys = [
        _key("root", found.root_public_key, dates),
        _key("engineer-ca", profile.engineer_ca_key, dates),
        *(_key("engineer-ca-former", one.public_key, dates, until_ms=one.until_ms) for one in profile.former_cas),
    ]
    if profile.broker_certificate_pem:
        keys.append(_of_certificate(profile.broker_certificate_pem))
    if profile.log is not None:
        keys.append(_key("log", profile.log.policy.log_key.public_key, dates))
    if gateway is not None and gateway.host_key_line:
        blob = parse_public_line(gateway.host_key_line)
        keys.append(_key("ssh-gateway", blob, dates, fingerprint=ssh_fingerprint(blob)))
    return OrganisationAnswer(
        organisation=profile.organisation,
        version=profile.version,
        share_url=str(found.share_url),
        keys=keys,
        recipients=_recipients(profile),
        log=profile.log.policy.log_key.name if profile.log else "",
        witness_policy=profile.log.witness if profile.log else "",
        witnesses=[one.url for one in profile.log.witnesses] if profile.log else [],
        notices=[NoticeEntry(language=language, text=text) for language, text in sorted(profile.notice.items())],
        output_policy=profile.output_policy,
        max_minutes=profile.max_minutes,
        resume_window_seconds=profile.resume_window_seconds,
        browser_allowed=profile.browser_allowed,
        ssh_gateway_allowed=profile.allows_ssh_gateway,
        ssh_gateway_open=gateway is not None,
        audit_services=[
            AuditServiceEntry(name=one.name, created_at_ms=one.created_at_ms)
            for one in await services.audit_services.all()
        ],
    )


def _key(
    name: str, public_key: bytes, dates: KeyDates, *, fingerprint: str = "", until_ms: int | None = None
) -> FingerprintEntry:
    date = dates.of(public_key)
    return FingerprintEntry(
        name=name,
        fingerprint=fingerprint or root_fingerprint(public_key),
        here_since_ms=None if date is None else date.since_ms,
        is_older=date is not None and date.is_older,
        not_before_ms=None,
        valid_until_ms=until_ms,
    )


def _recipients(profile: Profile) -> list[FingerprintEntry]:
    return [
        FingerprintEntry(
            name=f"{one.key_id.hex()} {one.suite}",
            fingerprint=root_fingerprint(one.public_key),
            here_since_ms=None,
            is_older=False,
            not_before_ms=one.not_before_ms,
            valid_until_ms=one.not_after_ms,
        )
        for one in profile.audit_recipients
    ]


def _of_certificate(pem: str) -> FingerprintEntry:
    """SHA-256 of the certificate, as browsers show it; of the first one of a chain."""
    first = x509.load_pem_x509_certificate(pem.encode())
    return FingerprintEntry(
        name="tls",
        fingerprint=first.fingerprint(hashes.SHA256()).hex(":").upper(),
        here_since_ms=None,
        is_older=False,
        not_before_ms=int(first.not_valid_before_utc.timestamp() * 1000),
        valid_until_ms=int(first.not_valid_after_utc.timestamp() * 1000),
    )
