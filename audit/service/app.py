"""Puts an audit service together: with sign_in.py the only file that makes its parts.

What the service keeps is SQLite and files, and its rooms name them so (`audit/storage/`). The broker's rooms declare
what they need instead, for the day when it is kept otherwise.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI

from audit.log_trust import PROFILE_FILE
from audit.quality.desk import QualityDesk
from audit.service.after_restore import AfterRestore
from audit.service.broker_feed import BrokerFeed
from audit.service.config import AuditSettings
from audit.service.decision_pull import DecisionPull
from audit.service.http_api.application import make_application
from audit.service.index_additions import IndexAdditions
from audit.service.index_reading import IndexReader
from audit.service.index_search import IndexSearch
from audit.service.index_shelf import IndexShelf
from audit.service.indexing import Indexing
from audit.service.intake import Intake
from audit.service.key_watch import KeyWatch
from audit.service.lifecycle import lifespan_of
from audit.service.log_check import LogCheck
from audit.service.log_entries import LogEntries
from audit.service.mark_rules import MarkRulesFile
from audit.service.passphrases import passphrase_from_file, passphrase_source
from audit.service.puller import Puller
from audit.service.reading import Reader
from audit.service.request_pull import RequestPull
from audit.service.retention import EraseStep, Retainer
from audit.service.scheduled_erase import ScheduledErase
from audit.service.sealed_store import SealedStore
from audit.service.services import AuditServices
from audit.service.session_keys import SessionKeys
from audit.service.setup import load_setup, witness_of
from audit.service.siem_feed import SiemFeed, SiemFollower, open_targets
from audit.service.sign_in import make_people
from audit.service.unsound import Unsound
from audit.service.views import Views
from audit.storage import MIGRATIONS
from audit.storage.ended_requests import SqlEndedRequests
from audit.storage.erase_policies import SqlErasePolicies
from audit.storage.journal import SqlJournal
from audit.storage.log_entries import SqlLogEntries
from audit.storage.quality import SqlQuality
from audit.storage.requests import SqlKeyBackups, SqlRequests
from audit.storage.sessions import SqlSessions
from audit.storage.siem_places import SqlSiemPlaces
from audit.storage.users import SqlUsers
from audit.storage.views import SqlViews
from audit.vault.keys import load_key
from audit.vault.recipient_key import RecipientKey
from audit.witness import WitnessStore, make_witness_router
from audit.witness.own_key import STORE_FILE
from protocol.witness_messages import WITNESS_PREFIX
from serving.clock import Clock, SystemClock
from serving.database import Database, bring_up_to_date
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords
from serving.private_files import write_private_file
from tunnel.trust import FetchedProfile

log = structlog.get_logger(__name__)

WORKERS = 3
"""People who read recordings at one time; further ones wait their turn."""


@dataclass(frozen=True)
class AuditService:
    """`app` is served by uvicorn."""

    app: FastAPI
    services: AuditServices


def make_audit_service(
    settings: AuditSettings,
    *,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    provider_door: Door | None = None,
) -> AuditService:
    """Everything of one audit service, not yet started.

    Blocks while the database is brought up to date. Raises the errors of setup.py and DatabaseUnusable.
    """
    clock = clock or SystemClock()
    setup = load_setup(settings.data_folder)
    mark_rules = MarkRulesFile(settings.data_folder)
    keys = [load_key(path, passphrase_source(settings, path)) for path in setup.key_files]
    bring_up_to_date(settings.database_file, MIGRATIONS)
    kept = _open_stores(settings)
    users, sign_in = make_people(settings, kept.database, kept.journal, clock, passwords, provider_door)
    quality = QualityDesk(
        kept.quality,
        clock,
        full_names=partial(_full_names, users),
        ended_requests=kept.ended_requests.ended_between,
    )
    witness_store = WitnessStore(settings.data_folder / STORE_FILE, ())
    feed = BrokerFeed(setup.broker, setup.token, partial(_profile_seen, witness_store, settings.data_folder))
    log_check = LogCheck(feed, settings.data_folder)
    # A reader each, so that somebody who looks at a recording never waits for what arrives.
    reader = _make_reader(settings, keys, workers=WORKERS)
    intake_reader, siem_reader = _make_reader(settings, keys), _make_reader(settings, keys)
    index = _make_index(settings, keys, kept, mark_rules)
    unsound = Unsound(kept.sessions, kept.journal, clock)
    intake = Intake(
        kept.sessions,
        intake_reader,
        kept.quality,
        unsound,
        clock,
        mark_rules.current,
        index.indexing.refresh_additions,
    )
    siem = _make_siem(settings, kept, siem_reader, clock)

    async def arrived(session_id: bytes, over: bool) -> None:
        index.indexing.records_arrived(session_id, over)
        await intake.records_arrived(session_id, over)
        siem.records_arrived(session_id, over)

    log_entries = LogEntries(kept.log_entries, kept.requests, feed)
    views = Views(kept.views, clock)
    after_restore = AfterRestore(
        settings.data_folder,
        feed=feed,
        store=kept.records,
        keys=kept.session_keys,
        sessions=kept.sessions,
        requests=kept.requests,
        log_entries=kept.log_entries,
        journal=kept.journal,
        clock=clock,
        forget=index.erase_steps,
    )
    also = [log_entries.session_erased, *index.erase_steps]
    retainer = _make_retainer(kept, feed, views, clock, also, lambda session_id: arrived(session_id, True))
    services = AuditServices(
        **vars(sign_in),
        settings=settings,
        clock=clock,
        database=kept.database,
        users=users,
        sessions=kept.sessions,
        view_store=kept.views,
        views=views,
        request_store=kept.requests,
        retainer=retainer,
        scheduled_erase=ScheduledErase(SqlErasePolicies(kept.database), retainer, clock),
        store=kept.records,
        reader=reader,
        index_shelf=index.shelf,
        indexing=index.indexing,
        index_reader=IndexReader(index.shelf, index.indexing, reader),
        search=index.search,
        feed=feed,
        puller=Puller(feed, kept.records, kept.sessions, clock, arrived, log_check, after_restore),
        after_restore=after_restore,
        decision_pull=DecisionPull(feed, kept.journal, clock),
        request_pull=RequestPull(feed, kept.ended_requests, clock),
        journal=kept.journal,
        unsound=unsound,
        siem=siem,
        log_check=log_check,
        log_entries=log_entries,
        mark_rules=mark_rules,
        quality=quality,
        assignments=quality,
    )
    key_watch = KeyWatch(
        settings.data_folder,
        keys,
        setup.key_files,
        passphrase_for=lambda path: partial(passphrase_from_file, settings, path),
        added=index.shelf.audit_keys_added,
    )
    app = make_application(lifespan_of(services, intake, intake_reader, witness_store, key_watch))
    signer = witness_of(settings.data_folder, setup.broker)
    app.mount(WITNESS_PREFIX, make_witness_router(witness_store, signer, now_s=lambda: clock.unix_ms() // 1000))
    return AuditService(app, services)


# ── what is kept ──


@dataclass(frozen=True)
class _Stores:
    """The database by what is in it, and the files beside it. What is said of a session is under its key."""

    database: Database
    session_keys: SessionKeys
    records: SealedStore
    sessions: SqlSessions
    views: SqlViews
    journal: SqlJournal
    requests: SqlRequests
    quality: SqlQuality
    ended_requests: SqlEndedRequests
    log_entries: SqlLogEntries


def _open_stores(settings: AuditSettings) -> _Stores:
    database, session_keys = Database(settings.database_file), SessionKeys(settings.data_folder)
    return _Stores(
        database=database,
        session_keys=session_keys,
        records=SealedStore(settings.data_folder),
        sessions=SqlSessions(database, session_keys),
        views=SqlViews(database),
        journal=SqlJournal(database),
        requests=SqlRequests(database),
        quality=SqlQuality(database, session_keys),
        ended_requests=SqlEndedRequests(database),
        log_entries=SqlLogEntries(database),
    )


# ── what reads recordings ──


def _make_reader(settings: AuditSettings, keys: list[RecipientKey], workers: int = 1) -> Reader:
    return Reader(settings.records_folder, keys, workers=workers, **_limits(settings))


def _limits(settings: AuditSettings) -> dict[str, int]:
    """Of each worker."""
    return {"memory_bytes": settings.worker_memory_mib * 2**20, "seconds": settings.worker_seconds}


@dataclass(frozen=True)
class _Index:
    shelf: IndexShelf
    indexing: Indexing
    search: IndexSearch

    @property
    def erase_steps(self) -> list[EraseStep]:
        return [self.indexing.erase, self.search.forget]


def _make_index(settings: AuditSettings, keys: list[RecipientKey], kept: _Stores, mark_rules: MarkRulesFile) -> _Index:
    shelf = IndexShelf(settings.data_folder, keys)
    additions = IndexAdditions(kept.sessions, kept.quality)
    indexing = Indexing(
        shelf,
        settings.records_folder,
        kept.sessions,
        keys,
        additions.of,
        mark_rules.current,
        **_limits(settings),
    )
    return _Index(shelf, indexing, IndexSearch(shelf, indexing, **_limits(settings)))


def _make_siem(settings: AuditSettings, kept: _Stores, reader: Reader, clock: Clock) -> SiemFeed:
    places = SqlSiemPlaces(kept.database)
    followers = [
        SiemFollower(target, outlet, places, kept.journal, kept.sessions, reader, clock)
        for target, outlet in open_targets(settings.data_folder, clock)
    ]
    return SiemFeed(followers, reader)


# ── what erases ──


def _make_retainer(
    kept: _Stores,
    feed: BrokerFeed,
    views: Views,
    clock: Clock,
    also: Sequence[EraseStep],
    brought_back: Callable[[bytes], Awaitable[None]],
) -> Retainer:
    async def forget_reviews(session_id: bytes) -> None:
        await kept.quality.forget_session(session_id.hex())

    return Retainer(
        database=kept.database,
        sessions=kept.sessions,
        requests=kept.requests,
        key_backups=SqlKeyBackups(kept.database),
        store=kept.records,
        keys=kept.session_keys,
        feed=feed,
        views=views,
        clock=clock,
        also=[forget_reviews, kept.ended_requests.forget_session, *also],
        brought_back=brought_back,
    )


# ── what the broker and people are called ──


def _profile_seen(store: WitnessStore, data_folder: Path, fetched: FetchedProfile) -> None:
    """The organisation's root says which log is its own: that one may ask for this service's word. What the root
    signed is kept for whoever reads the data folder by hand (audit/log_trust.py)."""
    path = data_folder / PROFILE_FILE
    before = path.read_bytes() if path.exists() else b""
    named = fetched.profile.log
    if named is not None:
        store.admit(named.vkey)
        # Told once, and by what the note itself says: a log that was begun anew forgets what it does not like.
        if named.former_vkeys and before and named.vkey.encode() not in before:
            log.critical("log_replaced", alert=True, log=named.vkey, lost=named.former_vkeys[-1])
    if before != fetched.note:
        write_private_file(path, fetched.note)


async def _full_names(users: SqlUsers) -> dict[str, str]:
    return {one.user_name: one.name for one in await users.all()}
