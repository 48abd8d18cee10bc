"""What one running broker consists of, as the API and the conversations see it. `app.py` puts it together."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from audit.ingest import RecordStore, SessionNotOpenError
from audit.log import TransparencyLog
from broker.audit_feed.changes import ChangedSessions
from broker.audit_feed.feed import AuditFeed
from broker.audit_feed.services import AuditServiceStore
from broker.config import Settings
from broker.observability.alerts import Alerts
from broker.observability.metrics import Metrics
from broker.organisation.authority import Authority
from broker.organisation.engineers import Engineer, EngineerStore
from broker.organisation.organisation import Organisation
from broker.pairing.board import Board
from broker.relay.relay import Relay
from broker.requests.waiting_room import WaitingRoom
from broker.sessions.lines import Lines
from broker.sessions.ratings import Ratings
from broker.sessions.registry import Sessions
from broker.sessions.session import Session, SessionStore
from broker.sessions.whispers import Whispers
from broker.transparency.logbook import Logbook
from broker.webhooks.courier import Courier
from broker.webhooks.hooks import WebhookStore
from broker.webhooks.sender import Sender
from protocol.grants import Scope
from serving.clock import Clock
from serving.database import Database
from serving.http.idempotency import AnswerStore
from serving.identity.live_logins import LiveLogins
from serving.identity_api.services import SignInServer
from serving.limits import KeyedBuckets

if TYPE_CHECKING:
    from broker.ssh_gateway.server import SshGateway  # with an SSH library, which a broker without a gateway lacks


@dataclass(frozen=True)
class Services(SignInServer[Engineer]):
    """Routes and conversations find it by `services_of`."""

    settings: Settings
    organisation: Organisation
    clock: Clock
    started_at_ms: int
    database: Database
    users: EngineerStore
    live_logins: LiveLogins
    authority: Authority
    session_store: SessionStore
    audit_services: AuditServiceStore
    audit_feed: AuditFeed
    changed_sessions: ChangedSessions
    sessions: Sessions
    ratings: Ratings
    whispers: Whispers
    waiting_room: WaitingRoom
    lines: Lines
    board: Board
    openings_of_addresses: KeyedBuckets[str]
    records: RecordStore
    log: TransparencyLog
    logbook: Logbook
    relay: Relay
    ssh_gateway: "SshGateway | None"
    kept_answers: AnswerStore
    webhooks: WebhookStore
    webhook_sender: Sender
    courier: Courier
    metrics: Metrics
    alerts: Alerts

    @property
    def authenticator_name(self) -> str:
        return self.organisation.profile.organisation

    def count_login(self, outcome: str) -> None:
        self.metrics.logins.labels(outcome).inc()

    def scopes_of(self, engineer: Engineer) -> frozenset[Scope]:
        """What this engineer may ask for here and now: no gateway, no scope for it."""
        has_gateway = self.ssh_gateway is not None and self.organisation.profile.allows_ssh_gateway
        return engineer.max_scopes if has_gateway else engineer.max_scopes - {Scope.GATEWAY}

    async def cut_off_revoked(self) -> None:
        """Ends whatever goes on under logins that were revoked, by whichever process: their websockets, their legs."""
        present = self.live_logins.all() | self.sessions.logins()
        if self.ssh_gateway is not None:
            present |= self.ssh_gateway.openings.logins()
        if present:
            revoked = await self.logins.revoked_among(present)
            self.live_logins.revoked(revoked)
            self.sessions.shut_out_logins(revoked)
            if self.ssh_gateway is not None:
                self.ssh_gateway.shut_out_logins(revoked)

    async def close_recording(self, session: Session) -> None:
        """Notes a session's end beside its recording and in the log. Twice is once. Raises StoreFailedError."""
        reason = session.end_reason or "broker-ended"
        ended_at_ms = session.ended_at_ms or self.clock.unix_ms()
        with suppress(SessionNotOpenError):  # nobody was allowed anything, so nothing was recorded
            opening, position = await self.records.close_session(session.session_id, reason, ended_at_ms)
            self.logbook.session_closed(opening, position, reason)
            self.audit_feed.recording_grew(session.session_id)


def services_of(connection: HTTPConnection) -> Services:
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services
