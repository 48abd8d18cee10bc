"""The audit service keeps to its own description, as the broker does."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from schemathesis import GenerationMode

from audit.service.http_api.application import make_application
from audit.service.setup import tls_files
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone
from tests.helpers.by_description import Described, in_a_thread, questions


@asynccontextmanager
async def nothing(_app: FastAPI) -> Any:
    yield


DOCUMENT = make_application(nothing).openapi()
QUESTIONS = questions(DOCUMENT, "/v1/logout")
"""Not to log out, which would end the login that asks."""


RULES_BEYOND = frozenset(label for label, _ in QUESTIONS)
"""A purpose, where one is asked for, names of time zones, and integers without a point: no schema says these rules."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    settings = make_audit_settings(tmp_path_factory.mktemp("described") / "data")
    set_up_alone(settings)
    asyncio.run(add_people(settings))

    async def log_in(audit: RunningAudit) -> Described:
        certificate = str(tls_files(settings.data_folder)[0])
        return Described(DOCUMENT, audit.origin, await audit.login("supervisor"), certificate, RULES_BEYOND)

    with in_a_thread(lambda: running_audit(settings), log_in) as described:
        yield described


@pytest.mark.parametrize(("label", "mode"), QUESTIONS, ids=lambda value: getattr(value, "value", value))
def test_an_operation_does_what_its_description_says(described: Described, label: str, mode: GenerationMode) -> None:
    assert described.ask(label, mode)
