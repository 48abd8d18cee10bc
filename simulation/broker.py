"""The broker: its own parts, put together as `broker/app.py` does, on a model of the database.

Real: relay and its door, sessions, board and mailboxes, the three conversations, the record store and what its thread
does. Not here: uvicorn and TLS (transports.py brings the relay's door its bytes), the HTTP API, logging in, SQLite.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, cast

from starlette.applications import Starlette
from uvicorn.server import ServerState

from audit.ingest import RecordStore
from audit.ingest.keeper import JOURNAL_FROM_FILES
from audit.log import FolderStorage, TransparencyLog
from broker.audit_feed.feed import AuditFeed
from broker.config import Settings
from broker.http_api.origins import PAGES
from broker.lifecycle import start
from broker.observability.alerts import Alerts
from broker.observability.metrics import Metrics
from broker.organisation.authority import Authority
from broker.organisation.organisation import Organisation
from broker.pairing.board import Board
from broker.relay.relay import Relay
from broker.relay.tickets import LegTickets
from broker.relay.upgrade import relay_websocket_protocol
from broker.requests.request import STANDARD_TIER
from broker.requests.waiting_room import WaitingRoom
from broker.services import Services
from broker.sessions.lines import Lines
from broker.sessions.ratings import Ratings
from broker.sessions.registry import SessionLimits, Sessions
from broker.sessions.session import Session
from broker.transparency.logbook import Logbook
from broker.websockets.agent import agent
from broker.websockets.pairing import pairing
from broker.websockets.records import records
from protocol.errors import ConsentryError
from protocol.messages.agent import DialLegs
from serving.identity.live_logins import LiveLogins
from serving.identity.settings import HOUR_MS
from serving.limits import KeyedBuckets
from simulation.disk import Disk, DiskDurability
from simulation.network import Network
from simulation.nodes import Incarnation, Node
from simulation.organisation import LOG_ORIGIN
from simulation.storage import (
    Database,
    ModelEvents,
    ModelLedger,
    ModelLogins,
    ModelNameplates,
    ModelSessions,
    ModelUsers,
    NobodyAsks,
)
from simulation.transports import LEG_DOOR, serve_legs
from simulation.websockets import WebsocketNetwork

DIAL_LEGS_AT_ONCE = 16
HOUSEKEEPING_SECONDS = 1.0


class _Clock:
    def __init__(self, node: Node) -> None:
        self._node = node

    def unix_ms(self) -> int:
        return self._node.unix_ns() // 10**6

    def monotonic_ms(self) -> int:
        return self._node.loop.now_ns // 10**6


class Broker:
    """`program` is what the node runs."""

    def __init__(
        self,
        node: Node,
        disk: Disk,
        database: Database,
        organisation: Organisation,
        network: Network,
        websockets: WebsocketNetwork,
    ) -> None:
        self.node = node
        self.disk = disk
        self.database = database
        self._organisation = organisation
        self._network = network
        self._websockets = websockets
        self._settings = Settings(data_folder=disk.root, min_free_disk_gib=0, min_free_disk_percent=0)
        self.services: Services | None = None
        """Of the living incarnation, once it listens."""
        node.program = self.program
        node.when_crashed = self._crashed

    async def program(self, incarnation: Incarnation) -> None:
        services = self._services(incarnation)
        await start(services, AsyncExitStack())  # nothing is ever put down in order here
        app = Starlette()
        app.state.services, app.state.pages = services, PAGES
        for path, handler in (("/v1/agent", agent), ("/v1/pairing", pairing), ("/v1/records", records)):
            self._websockets.serve(incarnation, path, app, handler)
        door = relay_websocket_protocol(services.relay)
        self._network.listen(LEG_DOOR, incarnation, serve_legs(lambda: door(cast("Any", None), ServerState(), {})))
        self.services = services
        self.node.loop.note(f"{incarnation} listens")
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            try:
                await services.board.handle_time()
                await services.sessions.handle_time()
                services.logbook.handle_time()
            except ConsentryError as error:
                self.node.loop.note(f"housekeeping failed: {type(error).__name__}")

    def _crashed(self, power_cut: bool) -> None:
        self.services = None
        self.disk.crashed(power_cut=power_cut)

    def _services(self, incarnation: Incarnation) -> Services:
        settings = self._settings
        profile = self._organisation.profile
        clock = _Clock(self.node)
        lines = Lines()
        tickets = LegTickets(self._organisation.relay_ticket_key)
        session_store = ModelSessions(self.database)

        def request_legs(session_id: bytes, count: int) -> None:
            lines.send(session_id, DialLegs(count=min(count, DIAL_LEGS_AT_ONCE)))

        relay = Relay(tickets, request_legs=request_legs, clock=clock.unix_ms)
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
            ModelNameplates(self.database),
            sessions,
            lines,
            clock,
            max_open_codes=settings.max_open_codes,
            openings_per_minute=settings.openings_per_minute,
            claims_per_minute=settings.claims_per_minute,
            claims_per_minute_per_engineer=settings.claims_per_minute_per_engineer,
        )

        def disk_failed(error: Exception) -> None:
            self.node.loop.note(f"{incarnation} exits: {error}")
            incarnation.steps_to_live = 1

        store = RecordStore(
            settings.records_folder,
            durability=DiskDurability(self.disk),
            on_fatal=disk_failed,
            free_limit_bytes=0,
            free_limit_share=0,
            # Every other incarnation, or so, acknowledges out of the journal: few sessions would never need it.
            journal_from_files=1 if self.disk.calls % 2 else JOURNAL_FROM_FILES,
        )

        log_key = self._organisation.log_key
        assert log_key is not None
        transparency_log = TransparencyLog(
            FolderStorage(settings.log_files()[0], DiskDurability(self.disk)),
            ModelLedger(self.database),
            LOG_ORIGIN,
            log_key,
            on_fatal=disk_failed,
        )

        async def when_ended(session: Session) -> None:
            await board.session_ended(session.session_id)
            await services.close_recording(session)

        sessions.when_ended(when_ended)
        services = Services(
            settings=settings,
            organisation=self._organisation,
            clock=clock,
            started_at_ms=clock.unix_ms(),
            database=cast("Any", self.database),
            users=cast("Any", ModelUsers(self.database)),
            passwords=cast("Any", None),
            logins=cast("Any", ModelLogins(self.database)),
            live_logins=LiveLogins(),
            recovery=cast("Any", None),
            api_tokens=cast("Any", None),
            device_logins=cast("Any", None),
            events=cast("Any", ModelEvents(self.database)),
            kept_answers=cast("Any", None),
            webhooks=cast("Any", None),
            webhook_sender=cast("Any", None),
            courier=cast("Any", None),
            passkeys=None,
            openid=None,
            authority=Authority(self._organisation.engineer_ca_key, profile.organisation, clock, certificate_life_ms=1),
            session_store=session_store,
            audit_services=cast("Any", None),
            changed_sessions=cast("Any", None),
            audit_feed=AuditFeed(),
            sessions=sessions,
            ratings=Ratings(session_store, store, clock),
            whispers=cast("Any", None),
            waiting_room=WaitingRoom(
                NobodyAsks(), clock, lines.send, target_ms_of={STANDARD_TIER: 60_000}, max_waiting=0
            ),
            lines=lines,
            board=board,
            openings_of_addresses=KeyedBuckets(per_minute=600, burst=1200),
            records=store,
            log=transparency_log,
            logbook=Logbook(transparency_log, clock),
            relay=relay,
            ssh_gateway=None,
            metrics=Metrics(),
            alerts=Alerts(lambda _kind: None, clock.monotonic_ms),
        )
        return services
