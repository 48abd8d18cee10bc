"""What one running audit service consists of, as the routes see it. `app.py` puts it together."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from audit.service.config import AuditSettings
from audit.service.people import Auditor
from audit.storage.sessions import SqlSessions
from serving.clock import Clock
from serving.database import Database
from serving.identity.login import Logins
from serving.identity.users import UserStore


@dataclass(frozen=True)
class AuditServices:
    settings: AuditSettings
    clock: Clock
    database: Database
    users: UserStore[Auditor]
    logins: Logins[Auditor]
    sessions: SqlSessions


def services_of(connection: HTTPConnection) -> AuditServices:
    services = connection.app.state.services
    assert isinstance(services, AuditServices)
    return services
