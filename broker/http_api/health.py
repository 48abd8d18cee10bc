"""GET /v1/health: what supervisors and administrators look at first: program, certificate, log, disk, sessions."""

import asyncio
import shutil
from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import APIRouter
from pydantic import BaseModel

from audit.ingest import DiskFullError
from broker.http_api.caller import TheServices, needs
from broker.organisation.organisation import tls_files
from broker.organisation.people import Permission
from broker.services import Services
from protocol.checkpoint import claimed_checkpoint
from protocol.cosignature import verify_cosignatures
from protocol.profile import ProfileLog
from protocol.signed_note import split_note
from serving.http.renewal import is_late, life_of_certificate

router = APIRouter(dependencies=[needs(Permission.HEALTH)])


class CertificateDetails(BaseModel):
    """The TLS certificate that the broker shows. `is_late`: whatever renews it should have by now."""

    valid_until_ms: int
    is_late: bool


class NodeDetails(BaseModel):
    """The one broker that there is. `certificate` is null where something before it speaks TLS."""

    version: str
    address: str
    started_at_ms: int
    profile_version: int
    certificate: CertificateDetails | None


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

    node: NodeDetails
    log: LogDetails | None
    disk: DiskDetails
    sessions: dict[str, int]
    agents: int


@router.get("/v1/health")
async def health(services: TheServices) -> HealthAnswer:
    """The broker's program and certificate, the log, its witnesses and the disk. For the profile see organisation."""
    profile = services.organisation.profile
    return HealthAnswer(
        node=NodeDetails(
            version=version("consentry"),
            address=profile.broker_origin,
            started_at_ms=services.started_at_ms,
            profile_version=profile.version,
            certificate=await asyncio.to_thread(_certificate, services),
        ),
        log=_log(services, profile.log) if profile.log is not None else None,
        disk=_disk(services),
        sessions={state: services.sessions.count(state) for state in ("waiting", "paired", "live")},
        agents=len(services.lines),
    )


def _certificate(services: Services) -> CertificateDetails | None:
    files = tls_files(services.settings)
    if files is None:
        return None
    life = life_of_certificate(files[0])
    now = datetime.fromtimestamp(services.clock.unix_ms() / 1000, UTC)
    return CertificateDetails(valid_until_ms=int(life[1].timestamp() * 1000), is_late=is_late(life, now))


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
        services.records.check_disk()
        takes_sessions = True
    except DiskFullError:
        takes_sessions = False
    return DiskDetails(free_bytes=usage.free, total_bytes=usage.total, takes_sessions=takes_sessions)
