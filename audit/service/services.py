"""What one running audit service consists of, as the routes see it. `app.py` puts it together."""

from dataclasses import dataclass
from typing import Protocol

import structlog
from starlette.requests import HTTPConnection

from audit.quality.desk import QualityDesk
from audit.service.after_restore import AfterRestore
from audit.service.broker_feed import BrokerFeed
from audit.service.config import AuditSettings
from audit.service.decision_pull import DecisionPull
from audit.service.index_reading import IndexReader
from audit.service.index_search import IndexSearch
from audit.service.index_shelf import IndexShelf
from audit.service.indexing import Indexing
from audit.service.log_check import LogCheck
from audit.service.log_entries import LogEntries
from audit.service.mark_rules import MarkRulesFile
from audit.service.people import Auditor, Permission
from audit.service.puller import Puller
from audit.service.reading import Reader
from audit.service.request_pull import RequestPull
from audit.service.retention import Retainer
from audit.service.scheduled_erase import ScheduledErase
from audit.service.sealed_store import SealedStore
from audit.service.siem_feed import SiemFeed
from audit.service.unsound import Unsound
from audit.service.views import Views
from audit.storage.journal import SqlJournal
from audit.storage.requests import SqlRequests
from audit.storage.sessions import SqlSessions
from audit.storage.users import SqlUsers
from audit.storage.views import SqlViews
from protocol.certificates import EngineerCa
from protocol.errors import ConsentryError
from serving.clock import Clock
from serving.database import Database
from serving.identity_api.services import SignInServer

log = structlog.get_logger(__name__)


class Assignments(Protocol):
    """What the desk of reviews says of who was given what."""

    async def assigned(self, user_name: str, session_id: str) -> bool: ...


@dataclass(frozen=True)
class AuditServices(SignInServer[Auditor]):
    """Routes find it as `app.state.services`."""

    settings: AuditSettings
    clock: Clock
    database: Database
    users: SqlUsers
    sessions: SqlSessions
    view_store: SqlViews
    views: Views
    request_store: SqlRequests
    retainer: Retainer
    scheduled_erase: ScheduledErase
    store: SealedStore
    reader: Reader
    index_shelf: IndexShelf
    indexing: Indexing
    index_reader: IndexReader
    search: IndexSearch
    feed: BrokerFeed
    puller: Puller
    after_restore: AfterRestore
    decision_pull: DecisionPull
    request_pull: RequestPull
    journal: SqlJournal
    unsound: Unsound
    siem: SiemFeed
    log_check: LogCheck
    log_entries: LogEntries
    mark_rules: MarkRulesFile
    quality: QualityDesk
    assignments: Assignments

    @property
    def authenticator_name(self) -> str:
        """Not the broker's: both entries may be on one phone."""
        return f"{self.organisation_name} audit".strip()

    @property
    def organisation_name(self) -> str:
        """Empty until the broker's signed profile was read."""
        return self.feed.profile.organisation if self.feed.profile else ""

    async def cut_off_revoked(self) -> None:
        """Nothing to do: whatever goes on for long asks again every few seconds (`may_look_on`)."""

    def count_login(self, outcome: str) -> None:
        """Nobody counts them here; each is in the log and in the table of events."""

    async def assigned(self, who: Auditor, session_id: str) -> bool:
        return await self.assignments.assigned(who.user_name, session_id)

    async def may_see(self, who: Auditor, session_id: bytes) -> bool:
        return Permission.VIEW in who.permissions or await self.assigned(who, session_id.hex())

    def engineer_cas(self) -> tuple[EngineerCa, ...] | None:
        """The organisation's engineer CAs, once the broker's signed profile was read."""
        return self.feed.profile.engineer_cas if self.feed.profile else None

    def log_broken_stream(self, session_id: bytes, error: ConsentryError) -> None:
        log.warning("stream_broken", session=session_id.hex(), problem=str(error))


def services_of(connection: HTTPConnection) -> AuditServices:
    services = connection.app.state.services
    assert isinstance(services, AuditServices)
    return services
