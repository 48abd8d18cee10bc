"""Holds every answer that a test gets from a server to that server's own description, whatever the test looks at."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
from fastapi import FastAPI


@dataclass
class AsDescribed:
    """`document` is the server's description in OpenAPI."""

    document: dict[str, Any]
    _validators: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _paths: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    @classmethod
    def of(cls, make_application: Callable[[Any], FastAPI]) -> "AsDescribed":
        """Of a server that is not started: `make_application` is given a lifespan in which nothing happens."""

        @asynccontextmanager
        async def nothing(_app: object) -> AsyncIterator[None]:
            yield

        return cls(make_application(nothing).openapi())

    def __post_init__(self) -> None:
        # `/v1/reviews/next` before `/v1/reviews/{review_id}`.
        for path in sorted(self.document["paths"], key=lambda one: one.count("{")):
            parts = re.split(r"(\{\w+\})", path)
            pattern = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)
            self._paths.append((re.compile(pattern), path))

    def check(self, method: str, asked: str, status: int, media_type: str, body: bytes) -> None:
        """Nothing, where the path or the method is not in the description: pages, and what tests ask wrongly."""
        bare = asked.partition("?")[0]
        path = next((path for pattern, path in self._paths if pattern.fullmatch(bare)), None)
        operation = self.document["paths"].get(path, {}).get(method.lower())
        if path is None or operation is None:
            return
        key = str(status) if str(status) in operation["responses"] else "default"
        content = operation["responses"][key].get("content", {})
        if key == "default":
            assert status >= 400, f"{method} {asked} answered {status}, of which its description does not know"
        if not content:
            assert not body, f"{method} {asked} answered with a body"
            return
        kind = media_type.partition(";")[0]
        assert kind in content, f"{method} {asked} answered {status} as {kind}"
        if kind.endswith("json") and kind != "application/x-ndjson":
            self._validator(path, method, key, content[kind]["schema"]).validate(json.loads(body))

    def _validator(self, path: str, method: str, key: str, schema: dict[str, Any]) -> Any:
        found = self._validators.get((path, method, key))
        if found is None:
            whole = {**schema, "components": self.document["components"]}
            found = self._validators[path, method, key] = jsonschema_rs.validator_for(whole)
        return found
