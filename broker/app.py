"""Puts a broker together: the only file that chooses implementations."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from audit.ingest import RecordStore
from audit.log import FolderStorage, SqliteLedger, TransparencyLog
from broker.audit_feed.feed import AuditFeed
from broker.config import Settings
from broker.http_api.application import Lifespan, make_application
from broker.observability.alerts import Alerts
from broker.observability.metrics import Metrics
from broker.organisation.authority import Authority
from broker.organisation.folder import OrganisationFolder
from broker.organisation.organisation import LogMissing, Organisation, load_organisation
from broker.organisation.people import TOKENS_MAY
from broker.organisation.teams import ProviderTeams
from broker.pairing.board import Board
from broker.relay.relay import Relay
from broker.relay.tickets import LegTickets
from broker.requests.waiting_room import WaitingRoom
from broker.services import Services
from broker.sessions.lines import Lines
from broker.sessions.ratings import Ratings
from broker.sessions.registry import SessionLimits, Sessions
from broker.sessions.session import Session, SessionState
from broker.sessions.whispers import Whispers
from broker.ssh_gateway.host_key import host_key
from broker.ssh_gateway.openings import Openings
from broker.ssh_gateway.server import GatewayLimits, SshGateway
from broker.storage import MIGRATIONS
from broker.storage.audit_feed import SqlAuditServices
from broker.storage.kept_answers import SqlKeptAnswers
from broker.storage.nameplates import SqlNameplates
from broker.storage.provider_people import SqlProviderPeople
from broker.storage.requests import SqlRequests
from broker.storage.sessions import SqlSessions
from broker.storage.users import TABLES, SqlTokens, SqlUsers
from broker.storage.webhooks import SqlWebhooks
from broker.storage.whispers import SqlWhispers
from broker.transparency.logbook import Logbook
from broker.transparency.witness_door import HttpWitness
from broker.webhooks.courier import Courier
from broker.webhooks.sender import Sender
from protocol.errors import ConsentryError
from protocol.grants import Scope
from protocol.messages import DialLegs
from serving.clock import Clock, SystemClock
from serving.database import Database, bring_up_to_date
from serving.identity.api_tokens import ApiTokens
from serving.identity.device_logins import DeviceLogins
from serving.identity.kept_events import IdentityEvents
from serving.identity.live_logins import LiveLogins
from serving.identity.login import Logins
from serving.identity.openid.door import Door
from serving.identity.passwords import Passwords
from serving.identity.recovery import RecoveryCodes
from serving.identity.secret_box import load_secret_box
from serving.identity.settings import HOUR_MS, MINUTE_MS
from serving.identity.sql_api_tokens import SqlApiTokens
from serving.identity.sql_events import SqlIdentityEvents
from serving.identity.sql_passkeys import SqlPasskeys
from serving.identity.sql_recovery import SqlRecoveryCodes
from serving.identity.ways import make_openid, make_passkeys
from serving.limits import KeyedBuckets

log = structlog.get_logger(__name__)

HOUSEKEEPING_SECONDS = 1.0
"""Deadlines are minutes and half-minutes; a second late is soon enough."""

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
    sessions = Sessions(
        session_store,
        relay,
        tickets,
        lines,
        clock,
        SessionLimits(
            max_sessions=settings.max_sessions,
            max_sessions_per_engineer=settings.max_sessions_per_engineer,
            max_session_ms=settings.max_session_hours * HOUR_MS,
            resume_window_ms=profile.resume_window_seconds * 1000,
        ),
    )
    board = Board(
        SqlNameplates(database),
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
    transparency_log = _make_log(settings, organisation, on_fatal)
    records = RecordStore(
        settings.records_folder,
        on_fatal=on_fatal,
        free_limit_bytes=int(settings.min_free_disk_gib * 1024**3),
        free_limit_share=settings.min_free_disk_percent / 100,
    )
    users, recovery = SqlUsers(database, box), RecoveryCodes(SqlRecoveryCodes(database, TABLES), box)
    events = IdentityEvents(
        SqlIdentityEvents(database, TABLES),
        clock,
        on_locked=lambda one: alerts.raised("login_locked", user=one.subject or None, address=one.address),
    )
    passwords = passwords or Passwords()
    openings_of_addresses: KeyedBuckets[str] = KeyedBuckets(
        per_minute=settings.openings_per_minute_per_address,
        burst=2 * settings.openings_per_minute_per_address,
    )
    services = Services(
        settings=settings,
        organisation=organisation,
        clock=clock,
        database=database,
        users=users,
        passwords=passwords,
        logins=Logins(
            users,
            SqlTokens(database),
            passwords,
            clock,
            login_life_ms=settings.login_hours * HOUR_MS,
            login_idle_ms=settings.login_idle_minutes * MINUTE_MS,
            recovery=recovery,
            note=events.note,
        ),
        live_logins=LiveLogins(),
        recovery=recovery,
        api_tokens=ApiTokens(SqlApiTokens(database, TABLES), clock, TOKENS_MAY),
        device_logins=DeviceLogins(openings_of_addresses),
        events=events,
        passkeys=make_passkeys(
            settings,
            SqlPasskeys(database, TABLES),
            clock,
            origin=profile.broker_origin,
            name=profile.organisation,
            on_copied=lambda user_name: alerts.raised("passkey_copied", user=user_name),
        ),
        openid=make_openid(
            settings,
            SqlProviderPeople(database, users),
            clock,
            origin=profile.broker_origin,
            staff_number_claim=settings.oidc_staff_number_claim,
            note=events.note,
            settle=ProviderTeams(settings.oidc_team_pairs, users, events.note).settle,
            on_refused=lambda problem: alerts.raised("provider_answer_refused", problem=problem),
            door=provider_door,
        ),
        authority=Authority(
            organisation.engineer_ca_key,
            profile.organisation,
            clock,
            certificate_life_ms=settings.certificate_hours * HOUR_MS,
        ),
        session_store=session_store,
        audit_services=SqlAuditServices(database),
        audit_feed=audit_feed,
        sessions=sessions,
        ratings=Ratings(session_store, records, clock),
        whispers=Whispers(SqlWhispers(database), clock),
        waiting_room=WaitingRoom(
            SqlRequests(database),
            clock,
            lines.send,
            target_ms_of={tier: 1000 * seconds for tier, seconds in settings.service_target_seconds_of.items()},
            max_waiting=settings.max_waiting_requests,
        ),
        lines=lines,
        board=board,
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
    _watch(services)
    return Broker(make_application(_lifespan_of(services, on_refused)), relay, services)


def _make_gateway(
    settings: Settings, sessions: Sessions, relay: Relay, metrics: Metrics, clock: Clock
) -> SshGateway | None:
    if settings.ssh_gateway_port is None:
        return None
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
    return TransparencyLog(
        FolderStorage(settings.log_folder),
        SqliteLedger(settings.log_ledger_file),
        policy.log_key.name,
        organisation.log_key,
        witnesses=[
            HttpWitness(key, settings.witness_url_of.get(key.name, one.url), settings.witness_certificate_files)
            for key, one in zip(policy.witness_keys, named.witnesses, strict=True)
        ],
        witnesses_needed=policy.witnesses_needed,
        on_fatal=on_fatal,
    )


def _watch(services: Services) -> None:
    """Gauges, and who has to hear that a session ended."""
    metrics, relay = services.metrics, services.relay
    states: tuple[SessionState, ...] = ("waiting", "paired", "live")
    for state in states:
        metrics.gauge(f"sessions_{state}", f"Sessions that are {state}", _count_of(services.sessions, state))
    metrics.gauge("agents_connected", "Agents on the line", lambda: len(services.lines))
    metrics.gauge("codes_open", "Codes that have not ended", lambda: len(services.board))
    metrics.gauge("relay_pairs", "Pairs of legs that are piped together", lambda: relay.pairs)
    metrics.gauge("relay_legs_waiting", "Legs without a partner", lambda: relay.waiting)
    metrics.count_of("relay_bytes", "Payload that the relay has carried", lambda: relay.bytes_forwarded)

    gateway = services.ssh_gateway
    if gateway is not None:
        metrics.gauge("ssh_gateway_connections", "Connections to the SSH gateway", lambda: len(gateway))

    async def when_ended(session: Session) -> None:
        if gateway is not None:
            gateway.openings.close_session(session.session_id)
        reason = session.end_reason or "broker-ended"
        metrics.sessions_ended.labels(reason).inc()
        services.whispers.session_ended(session.session_id)
        await services.waiting_room.session_ended(session.session_id)
        await services.board.session_ended(session.session_id)
        await services.close_recording(session)

    services.sessions.when_ended(when_ended)
    services.sessions.when_admitted(services.waiting_room.somebody_in)


def _count_of(sessions: Sessions, state: SessionState) -> Callable[[], float]:
    return lambda: sessions.count(state)


def _lifespan_of(services: Services, on_refused: Callable[[ConsentryError], None]) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                await _start(services, stack)
            except ConsentryError as error:
                on_refused(error)
                raise
            app.state.services = services
            housekeeping = asyncio.create_task(_keep_house(services), name="housekeeping")
            stack.push_async_callback(_cancel, housekeeping)
            telling = asyncio.create_task(services.courier.run(), name="webhooks")
            stack.callback(services.webhook_sender.close)
            stack.push_async_callback(_cancel, telling)
            yield

    return lifespan


async def _start(services: Services, stack: AsyncExitStack) -> None:
    """Everything that looks at what is on the disk, in the order in which one needs the other."""
    stack.push_async_callback(services.database.aclose)
    if sealed := await services.users.seal_secrets():
        log.info("secrets_sealed", count=sealed)
    await services.records.start()
    stack.push_async_callback(services.records.aclose)
    await services.log.start()
    stack.push_async_callback(services.log.aclose)
    stack.push_async_callback(services.logbook.aclose)
    await services.logbook.profile_in_force(services.organisation.profile.version, services.organisation.profile_note)
    await services.sessions.start()
    await _close_left_open(services)
    for session_id in await services.waiting_room.start():
        if (asking := await services.session_store.find(session_id)) is None or asking.state == "ended":
            await services.waiting_room.session_ended(session_id)
    await services.board.start()
    gateway, settings = services.ssh_gateway, services.settings
    if gateway is not None and settings.ssh_gateway_port is not None:
        key = await asyncio.to_thread(host_key, OrganisationFolder(settings.data_folder))
        await gateway.start(settings.listen_host, settings.ssh_gateway_port, key)
        stack.push_async_callback(gateway.aclose)


async def _close_left_open(services: Services) -> None:
    """A broker may die after it noted a session's end and before it noted it beside the recording and in the log."""
    left_open = await services.records.sessions_not_closed() + await services.logbook.sessions_not_closed()
    for session_id in dict.fromkeys(left_open):
        session = await services.session_store.find(session_id)
        if session is not None and session.state == "ended":
            try:
                await services.close_recording(session)
            except ConsentryError:
                log.warning("recording_left_open", session=session_id.hex())  # the next start tries again


async def _keep_house(services: Services) -> None:
    """Time passes for codes and sessions; who was disabled, or whose login was revoked, loses their connections.

    Both may have been decided by `consentry admin`, which is another process.
    """
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            await services.board.handle_time()
            await services.sessions.handle_time()
            await services.waiting_room.handle_time()
            services.logbook.handle_time()
            engineers = services.sessions.engineers()
            for user_id in (await services.users.disabled() & engineers) if engineers else ():
                services.sessions.shut_out(user_id)
                if services.ssh_gateway is not None:
                    services.ssh_gateway.shut_out(user_id)
            await services.cut_off_revoked()
        except (SQLAlchemyError, ConsentryError):
            # A database that is locked for a moment must not stop the clock for every other session.
            log.exception("housekeeping_failed")


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
