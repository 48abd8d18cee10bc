"""An audit service on a free port, with people of every role, and a small client."""

import asyncio
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from audit.service.config import AuditSettings, load_audit_settings
from audit.service.http_api.application import make_application
from audit.service.people import Role
from audit.service.server import AuditServer
from audit.service.setup import identity_key_file, set_up, tls_files
from audit.storage import MIGRATIONS
from audit.storage.users import SqlUsers
from serving.database import open_database
from serving.identity.secret_box import load_secret_box
from tests.broker.harness import PASSWORD, QUICK_PASSWORDS, Answer
from tests.helpers.as_described import AsDescribed
from tests.helpers.waiting import PATIENCE_SECONDS


@cache
def described() -> AsDescribed:
    return AsDescribed.of(make_application)


NOBODYS_BROKER = "https://localhost:9"
"""An address where nothing answers: the service runs, and waits."""


def make_audit_settings(folder: Path, **changes: object) -> AuditSettings:
    return load_audit_settings(**{"data_folder": folder, "listen_port": 0} | changes)


async def add_people(settings: AuditSettings) -> None:
    """One user of each role, named for it."""
    database = await open_database(settings.database_file, MIGRATIONS)
    users = SqlUsers(database, load_secret_box(identity_key_file(settings.data_folder)))
    try:
        for role in get_args(Role):
            await users.add(
                user_name=role,
                name=role.title(),
                role=role,
                password_hash=QUICK_PASSWORDS.hash_now(PASSWORD),
                created_at_ms=1,
            )
        await users.add(
            user_name="second",
            name="Second",
            role="supervisor",
            password_hash=QUICK_PASSWORDS.hash_now(PASSWORD),
            created_at_ms=1,
        )
    finally:
        await database.aclose()


@dataclass
class RunningAudit:
    server: AuditServer
    settings: AuditSettings

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.server.port}"

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(tls_files(self.settings.data_folder)[0]))

    async def request(
        self, method: str, path: str, body: object = None, *, token: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.origin}{path}", data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        tls = self.tls

        def send() -> Answer:
            try:
                with urllib.request.urlopen(request, context=tls, timeout=PATIENCE_SECONDS) as response:
                    return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
            except urllib.error.HTTPError as error:
                with error:
                    return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

        answer = await asyncio.to_thread(send)
        described().check(method, path, answer.status, answer.headers.get("content-type", ""), answer.body)
        return answer

    async def login(self, user_name: str) -> str:
        answer = await self.request("POST", "/v1/login", {"user_name": user_name, "password": PASSWORD})
        assert answer.status == 200, answer.body
        return str(answer.json["token"])


@asynccontextmanager
async def running_audit(settings: AuditSettings, **options: Any) -> AsyncIterator[RunningAudit]:
    async with AuditServer(settings, passwords=QUICK_PASSWORDS, **options) as server:
        yield RunningAudit(server, settings)


def set_up_alone(settings: AuditSettings, **changes: Any) -> None:
    """A service whose broker does not answer."""
    set_up(settings, **{"broker": NOBODYS_BROKER, "token": "cst_" + "A" * 43, "key_files": ()} | changes)
