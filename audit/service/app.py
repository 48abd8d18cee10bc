"""Puts an audit service together: the only file that chooses implementations."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from audit.service.config import HOUR_MS, AuditSettings
from audit.service.http_api.application import Lifespan, make_application
from audit.service.services import AuditServices
from audit.service.setup import load_setup
from audit.storage import MIGRATIONS
from audit.storage.sessions import SqlSessions
from audit.storage.users import SqlTokens, SqlUsers
from serving.clock import Clock, SystemClock
from serving.database import Database, bring_up_to_date
from serving.identity.login import Logins
from serving.identity.passwords import Passwords


@dataclass(frozen=True)
class AuditService:
    """`app` is served by uvicorn."""

    app: FastAPI
    services: AuditServices


def make_audit_service(
    settings: AuditSettings, *, clock: Clock | None = None, passwords: Passwords | None = None
) -> AuditService:
    """Everything of one audit service, not yet started.

    Blocks while the database is brought up to date. Raises the errors of setup.py and DatabaseUnusable.
    """
    clock = clock or SystemClock()
    load_setup(settings.data_folder)
    bring_up_to_date(settings.database_file, MIGRATIONS)
    database = Database(settings.database_file)
    users = SqlUsers(database)
    services = AuditServices(
        settings=settings,
        clock=clock,
        database=database,
        users=users,
        logins=Logins(
            users,
            SqlTokens(database),
            passwords or Passwords(),
            clock,
            login_life_ms=settings.login_hours * HOUR_MS,
        ),
        sessions=SqlSessions(database),
    )
    return AuditService(make_application(_lifespan_of(services)), services)


def _lifespan_of(services: AuditServices) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(services.database.aclose)
            app.state.services = services
            yield

    return lifespan
