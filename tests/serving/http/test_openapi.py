"""The descriptions of both APIs are whole: what each operation does, who may ask, and what comes back."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from audit.service.http_api.application import make_application as make_audit
from audit.service.http_api.caller import caller_of as auditor_of
from broker.http_api.application import make_application as make_broker
from broker.http_api.audit_feed import service_of
from broker.http_api.caller import caller_of
from serving.http.encoding import INTEGRAL
from serving.http.numbers import LARGEST
from serving.http.routes import routes_of

SUCCESS = ("200", "201", "202", "204")


@asynccontextmanager
async def nothing(_app: FastAPI) -> Any:
    yield


APPLICATIONS = {"broker": make_broker(nothing), "audit": make_audit(nothing)}


@pytest.fixture(params=APPLICATIONS)
def app(request: pytest.FixtureRequest) -> FastAPI:
    return APPLICATIONS[request.param]


def operations(app: FastAPI) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_is_described(app: FastAPI) -> None:
    """But for those that are no API: the console's files."""
    described = {name.partition(" ")[2] for name, _ in operations(app)}
    assert {route.path_format for route in routes_of(app) if route.include_in_schema} == described


def test_every_operation_says_what_it_does_and_what_comes_back(app: FastAPI) -> None:
    """A description that ends as a sentence, a group that is described, an answer with a schema, and problems."""
    groups = {one["name"]: one["description"] for one in app.openapi()["tags"]}
    names = [operation["operationId"] for _, operation in operations(app)]
    assert len(names) == len(set(names))
    for name, operation in operations(app):
        assert operation["description"].endswith("."), name
        assert "Raises" not in operation["description"], name
        assert groups[operation["tags"][0]], name
        (success,) = [answer for status, answer in operation["responses"].items() if status in SUCCESS]
        assert all(one["schema"] for one in success.get("content", {}).values()), name
        failures = {status for status in operation["responses"] if status not in SUCCESS}
        assert "default" in failures
        for status in failures:
            (media_type,) = operation["responses"][status]["content"]
            assert media_type == "application/problem+json", (name, status)


def integers(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "integer" and "const" not in schema:
            yield schema
        for inner in schema.values():
            yield from integers(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from integers(inner)


def test_no_number_in_an_address_is_larger_than_a_database_has(app: FastAPI) -> None:
    """Such a one would fail there, and the server would say that it made a mistake."""
    for name, operation in operations(app):
        for parameter in operation.get("parameters", []):
            for schema in integers(parameter["schema"]):
                assert schema["minimum"] >= 0, (name, parameter["name"])
                assert schema["maximum"] <= LARGEST, (name, parameter["name"])


def test_the_description_says_who_may_ask_as_the_routes_do(app: FastAPI) -> None:
    """`security` is empty exactly where no dependency asks who it is."""
    doors = {auditor_of, caller_of, service_of}
    of = dict(operations(app))
    for route in routes_of(app):
        if route.include_in_schema:
            guarded = bool(doors & set(_calls(route.dependant)))
            for method in route.methods or ():
                operation = of[f"{method} {route.path_format}"]
                assert bool(operation["security"]) is guarded, route.path
                assert ("401" in operation["responses"]) is guarded, route.path


def test_the_description_is_openapi_and_every_reference_leads_somewhere(app: FastAPI) -> None:
    """OpenAPI 3.1; every schema is one, and every example of a schema is what the schema says."""
    document = app.openapi()
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["version"]
    schemas = document["components"]["schemas"]
    for reference in _references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    for name, schema in schemas.items():
        validator = jsonschema_rs.validator_for({**schema, "components": {"schemas": schemas}})
        for example in schema.get("examples", ()):
            assert validator.is_valid(example), name


def test_whoever_writes_a_client_has_an_example_of_each_body(app: FastAPI) -> None:
    """Of everything that is sent, there is one that would be taken as it stands."""
    schemas = app.openapi()["components"]["schemas"]
    for name, operation in operations(app):
        body = operation.get("requestBody")
        if body is not None:
            (reference,) = _references(body["content"]["application/json"]["schema"])  # or null, where none is needed
            kind = reference.rpartition("/")[2]
            assert schemas[kind].get("examples"), f"{name}: {kind}"


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for one in node:
            yield from _references(one)


def _calls(dependant: Any) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def test_a_number_is_an_integer_as_json_schema_has_them() -> None:
    """`4.0` is taken, `4.5` and `true` are not: what the descriptions call an integer."""
    taken = TypeAdapter(Annotated[int, Field(ge=1, le=5), INTEGRAL], config=ConfigDict(strict=True))
    assert taken.validate_python(4.0) == taken.validate_python(4) == 4
    for wrong in (4.5, True, "4", 6.0):
        with pytest.raises(ValidationError):
            taken.validate_python(wrong)
