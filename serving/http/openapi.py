"""A server's description in OpenAPI, for people and programs that have never seen it.

FastAPI knows paths, parameters, bodies and answers. What it does not know is put in here, once for all routes: who
may ask (`security`), and that whatever goes wrong is a problem document (RFC 9457), with a route's possible statuses.
Summary and description are the handler's docstring; what it says of exceptions stays with the code.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.responses import Response

from serving.http.idempotency import HEADER
from serving.http.permissions import permissions_of
from serving.http.problems import MEDIA_TYPE
from serving.http.routes import routes_of, serve

PATH = "/v1/openapi.json"

REF = "#/components/schemas/{name}"

PROBLEM = {
    "type": "object",
    "description": "A problem document, RFC 9457. `type` is stable for programs, `detail` is for people.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`urn:consentry:` and the name of what went wrong."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "One sentence: what was wrong, and what to do."},
    },
    "examples": [
        {
            "type": "urn:consentry:session-unknown",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no such session, or it is not yours.",
        }
    ],
}

_KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "description": "Drawn at random for each thing that is made: a request that is sent again makes it once.",
}

_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The body is not JSON that can be read.",
    HTTPStatus.UNAUTHORIZED: "Nobody is logged in, or the login has expired.",
    HTTPStatus.FORBIDDEN: "Whoever asks may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or it is somebody else's.",
    HTTPStatus.CONFLICT: "It is not in the state that this needs.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body has more than 64 KiB.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A parameter or a field cannot be used; the sentence names it and the rule.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too often. `Retry-After` says in how many seconds to try again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something that this needs does not answer at this time.",
}


def gives(media_type: str) -> dict[str, Any]:
    """For a route whose handler makes its answer itself: what it is."""
    schema = {"type": "string"} | ({"format": "binary"} if media_type == "application/octet-stream" else {})
    content = {media_type: {"schema": schema}}
    answer = {HTTPStatus.OK.value: {"description": HTTPStatus.OK.phrase, "content": content}}
    return {"response_class": Response, "responses": answer}


def gives_struct(kind: Any, status: HTTPStatus = HTTPStatus.OK) -> dict[str, Any]:
    """The same for JSON of a msgspec struct, or of a union of structs and None."""
    response_class = type("StructResponse", (Response,), {"answer_kind": kind})
    return {"response_class": response_class, "status_code": status.value}


@dataclass(frozen=True)
class Security:
    """`schemes` as in `components.securitySchemes`; `of`: which of them a dependency stands for, any will do."""

    schemes: Mapping[str, Mapping[str, str]]
    of: Mapping[Callable[..., Any], tuple[str, ...]]


_router = APIRouter()


# Of the module, and not made for each application: FastAPI remembers every handler that it has ever called.
@_router.get(PATH)
def openapi(request: Request) -> dict[str, Any]:
    """This description."""
    app: FastAPI = request.app
    return app.openapi()


def publish(
    app: FastAPI,
    security: Security,
    *,
    description: str,
    tags: Mapping[str, str],
    examples: Mapping[str, Any],
    idempotent: re.Pattern[str] | None = None,
) -> None:
    """Serves the description at PATH. `tags` by the name of the module of a route's handler, each with what it
    is; `examples` by the name of a schema; `idempotent`: paths of POSTs that take a key, see idempotency.py."""
    app.version = version("consentry")
    app.description = description
    serve(app, _router)

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, security, tags, examples, idempotent)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way of changing it


def body_kind(dependant: Dependant) -> type | None:
    """The msgspec struct of the body, where a dependency reads it; see `struct_bodies.py`."""
    return next((kind for one in _calls(dependant) if (kind := getattr(one, "body_kind", None))), None)


def _described(
    app: FastAPI,
    security: Security,
    tags: Mapping[str, str],
    examples: Mapping[str, Any],
    idempotent: re.Pattern[str] | None,
) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        tags=[{"name": name, "description": text} for name, text in tags.items()],
    )  # fmt: skip
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = {name: dict(scheme) for name, scheme in security.schemes.items()}
    for route in routes_of(app):
        if not route.include_in_schema:
            continue
        for method in sorted(route.methods or ()):
            operation = document["paths"][route.path_format][method.lower()]
            _describe(operation, route, security, schemas)
            if method == "POST" and idempotent and idempotent.fullmatch(re.sub(r"{\w+}", "0" * 32, route.path_format)):
                operation.setdefault("parameters", []).append(_KEY_PARAMETER)
    for name, example in examples.items():
        schemas[name]["examples"] = [example]
    return document


def _describe(operation: dict[str, Any], route: APIRoute, security: Security, schemas: dict[str, Any]) -> None:
    text = _said(route.endpoint.__doc__ or "")
    operation["summary"] = route.name.replace("_", " ").capitalize()
    operation["description"] = text
    operation["tags"] = [route.endpoint.__module__.rpartition(".")[2].replace("_", "-")]
    operation["operationId"] = (
        f"{operation['tags'][0]}-{route.name.replace('_', '-')}-{min(route.methods or ('',)).lower()}"
    )
    schemes = [name for one in _calls(route.dependant) for name in security.of.get(one, ())]
    operation["security"] = [{name: []} for name in dict.fromkeys(schemes)]
    kind = body_kind(route.dependant)
    if kind is not None:
        operation["requestBody"] = {"required": True, "content": _json_of(kind, schemas)}
    answer_kind = getattr(route.response_class, "answer_kind", None)
    if answer_kind is not None:
        operation["responses"][str(route.status_code)]["content"] = _json_of(answer_kind, schemas)
    for status in _statuses(route, operation, is_guarded=bool(schemes)):
        operation["responses"][str(status.value)] = _problem(_SENTENCES[status])
    operation["responses"]["default"] = _problem("Whatever else goes wrong.")


def _json_of(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """JSON of a struct; its schema, and those that it stands on, are put among the others."""
    (schema,), more = msgspec.json.schema_components([kind], ref_template=REF)
    for name, one in more.items():
        assert schemas.setdefault(name, one) == one, f"two kinds are called {name}"
    return {"application/json": {"schema": schema}}


def _statuses(route: APIRoute, operation: dict[str, Any], *, is_guarded: bool) -> Iterator[HTTPStatus]:
    takes_body = "requestBody" in operation
    if is_guarded:
        yield HTTPStatus.UNAUTHORIZED
    if permissions_of(route):
        yield HTTPStatus.FORBIDDEN
    if "{" in route.path_format:
        yield HTTPStatus.NOT_FOUND
    if takes_body:
        yield HTTPStatus.BAD_REQUEST
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if takes_body or operation.get("parameters"):
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    if (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
        yield HTTPStatus.CONFLICT
        yield HTTPStatus.TOO_MANY_REQUESTS
    yield HTTPStatus.SERVICE_UNAVAILABLE


def _problem(sentence: str) -> dict[str, Any]:
    return {"description": sentence, "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(name="Problem")}}}}


def _said(docstring: str) -> str:
    """Without what is for readers of the code: exceptions."""
    lines = [line.strip() for line in docstring.strip().splitlines()]
    paragraphs = "\n".join(lines).split("\n\n")
    kept = [" ".join(one.split("\n")) for one in paragraphs if not one.startswith("Raises ")]
    return re.sub(r"\s*Raises [^.]*\.$", "", "\n\n".join(kept)).strip()


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from _calls(one)
