"""Puts an audit service together: with sign_in.py the only file that chooses implementations."""

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
from audit.service.retention import Retainer
from audit.service.scheduled_erase import ScheduledErase
from audit.service.sealed_store import SealedStore
from audit.service.services import AuditServices
from audit.service.session_keys import SessionKeys
from audit.service.setup import load_setup, witness_of
from audit.service.siem_feed import SiemFeed, SiemFollower, open_targets
from audit.service.sign_in import make_people
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
    database = Database(settings.database_file)
    session_keys = SessionKeys(settings.data_folder)
    sessions, view_store = SqlSessions(database, session_keys), SqlViews(database)
    journal = SqlJournal(database)
    users, sign_in = make_people(settings, database, journal, clock, passwords, provider_door)
    views, request_store = Views(view_store, clock), SqlRequests(database)
    store = SealedStore(settings.data_folder)
    limits = {"memory_bytes": settings.worker_memory_mib * 2**20, "seconds": settings.worker_seconds}
    # Apart, so that somebody who looks at a recording never waits for what arrives.
    reader = Reader(settings.records_folder, keys, workers=WORKERS, **limits)
    intake_reader = Reader(settings.records_folder, keys, **limits)
    quality_store = SqlQuality(database, session_keys)
    ended_requests = SqlEndedRequests(database)
    quality = QualityDesk(
        quality_store, clock, full_names=partial(_full_names, users), ended_requests=ended_requests.ended_between
    )
    additions = IndexAdditions(sessions, quality_store)
    shelf = IndexShelf(settings.data_folder, keys)
    indexing = Indexing(shelf, settings.records_folder, sessions, keys, additions.of, mark_rules.current, **limits)
    search = IndexSearch(shelf, indexing, **limits)
    intake = Intake(
        sessions, intake_reader, quality_store, journal, clock, mark_rules.current, indexing.refresh_additions
    )
    witness_store = WitnessStore(settings.data_folder / STORE_FILE, ())
    feed = BrokerFeed(setup.broker, setup.token, partial(_profile_seen, witness_store, settings.data_folder))
    log_entries = LogEntries(SqlLogEntries(database), request_store, feed)
    log_check = LogCheck(feed, settings.data_folder)
    siem_reader = Reader(settings.records_folder, keys, **limits)
    siem = SiemFeed(
        [
            SiemFollower(target, outlet, SqlSiemPlaces(database), journal, sessions, siem_reader, clock)
            for target, outlet in open_targets(settings.data_folder, clock)
        ],
        siem_reader,
    )
    key_watch = KeyWatch(
        settings.data_folder,
        keys,
        setup.key_files,
        passphrase_for=lambda path: partial(passphrase_from_file, settings, path),
        added=shelf.audit_keys_added,
    )

    async def arrived(session_id: bytes, over: bool) -> None:
        indexing.records_arrived(session_id, over)
        await intake.records_arrived(session_id, over)
        siem.records_arrived(session_id, over)

    after_restore = AfterRestore(
        settings.data_folder,
        feed=feed,
        store=store,
        keys=session_keys,
        sessions=sessions,
        requests=request_store,
        log_entries=SqlLogEntries(database),
        journal=journal,
        clock=clock,
        forget=[indexing.erase, search.forget],
    )
    retainer = Retainer(
        database=database,
        sessions=sessions,
        requests=request_store,
        key_backups=SqlKeyBackups(database),
        store=store,
        keys=session_keys,
        feed=feed,
        views=views,
        clock=clock,
        also=[
            lambda session_id: quality_store.forget_session(session_id.hex()),
            ended_requests.forget_session,
            log_entries.session_erased,
            indexing.erase,
            search.forget,
        ],
        brought_back=lambda session_id: arrived(session_id, True),
    )
    services = AuditServices(
        **vars(sign_in),
        settings=settings,
        clock=clock,
        database=database,
        users=users,
        sessions=sessions,
        view_store=view_store,
        views=views,
        request_store=request_store,
        retainer=retainer,
        scheduled_erase=ScheduledErase(SqlErasePolicies(database), retainer, clock),
        store=store,
        reader=reader,
        index_shelf=shelf,
        indexing=indexing,
        index_reader=IndexReader(shelf, indexing, reader),
        search=search,
        feed=feed,
        puller=Puller(feed, store, sessions, clock, arrived, log_check, after_restore),
        after_restore=after_restore,
        decision_pull=DecisionPull(feed, journal, clock),
        request_pull=RequestPull(feed, ended_requests, clock),
        journal=journal,
        siem=siem,
        log_check=log_check,
        log_entries=log_entries,
        mark_rules=mark_rules,
        quality=quality,
        assignments=quality,
    )
    app = make_application(lifespan_of(services, intake, intake_reader, witness_store, key_watch))
    signer = witness_of(settings.data_folder, setup.broker)
    app.mount(WITNESS_PREFIX, make_witness_router(witness_store, signer, now_s=lambda: clock.unix_ms() // 1000))
    return AuditService(app, services)


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
