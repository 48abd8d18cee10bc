"""Asks a server whatever its own description allows, and what it does not. Schemathesis makes it up, and judges.

It is loaded by the test that asks first: every test process collects all files, and two of them need it.
"""

import asyncio
import copy
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from hypothesis import HealthCheck, Phase, given, settings

from tests.helpers.waiting import PATIENCE_SECONDS

EXAMPLES = 2
"""Of each operation, of each kind. Always the same ones: what fails here fails again."""

if TYPE_CHECKING:
    from requests import Session

T = TypeVar("T")

Asked = Literal["positive", "negative"]
"""Rightly or wrongly: the values of Schemathesis' GenerationMode."""

_ACCEPTANCE = "positive_data_acceptance"
_WANTED = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "negative_data_rejection", "positive_data_acceptance",
)  # fmt: skip
_REFUSALS = {"negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "409", "413", "422", "428"]}}
"""What wrong data may be answered with. Among it is a body that is too large, which Schemathesis does not think of."""


def questions(document: dict[str, Any], *leave_out: str) -> list[tuple[str, Asked]]:
    """Every operation, asked rightly; and wrongly, where there is anything to get wrong. But for these paths."""
    asked: list[tuple[str, Asked]] = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path not in leave_out:
                asked.append((f"{method.upper()} {path}", "positive"))
                if operation.get("parameters") or "requestBody" in operation:
                    asked.append((f"{method.upper()} {path}", "negative"))
    return asked


@dataclass
class Described:
    """A server that runs elsewhere."""

    document: dict[str, Any]
    base_url: str
    token: str
    certificate: str
    rules_beyond: frozenset[str] = frozenset()
    """Operations whose rules no schema can say: what one allows may be refused."""

    @cached_property
    def session(self) -> "Session":
        from requests import Session

        return Session()

    @cached_property
    def operations(self) -> dict[str, Any]:
        import schemathesis

        document = copy.deepcopy(self.document)  # others check answers by it
        schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict({"checks": _REFUSALS}))
        return {one.ok().label: one.ok() for one in schema.get_all_operations()}

    def ask(self, label: str, mode: Asked) -> int:
        """Everything about one operation; how often it was asked. Raises what Schemathesis has found."""
        from schemathesis import GenerationMode
        from schemathesis.checks import CHECKS, load_all_checks

        load_all_checks()
        operation = self.operations[label]
        checks = CHECKS.get_by_names([one for one in _WANTED if one != _ACCEPTANCE or label not in self.rules_beyond])
        asked = 0

        @settings(
            max_examples=EXAMPLES, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))
        def once(case: Any) -> None:
            nonlocal asked
            asked += 1
            # Making up a case may take longer than a server keeps an idle connection.
            headers = {"Authorization": f"Bearer {self.token}", "Connection": "close"}
            response = case.call(
                base_url=self.base_url, session=self.session, headers=headers, verify=self.certificate,
                timeout=PATIENCE_SECONDS,  # Schemathesis' own is ten seconds
            )  # fmt: skip
            case.validate_response(response, checks=checks)

        once()
        return asked


@contextmanager
def in_a_thread(
    open_server: Callable[[], AbstractAsyncContextManager[T]], use: Callable[[T], Awaitable[Any]]
) -> Iterator[Any]:
    """A server on an event loop of its own, and what `use` makes of it there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stop = asyncio.Event()

    async def serve(told: Callable[[Any], None]) -> None:
        async with open_server() as server:
            told(await use(server))
            await stop.wait()

    found: list[Any] = []
    is_up = threading.Event()

    def told(value: Any) -> None:
        found.append(value)
        is_up.set()

    serving = asyncio.run_coroutine_threadsafe(serve(told), loop)
    serving.add_done_callback(lambda _: is_up.set())
    is_up.wait(PATIENCE_SECONDS)
    if not found:
        serving.result(1)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        serving.result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()
