"""Errors as problem documents (RFC 9457), and which status each gets.

`type` is `urn:consentry:` and the error's stable name, `detail` the sentence for a person. Nothing of what was sent is
repeated: it may have been a password.
"""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from audit.ingest import DiskFullError, StoreFailedError
from broker.identity.lockouts import LoginLocked
from broker.identity.login import LoginRefused, NotLoggedIn, OneTimeNumberNeeded
from broker.identity.passwords import LoginsBusy
from broker.pairing.limits import EngineerLocked, TooBusy
from broker.sessions.session import SessionOver, SessionUnknown
from protocol.certificates import CertificateFieldError
from protocol.errors import ConsentryError, InputError, PeerError, RefusedError, UnavailableError
from wording import error_id

STATUS: dict[type[ConsentryError], HTTPStatus] = {
    NotLoggedIn: HTTPStatus.UNAUTHORIZED,
    LoginRefused: HTTPStatus.UNAUTHORIZED,
    OneTimeNumberNeeded: HTTPStatus.UNAUTHORIZED,
    LoginLocked: HTTPStatus.TOO_MANY_REQUESTS,
    LoginsBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
    EngineerLocked: HTTPStatus.TOO_MANY_REQUESTS,
    SessionUnknown: HTTPStatus.NOT_FOUND,
    SessionOver: HTTPStatus.CONFLICT,
    CertificateFieldError: HTTPStatus.UNPROCESSABLE_ENTITY,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PeerError: HTTPStatus.BAD_REQUEST,
    RefusedError: HTTPStatus.FORBIDDEN,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}

MEDIA_TYPE = "application/problem+json"

_CODES: dict[type[ConsentryError], str] = {DiskFullError: "disk-full", StoreFailedError: "unavailable"}
"""Those that recorders know as passing, and come back from."""

_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request cannot be used: its body is not JSON that can be read.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
}


def error_code(error: ConsentryError) -> str:
    """The stable name of an error for programs: `LoginRefused` → `login-refused`."""
    return _CODES.get(type(error)) or error_id(type(error)).removeprefix("error-")


def problem(status: HTTPStatus, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": f"urn:consentry:{code}", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(body, status.value, headers, MEDIA_TYPE)


def problem_of(error: ConsentryError) -> Response:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.BAD_REQUEST)
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "seconds" in error.fields:
        headers["Retry-After"] = str(error.fields["seconds"])
    return problem(status, error_code(error), str(error), headers)


def answer_with_problems(app: FastAPI) -> None:
    """Every error of the application becomes one clear sentence."""

    @app.exception_handler(ConsentryError)
    def on_purpose(_: Request, error: ConsentryError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
        # pydantic's own sentence names the rule; the value stays out of it.
        detail = f"The request cannot be used: {where}: {first['msg']}."
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request-malformed", detail)

    @app.exception_handler(HTTPException)
    def of_the_framework(_: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        code = "request-malformed" if status == HTTPStatus.BAD_REQUEST else status.phrase.lower().replace(" ", "-")
        detail = _SENTENCES.get(status, f"The request cannot be used: {status.phrase}.")
        return problem(status, code, detail, dict(error.headers or {}))

    @app.exception_handler(Exception)
    def by_mistake(_: Request, _error: Exception) -> Response:
        # Starlette logs it with its traceback after this answer.
        detail = "The broker made a mistake. It was written to its log; try again, and tell its operator if it stays."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail)
