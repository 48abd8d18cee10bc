"""GET /v1/state: what supervisors and administrators look at first: the broker's feed, the log as it was seen from here
and who vouches for it, the keys and their rotation, the last copies of keys."""

import asyncio
from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel

from audit.service.http_api.caller import TheServices, needs
from audit.service.people import Permission
from audit.service.rotation import Phase, status
from audit.service.services import AuditServices
from audit.service.setup import load_setup
from audit.storage.log_entries import SqlLogEntries
from audit.storage.requests import SqlKeyBackups
from audit.vault.keys import recipient_of
from protocol.cosignature import verify_cosignatures
from protocol.signed_note import split_note
from tunnel.log_memory import LogMemory

router = APIRouter(dependencies=[needs(Permission.LEAD)])


class FeedDetails(BaseModel):
    """`connected`: the broker answered the last question. `waiting`: sessions that are being fetched, or are to be."""

    origin: str
    connected: bool
    heard_at_ms: int | None
    profile_version: int | None
    waiting: int


class SeenWitness(BaseModel):
    """`cosigned_at_ms` is by the witness's clock; null: it has not vouched for the checkpoint that was seen last."""

    name: str
    cosigned_at_ms: int | None


class SeenLog(BaseModel):
    """The log as it was seen from here. `size` null: nothing of it was seen yet. `caught`: checkpoints that contradict
    what was seen before, which are kept as evidence. `waiting`: entries of this service that it has not taken yet."""

    origin: str
    size: int | None
    witnesses_needed: int
    witnesses: list[SeenWitness]
    caught: int
    waiting: int


class KeyDetails(BaseModel):
    """`named`: the broker's profile names it, so recordings are sealed to it."""

    key_id: str
    suite: str
    named: bool


class KeysDetails(BaseModel):
    """`command` is what the broker's administrator runs next; empty: nothing is to be done there."""

    keys: list[KeyDetails]
    phase: Phase
    command: str


class BackupDetails(BaseModel):
    """`in_reach`: an erase destroys keys there at once, otherwise with the next copy."""

    folder: str
    made_at_ms: int
    in_reach: bool


class StateAnswer(BaseModel):
    """`log` is null before the broker's profile was read, and for an organisation without one."""

    feed: FeedDetails
    log: SeenLog | None
    keys: KeysDetails
    key_backups: list[BackupDetails]


@router.get("/v1/state")
async def state(services: TheServices) -> StateAnswer:
    """How the service is, and what it has seen of the log."""
    waiting = await SqlLogEntries(services.database).count_waiting()
    backups = await SqlKeyBackups(services.database).all()
    profile = services.feed.profile
    return StateAnswer(
        feed=FeedDetails(
            origin=services.feed.origin,
            connected=services.puller.connected,
            heard_at_ms=await services.sessions.heard_at_ms(),
            profile_version=profile.version if profile else None,
            waiting=services.puller.waiting,
        ),
        log=await asyncio.to_thread(_log, services, waiting),
        keys=await asyncio.to_thread(_keys, services),
        key_backups=[
            BackupDetails(folder=folder, made_at_ms=made_at_ms, in_reach=await asyncio.to_thread(Path(folder).is_dir))
            for folder, made_at_ms in backups
        ],
    )


def _log(services: AuditServices, waiting: int) -> SeenLog | None:
    """Blocks."""
    policy = services.log_check.policy
    if policy is None:
        return None
    memory = LogMemory(services.settings.data_folder, policy)
    known, note = memory.known(), memory.known_note()
    cosigned = {}
    if note is not None:
        text, signatures = split_note(note)
        cosigned = {
            one.witness: one.time_s * 1000 for one in verify_cosignatures(text, signatures, policy.witness_keys)
        }
    return SeenLog(
        origin=policy.log_key.name,
        size=known.size if known else None,
        witnesses_needed=policy.witnesses_needed,
        witnesses=[SeenWitness(name=key.name, cosigned_at_ms=cosigned.get(key.name)) for key in policy.witness_keys],
        caught=memory.conflicts(),
        waiting=waiting,
    )


def _keys(services: AuditServices) -> KeysDetails:
    """Blocks."""
    profile = services.feed.profile
    named = list(profile.audit_recipients) if profile else []
    now = {one.key_id for one in named}
    own = [recipient_of(path) for path in load_setup(services.settings.data_folder).key_files]
    rotation = status(services.settings, named, writes=False)
    return KeysDetails(
        keys=[KeyDetails(key_id=one.key_id.hex(), suite=one.suite, named=one.key_id in now) for one in own],
        phase=rotation.phase,
        command=rotation.command if profile else "",
    )
