"""GET /v1/health: what supervisors and administrators look at first: profile, log, witnesses, disk, sessions."""

import shutil

from fastapi import APIRouter
from pydantic import BaseModel

from audit.ingest import DiskFullError
from broker.http_api.caller import TheServices, needs
from broker.organisation.people import Permission
from broker.services import Services
from protocol.checkpoint import claimed_checkpoint
from protocol.cosignature import verify_cosignatures
from protocol.profile import ProfileLog
from protocol.signed_note import split_note

router = APIRouter(dependencies=[needs(Permission.HEALTH)])


class RecipientEntry(BaseModel):
    """A key that recordings are sealed to."""

    key_id: str
    suite: str
    not_before_ms: int
    not_after_ms: int


class ProfileDetails(BaseModel):
    organisation: str
    version: int
    broker_origin: str
    output_policy: str
    max_minutes: int
    resume_window_seconds: int
    browser_allowed: bool
    audit_recipients: list[RecipientEntry]


class WitnessEntry(BaseModel):
    """`cosigned_at_ms` is by the witness's clock; null: it has not vouched for the newest checkpoint."""

    name: str
    url: str
    cosigned_at_ms: int | None


class LogDetails(BaseModel):
    """`whole`: the newest checkpoint has as many words of witnesses as proofs need."""

    origin: str
    size: int
    witnesses_needed: int
    witnesses: list[WitnessEntry]
    whole: bool


class DiskDetails(BaseModel):
    """`takes_sessions` is false below the limits of the settings."""

    free_bytes: int
    total_bytes: int
    takes_sessions: bool


class HealthAnswer(BaseModel):
    """`sessions` by state; `agents` are on the line at this moment. `log` is null for an organisation without one."""

    profile: ProfileDetails
    log: LogDetails | None
    disk: DiskDetails
    sessions: dict[str, int]
    agents: int


@router.get("/v1/health")
async def health(services: TheServices) -> HealthAnswer:
    """The profile in force, the log, its witnesses and the disk."""
    profile = services.organisation.profile
    return HealthAnswer(
        profile=ProfileDetails(
            organisation=profile.organisation,
            version=profile.version,
            broker_origin=profile.broker_origin,
            output_policy=profile.output_policy,
            max_minutes=profile.max_minutes,
            resume_window_seconds=profile.resume_window_seconds,
            browser_allowed=profile.browser_allowed,
            audit_recipients=[
                RecipientEntry(
                    key_id=one.key_id.hex(),
                    suite=one.suite,
                    not_before_ms=one.not_before_ms,
                    not_after_ms=one.not_after_ms,
                )
                for one in profile.audit_recipients
            ],
        ),
        log=_log(services, profile.log) if profile.log is not None else None,
        disk=_disk(services),
        sessions={state: services.sessions.count(state) for state in ("waiting", "paired", "live")},
        agents=len(services.lines),
    )


def _log(services: Services, named: ProfileLog) -> LogDetails:
    note, policy = services.log.checkpoint_note, named.policy
    text, signatures = split_note(note)
    cosigned = {one.witness: one.time_s * 1000 for one in verify_cosignatures(text, signatures, policy.witness_keys)}
    return LogDetails(
        origin=policy.log_key.name,
        size=claimed_checkpoint(note).size,
        witnesses_needed=policy.witnesses_needed,
        witnesses=[
            WitnessEntry(name=key.name, url=one.url, cosigned_at_ms=cosigned.get(key.name))
            for key, one in zip(policy.witness_keys, named.witnesses, strict=True)
        ],
        whole=len(cosigned) >= policy.witnesses_needed,
    )


def _disk(services: Services) -> DiskDetails:
    usage = shutil.disk_usage(services.settings.data_folder)
    try:
        services.check_disk()
        takes_sessions = True
    except DiskFullError:
        takes_sessions = False
    return DiskDetails(free_bytes=usage.free, total_bytes=usage.total, takes_sessions=takes_sessions)
