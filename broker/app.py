"""Puts a broker together: with sign_in.py the only file that chooses implementations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import FastAPI

from audit.ingest import RecordStore
from audit.log import FolderStorage, SqliteLedger, TransparencyLog
from broker.audit_feed.feed import AuditFeed
from broker.config import Settings
from broker.http_api.application import make_application
from broker.lifecycle import lifespan_of
from broker.observability.alerts import Alerts
from broker.observability.metrics import Metrics
from broker.organisation.authority import Authority
from broker.organisation.folder import OrganisationFolder
from broker.organisation.organisation import LogMissing, Organisation, load_organisation
from broker.pairing.board import Board
from broker.relay.relay import Relay
from broker.relay.tickets import LegTickets
from broker.requests.waiting_room import WaitingRoom
from broker.services import Services
from broker.sessions.lines import Lines
from broker.sessions.ratings import Ratings
from broker.sessions.registry import SessionLimits, Sessions
from broker.sessions.whispers import Whispers
from broker.sign_in import make_people
from broker.ssh_gateway.openings import Openings
from broker.storage import MIGRATIONS
from broker.storage.audit_feed import SqlAuditServices, SqlChangedSessions
from broker.storage.kept_answers import SqlKeptAnswers
from broker.storage.nameplates import SqlNameplates
from broker.storage.requests import SqlRequests
from broker.storage.sessions import SqlSessions
from broker.storage.webhooks import SqlWebhooks
from broker.storage.whispers import SqlWhispers
from broker.transparency.logbook import Logbook
from broker.transparency.witness_door import HttpWitness
from broker.watching import watch
from broker.webhooks.courier import Courier
from broker.webhooks.sender import Sender
from protocol.errors import ConsentryError
from protocol.grants import Scope
from protocol.messages.agent import DialLegs
from protocol.profile import Profile
from serving.clock import Clock, SystemClock
from serving.database import Database, bring_up_to_date
from serving.identity.live_logins import LiveLogins
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords
from serving.identity.secret_box import load_secret_box
from serving.identity.settings import HOUR_MS
from serving.limits import KeyedBuckets

if TYPE_CHECKING:
    from broker.ssh_gateway.server import SshGateway

DIAL_LEGS_AT_ONCE = 16
"""`DialLegs` carries no more."""


@dataclass(frozen=True)
class Broker:
    """`app` is served by uvicorn; `relay` takes its legs before the application sees them."""

    app: FastAPI
    relay: Relay
    services: Services


def make_broker(
    settings: Settings,
    *,
    on_fatal: Callable[[Exception], None],
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    provider_door: Door | None = None,
    on_refused: Callable[[ConsentryError], None] = lambda _: None,
) -> Broker:
    """Everything of one broker, not yet started. `on_fatal` is called when the disk failed: the process must end.
    `on_refused` hears why it cannot start, where that is for people to mend.

    Blocks while the database is brought up to date. Raises the errors of organisation/ and storage/.
    """
    clock = clock or SystemClock()
    organisation = load_organisation(settings)
    profile = organisation.profile
    bring_up_to_date(settings.database_file, MIGRATIONS)
    database = Database(settings.database_file)
    metrics = Metrics()
    alerts = Alerts(lambda kind: metrics.alerts.labels(kind).inc(), clock.monotonic_ms)
    lines = Lines()
    tickets = LegTickets(organisation.relay_ticket_key)

    def request_legs(session_id: bytes, count: int) -> None:
        lines.send(session_id, DialLegs(count=min(count, DIAL_LEGS_AT_ONCE)))

    relay = Relay(
        tickets,
        request_legs=request_legs,
        clock=clock.unix_ms,
        on_stalled=lambda: alerts.raised("leg_stalled"),
    )
    audit_feed = AuditFeed()
    box = load_secret_box(OrganisationFolder(settings.data_folder).identity_key)
    webhooks = SqlWebhooks(database, box)
    sender = Sender(private_networks=settings.webhooks_private_networks)
    courier = Courier(
        webhooks, webhooks.changed_since, sender, clock, count=lambda outcome: metrics.webhooks.labels(outcome).inc()
    )

    def sessions_changed() -> None:
        audit_feed.sessions_changed()
        courier.wake()

    session_store = SqlSessions(database, when_changed=sessions_changed)
    limits = _session_limits(settings, profile)
    sessions = Sessions(session_store, relay, tickets, lines, clock, limits)
    transparency_log = _make_log(settings, organisation, on_fatal)
    records = _make_records(settings, on_fatal)
    openings_of_addresses: KeyedBuckets[str] = KeyedBuckets(
        per_minute=settings.openings_per_minute_per_address,
        burst=2 * settings.openings_per_minute_per_address,
    )
    users, sign_in = make_people(
        settings, profile, database, box, alerts, openings_of_addresses, clock, passwords, provider_door
    )
    services = Services(
        **vars(sign_in),
        settings=settings,
        organisation=organisation,
        clock=clock,
        started_at_ms=clock.unix_ms(),
        database=database,
        users=users,
        live_logins=LiveLogins(),
        authority=Authority(
            organisation.engineer_ca_key,
            profile.organisation,
            clock,
            certificate_life_ms=settings.certificate_hours * HOUR_MS,
        ),
        session_store=session_store,
        audit_services=SqlAuditServices(database),
        audit_feed=audit_feed,
        changed_sessions=SqlChangedSessions(database),
        sessions=sessions,
        ratings=Ratings(session_store, records, clock, when_kept=sessions.kept_beside),
        whispers=Whispers(SqlWhispers(database), clock),
        waiting_room=WaitingRoom(
            SqlRequests(database),
            clock,
            lines.send,
            target_ms_of={tier: 1000 * seconds for tier, seconds in settings.service_target_seconds_of.items()},
            max_waiting=settings.max_waiting_requests,
        ),
        lines=lines,
        board=_make_board(settings, SqlNameplates(database), sessions, lines, metrics, alerts, clock),
        openings_of_addresses=openings_of_addresses,
        records=records,
        log=transparency_log,
        logbook=Logbook(transparency_log, clock),
        relay=relay,
        ssh_gateway=_make_gateway(settings, sessions, relay, metrics, clock),
        kept_answers=SqlKeptAnswers(database, box),
        webhooks=webhooks,
        webhook_sender=sender,
        courier=courier,
        metrics=metrics,
        alerts=alerts,
    )
    watch(services)
    return Broker(make_application(lifespan_of(services, on_refused)), relay, services)


def _session_limits(settings: Settings, profile: Profile) -> SessionLimits:
    return SessionLimits(
        max_sessions=settings.max_sessions,
        max_sessions_per_engineer=settings.max_sessions_per_engineer,
        max_session_ms=settings.max_session_hours * HOUR_MS,
        resume_window_ms=profile.resume_window_seconds * 1000,
    )


def _make_board(
    settings: Settings,
    nameplates: SqlNameplates,
    sessions: Sessions,
    lines: Lines,
    metrics: Metrics,
    alerts: Alerts,
    clock: Clock,
) -> Board:
    return Board(
        nameplates,
        sessions,
        lines,
        clock,
        max_open_codes=settings.max_open_codes,
        openings_per_minute=settings.openings_per_minute,
        claims_per_minute=settings.claims_per_minute,
        claims_per_minute_per_engineer=settings.claims_per_minute_per_engineer,
        on_outcome=lambda outcome: metrics.pairings.labels(outcome).inc(),
        on_locked=lambda engineer: alerts.raised("engineer_locked", engineer=engineer),
    )


def _make_records(settings: Settings, on_fatal: Callable[[Exception], None]) -> RecordStore:
    return RecordStore(
        settings.records_folder,
        on_fatal=on_fatal,
        free_limit_bytes=int(settings.min_free_disk_gib * 1024**3),
        free_limit_share=settings.min_free_disk_percent / 100,
    )


def _make_gateway(
    settings: Settings, sessions: Sessions, relay: Relay, metrics: Metrics, clock: Clock
) -> "SshGateway | None":
    if settings.ssh_gateway_port is None:
        return None
    from broker.ssh_gateway.server import GatewayLimits, SshGateway  # a whole SSH library, for the few who have one

    return SshGateway(
        Openings(),
        relay,
        may_reach=lambda session_id, user_id: sessions.allows(session_id, user_id, Scope.GATEWAY),
        count=lambda outcome: metrics.ssh_gateway.labels(outcome).inc(),
        clock=clock,
        limits=GatewayLimits(per_minute_per_address=settings.ssh_gateway_per_minute_per_address),
    )


def _make_log(settings: Settings, organisation: Organisation, on_fatal: Callable[[Exception], None]) -> TransparencyLog:
    named = organisation.profile.log
    if named is None or organisation.log_key is None:
        raise LogMissing(path=settings.data_folder)
    policy = named.policy
    files, ledger = settings.log_files(named.short_name)
    return TransparencyLog(
        FolderStorage(files),
        SqliteLedger(ledger),
        policy.log_key.name,
        organisation.log_key,
        witnesses=[
            HttpWitness(key, settings.witness_url_of.get(key.name, one.url), settings.witness_certificate_files)
            for key, one in zip(policy.witness_keys, named.witnesses, strict=True)
        ],
        witnesses_needed=policy.witnesses_needed,
        on_fatal=on_fatal,
    )
