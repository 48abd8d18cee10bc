"""The audit service keeps to its own description, as the broker does."""

import asyncio
from collections.abc import Iterator

import pytest

from audit.service.setup import tls_files
from tests.audit.service.harness import (
    RunningAudit,
    add_people,
    described,
    make_audit_settings,
    running_audit,
    set_up_alone,
)
from tests.helpers.by_description import Asked, Described, in_a_thread, questions

DOCUMENT = described().document
QUESTIONS = questions(DOCUMENT, "/v1/logout")
"""Not to log out, which would end the login that asks."""


RULES_BEYOND = frozenset(label for label, _ in QUESTIONS)
"""A purpose, where one is asked for, names of time zones, and integers without a point: no schema says these rules."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    settings = make_audit_settings(tmp_path_factory.mktemp("described") / "data")
    set_up_alone(settings)
    asyncio.run(add_people(settings))

    async def log_in(audit: RunningAudit) -> Described:
        certificate = str(tls_files(settings.data_folder)[0])
        return Described(DOCUMENT, audit.origin, await audit.login("supervisor"), certificate, RULES_BEYOND)

    with in_a_thread(lambda: running_audit(settings), log_in) as server:
        yield server


@pytest.mark.parametrize(("label", "mode"), QUESTIONS, ids=str)
def test_an_operation_does_what_its_description_says(server: Described, label: str, mode: Asked) -> None:
    assert server.ask(label, mode)
