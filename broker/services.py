"""What one running broker consists of, as the API and the conversations see it. `app.py` puts it together."""

import shutil
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from audit.ingest import DiskFullError, RecordStore
from broker.audit_feed.feed import AuditFeed
from broker.audit_feed.services import AuditServiceStore
from broker.config import Settings
from broker.observability.metrics import Metrics
from broker.organisation.authority import Authority
from broker.organisation.engineers import Engineer
from broker.organisation.organisation import Organisation
from broker.pairing.board import Board
from broker.pairing.limits import KeyedBuckets
from broker.relay.relay import Relay
from broker.sessions.lines import Lines
from broker.sessions.ratings import Ratings
from broker.sessions.registry import Sessions
from broker.sessions.session import SessionStore
from serving.clock import Clock
from serving.database import Database
from serving.identity.login import Logins
from serving.identity.users import UserStore


@dataclass(frozen=True)
class Services:
    settings: Settings
    organisation: Organisation
    clock: Clock
    database: Database
    users: UserStore[Engineer]
    logins: Logins[Engineer]
    authority: Authority
    session_store: SessionStore
    audit_services: AuditServiceStore
    audit_feed: AuditFeed
    sessions: Sessions
    ratings: Ratings
    lines: Lines
    board: Board
    openings_of_addresses: KeyedBuckets[str]
    records: RecordStore
    relay: Relay
    metrics: Metrics

    def check_disk(self) -> None:
        """Raises DiskFullError: then no session is begun, rather than one that cannot be recorded."""
        usage = shutil.disk_usage(self.settings.data_folder)
        share_percent = 100 * usage.free / usage.total
        if (
            usage.free < self.settings.min_free_disk_gib * 1024**3
            or share_percent < self.settings.min_free_disk_percent
        ):
            raise DiskFullError


def services_of(connection: HTTPConnection) -> Services:
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services


def address_of(connection: HTTPConnection) -> str:
    """The network address of the other end, or of a proxy that is not in `trusted_proxies`."""
    return connection.client.host if connection.client else "unknown"
