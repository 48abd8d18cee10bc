"""Errors as problem documents (RFC 9457), and which status each gets.

`type` is `urn:consentry:` and the error's stable name, `detail` the sentence for a person, in the language that the
request asks for. Nothing of what was sent is repeated: it may have been a password.
"""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from protocol.details import broken_rule
from protocol.errors import ConsentryError, InputError, PeerError, RefusedError, UnavailableError
from protocol.ratings import NEWEST_HEADER
from serving.identity.lockouts import LoginLocked
from serving.identity.login import LoginRefused, NotLoggedIn, OneTimeNumberNeeded
from serving.identity.passwords import LoginsBusy
from wording import Language, Wording, accepted_language, error_id

Statuses = Mapping[type[ConsentryError], HTTPStatus]

STATUS: Statuses = {
    NotLoggedIn: HTTPStatus.UNAUTHORIZED,
    LoginRefused: HTTPStatus.UNAUTHORIZED,
    OneTimeNumberNeeded: HTTPStatus.UNAUTHORIZED,
    LoginLocked: HTTPStatus.TOO_MANY_REQUESTS,
    LoginsBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    PeerError: HTTPStatus.BAD_REQUEST,
    RefusedError: HTTPStatus.FORBIDDEN,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What every server answers; each adds its own kinds."""

MEDIA_TYPE = "application/problem+json"

_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "http-not-json",
    HTTPStatus.NOT_FOUND: "http-nothing-here",
    HTTPStatus.METHOD_NOT_ALLOWED: "http-other-method",
}


def language_of(connection: HTTPConnection) -> Language:
    return accepted_language(connection.headers.get("accept-language", ""))


def problem(status: HTTPStatus, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": f"urn:consentry:{code}", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(body, status.value, headers, MEDIA_TYPE)


def code_of(error: ConsentryError) -> str:
    """The stable name of an error for programs: `LoginRefused` → `login-refused`."""
    return error_id(type(error)).removeprefix("error-")


class Problems:
    """The errors of one server: `status` adds to what every server answers, `codes` names errors for programs."""

    def __init__(self, status: Statuses, codes: Mapping[type[ConsentryError], str]) -> None:
        self._status = {**STATUS, **status}
        self._codes = codes

    def code(self, error: ConsentryError) -> str:
        """What the server calls it, or `code_of`."""
        return self._codes.get(type(error)) or code_of(error)

    def of(self, error: ConsentryError, language: Language = "en") -> Response:
        kinds = type(error).__mro__
        status = next((self._status[kind] for kind in kinds if kind in self._status), HTTPStatus.BAD_REQUEST)
        headers: dict[str, str] = {}
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        if "seconds" in error.fields:
            headers["Retry-After"] = str(error.fields["seconds"])
        if "newest_ms" in error.fields:
            headers[NEWEST_HEADER] = str(error.fields["newest_ms"])
        # In English the class says it, as it does in the log: no catalogue is needed for that.
        detail = str(error) if language == "en" else Wording(language).say_error(error)
        return problem(status, self.code(error), detail, headers)

    def answer(self, app: FastAPI) -> None:
        """Every error of the application becomes one clear sentence."""
        app.add_exception_handler(ConsentryError, self._on_purpose)
        app.add_exception_handler(RequestValidationError, _malformed)
        app.add_exception_handler(HTTPException, _of_the_framework)
        app.add_exception_handler(Exception, _by_mistake)

    def _on_purpose(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, ConsentryError)
        return self.of(error, language_of(request))


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    # The sentence names the rule; the value stays out of it.
    detail = Wording(language_of(request)).say("http-malformed", where=where, problem=broken_rule(first))
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request-malformed", detail)


def _of_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = "request-malformed" if status == HTTPStatus.BAD_REQUEST else status.phrase.lower().replace(" ", "-")
    detail = Wording(language_of(request)).say(_SENTENCES.get(status, "http-unusable"), status=status.phrase)
    return problem(status, code, detail, dict(error.headers or {}))


def _by_mistake(request: Request, _error: Exception) -> Response:
    # Starlette logs it with its traceback after this answer.
    detail = Wording(language_of(request)).say("http-mistake")
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail)
