"""What the broker's own errors are answered with; the rest is every server's, see serving/http/problems.py."""

from http import HTTPStatus

from audit.ingest import DiskFullError, SessionNotOpenError, StoreFailedError
from broker.pairing.limits import EngineerLocked, TooBusy
from broker.sessions.session import SessionOver, SessionUnknown
from broker.ssh_gateway.openings import NoKeyNamed, SshGatewayOff
from broker.transparency.logbook import EntryMissing
from protocol.certificates import CertificateFieldError
from protocol.ratings import RatingForged, RatingLate, RatingOlder
from serving.http.problems import Problems
from serving.identity.passkeys import PasskeyUnknown

PROBLEMS = Problems(
    {
        TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
        EngineerLocked: HTTPStatus.TOO_MANY_REQUESTS,
        SessionUnknown: HTTPStatus.NOT_FOUND,
        PasskeyUnknown: HTTPStatus.NOT_FOUND,
        SessionNotOpenError: HTTPStatus.NOT_FOUND,
        SessionOver: HTTPStatus.CONFLICT,
        SshGatewayOff: HTTPStatus.NOT_FOUND,
        NoKeyNamed: HTTPStatus.NOT_FOUND,
        EntryMissing: HTTPStatus.NOT_FOUND,
        RatingOlder: HTTPStatus.CONFLICT,
        RatingLate: HTTPStatus.GONE,
        RatingForged: HTTPStatus.FORBIDDEN,
        CertificateFieldError: HTTPStatus.UNPROCESSABLE_ENTITY,
    },
    # Those that recorders know as passing, and come back from.
    codes={DiskFullError: "disk-full", StoreFailedError: "unavailable"},
)
