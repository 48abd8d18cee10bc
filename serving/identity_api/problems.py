"""Which status the errors of these routes get, at every server."""

from http import HTTPStatus

from serving.http.problems import Statuses
from serving.identity.passkeys import PasskeyUnknown
from serving.identity.users import UserExists
from serving.identity_api.account import LoginUnknown
from serving.identity_api.logins_of_people import PersonUnknown

IDENTITY_STATUS: Statuses = {
    PersonUnknown: HTTPStatus.NOT_FOUND,
    LoginUnknown: HTTPStatus.NOT_FOUND,
    PasskeyUnknown: HTTPStatus.NOT_FOUND,
    UserExists: HTTPStatus.CONFLICT,
}
