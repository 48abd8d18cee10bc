"""What the audit service's own errors are answered with; the rest is every server's, see serving/http/problems.py."""

from http import HTTPStatus

from audit.service.http_api.sessions import SessionNotHere
from audit.service.reading import RecordingRefusedError
from audit.service.retention import HeldFromErase, RequestNotOpen, TooYoungToErase
from audit.vault.library import SessionLostError
from audit.vault.opening import RecordingErasedError, SealedForOthersError
from protocol.errors import IntegrityError
from serving.http.problems import Problems

PROBLEMS = Problems(
    {
        SessionLostError: HTTPStatus.NOT_FOUND,
        SessionNotHere: HTTPStatus.NOT_FOUND,
        RequestNotOpen: HTTPStatus.CONFLICT,
        HeldFromErase: HTTPStatus.CONFLICT,
        TooYoungToErase: HTTPStatus.CONFLICT,
        RecordingErasedError: HTTPStatus.GONE,
        RecordingRefusedError: HTTPStatus.CONFLICT,
        SealedForOthersError: HTTPStatus.CONFLICT,
        IntegrityError: HTTPStatus.CONFLICT,
    },
    codes={},
)
