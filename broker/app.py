"""Puts a broker together: the only file that chooses implementations."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from audit.ingest import RecordStore, SessionNotOpenError
from broker.audit_feed.feed import AuditFeed
from broker.config import HOUR_MS, Settings
from broker.http_api.application import Lifespan, make_application
from broker.observability.metrics import Metrics
from broker.organisation.authority import Authority
from broker.organisation.organisation import load_organisation
from broker.pairing.board import Board
from broker.pairing.limits import KeyedBuckets
from broker.relay.relay import Relay
from broker.relay.tickets import LegTickets
from broker.services import Services
from broker.sessions.lines import Lines
from broker.sessions.ratings import Ratings
from broker.sessions.registry import SessionLimits, Sessions
from broker.sessions.session import Session, SessionState
from broker.storage import MIGRATIONS
from broker.storage.audit_feed import SqlAuditServices
from broker.storage.nameplates import SqlNameplates
from broker.storage.sessions import SqlSessions
from broker.storage.users import SqlTokens, SqlUsers
from protocol.errors import ConsentryError
from protocol.messages import DialLegs
from serving.clock import Clock, SystemClock
from serving.database import Database, bring_up_to_date
from serving.identity.login import Logins
from serving.identity.passwords import Passwords

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
) -> Broker:
    """Everything of one broker, not yet started. `on_fatal` is called when the disk failed: the process must end.

    Blocks while the database is brought up to date. Raises the errors of organisation/ and storage/.
    """
    clock = clock or SystemClock()
    organisation = load_organisation(settings)
    profile = organisation.profile
    bring_up_to_date(settings.database_file, MIGRATIONS)
    database = Database(settings.database_file)
    metrics = Metrics()
    lines = Lines()
    tickets = LegTickets(organisation.relay_ticket_key)

    def request_legs(session_id: bytes, count: int) -> None:
        lines.send(session_id, DialLegs(count=min(count, DIAL_LEGS_AT_ONCE)))

    relay = Relay(tickets, request_legs=request_legs, clock=clock.unix_ms)
    audit_feed = AuditFeed()
    session_store = SqlSessions(database, when_changed=audit_feed.sessions_changed)
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
        on_outcome=lambda outcome: metrics.pairings.labels(outcome).inc(),
    )
    records = RecordStore(
        settings.records_folder,
        on_fatal=on_fatal,
        free_limit_bytes=int(settings.min_free_disk_gib * 1024**3),
        free_limit_share=settings.min_free_disk_percent / 100,
    )
    services = Services(
        settings=settings,
        organisation=organisation,
        clock=clock,
        database=database,
        users=SqlUsers(database),
        logins=Logins(
            SqlUsers(database),
            SqlTokens(database),
            passwords or Passwords(),
            clock,
            login_life_ms=settings.login_hours * HOUR_MS,
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
        lines=lines,
        board=board,
        openings_of_addresses=KeyedBuckets(
            per_minute=settings.openings_per_minute_per_address,
            burst=2 * settings.openings_per_minute_per_address,
        ),
        records=records,
        relay=relay,
        metrics=metrics,
    )
    _watch(services)
    return Broker(make_application(_lifespan_of(services)), relay, services)


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

    async def when_ended(session: Session) -> None:
        reason = session.end_reason or "broker-ended"
        metrics.sessions_ended.labels(reason).inc()
        await services.board.session_ended(session.session_id)
        with suppress(SessionNotOpenError):  # nobody was allowed anything, so nothing was recorded
            await services.records.close_session(session.session_id, reason, services.clock.unix_ms())
            services.audit_feed.recording_grew(session.session_id)

    services.sessions.when_ended(when_ended)


def _count_of(sessions: Sessions, state: SessionState) -> Callable[[], float]:
    return lambda: sessions.count(state)


def _lifespan_of(services: Services) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(services.database.aclose)
            await services.records.start()
            stack.push_async_callback(services.records.aclose)
            await services.sessions.start()
            await _close_left_open(services)
            await services.board.start()
            app.state.services = services
            housekeeping = asyncio.create_task(_keep_house(services), name="housekeeping")
            stack.push_async_callback(_cancel, housekeeping)
            yield

    return lifespan


async def _close_left_open(services: Services) -> None:
    """A broker may die after it noted a session's end and before it noted the same beside the recording."""
    for session_id in await services.records.sessions_not_closed():
        session = await services.session_store.find(session_id)
        if session is not None and session.state == "ended":
            ended_at_ms = session.ended_at_ms or services.clock.unix_ms()
            try:
                await services.records.close_session(session_id, session.end_reason or "broker-ended", ended_at_ms)
            except ConsentryError:
                log.warning("recording_left_open", session=session_id.hex())  # the next start tries again


async def _keep_house(services: Services) -> None:
    """Time passes for codes and sessions; disabled engineers lose their legs."""
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            await services.board.handle_time()
            await services.sessions.handle_time()
            engineers = services.sessions.engineers()
            for user_id in (await services.users.disabled() & engineers) if engineers else ():
                services.sessions.shut_out(user_id)
        except (SQLAlchemyError, ConsentryError):
            # A database that is locked for a moment must not stop the clock for every other session.
            log.exception("housekeeping_failed")


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
