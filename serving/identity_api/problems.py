"""Which status the errors of these routes get, at every server."""

from http import HTTPStatus

from serving.http.problems import Statuses
from serving.identity.api_tokens import TokenUnknown
from serving.identity.device_logins import (
    AuthorizationPending,
    DeviceLoginDenied,
    DeviceLoginExpired,
    SlowDown,
    UserCodeUnknown,
)
from serving.identity.passkeys import PasskeyUnknown
from serving.identity.users import UserExists
from serving.identity_api.account import LoginUnknown
from serving.identity_api.logins_of_people import PersonUnknown
from serving.limits import TooBusy

IDENTITY_STATUS: Statuses = {
    PersonUnknown: HTTPStatus.NOT_FOUND,
    LoginUnknown: HTTPStatus.NOT_FOUND,
    PasskeyUnknown: HTTPStatus.NOT_FOUND,
    UserExists: HTTPStatus.CONFLICT,
    TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
    TokenUnknown: HTTPStatus.NOT_FOUND,
    UserCodeUnknown: HTTPStatus.NOT_FOUND,
    # RFC 8628 answers 400 to whoever polls.
    AuthorizationPending: HTTPStatus.BAD_REQUEST,
    SlowDown: HTTPStatus.BAD_REQUEST,
    DeviceLoginDenied: HTTPStatus.BAD_REQUEST,
    DeviceLoginExpired: HTTPStatus.BAD_REQUEST,
}
