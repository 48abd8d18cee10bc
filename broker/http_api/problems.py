"""What the broker's own errors are answered with; the rest is every server's, see serving/http/problems.py."""

from http import HTTPStatus

from audit.ingest import DiskFullError, SessionNotOpenError, StoreFailedError
from broker.organisation.teams import TeamTaken, TeamUnknown
from broker.pairing.limits import EngineerLocked
from broker.requests.request import QueueFull, RequestNotYours, RequestOver, RequestTaken, RequestUnknown, TierUnknown
from broker.sessions.session import NoteChanged, NoteClosed, NoteUnknown, NotInAnyMore, SessionOver, SessionUnknown
from broker.sessions.whispers import WhispersFull
from broker.ssh_gateway.openings import NoKeyNamed, SshGatewayOff
from broker.transparency.logbook import EntryMissing
from broker.webhooks.hooks import DeliveryUnknown, TooManyWebhooks, WebhookUnknown
from protocol.certificates import CertificateFieldError
from protocol.ratings import RatingForged, RatingLate, RatingOlder
from serving.http.etags import VersionMissing
from serving.http.problems import Problems
from serving.identity.users import ChangedMeanwhile
from serving.identity_api.problems import IDENTITY_STATUS

PROBLEMS = Problems(
    {
        **IDENTITY_STATUS,
        EngineerLocked: HTTPStatus.TOO_MANY_REQUESTS,
        SessionUnknown: HTTPStatus.NOT_FOUND,
        SessionNotOpenError: HTTPStatus.NOT_FOUND,
        SessionOver: HTTPStatus.CONFLICT,
        NotInAnyMore: HTTPStatus.CONFLICT,
        WhispersFull: HTTPStatus.CONFLICT,
        RequestUnknown: HTTPStatus.NOT_FOUND,
        RequestTaken: HTTPStatus.CONFLICT,
        TierUnknown: HTTPStatus.CONFLICT,
        RequestOver: HTTPStatus.CONFLICT,
        RequestNotYours: HTTPStatus.CONFLICT,
        QueueFull: HTTPStatus.TOO_MANY_REQUESTS,
        NoteUnknown: HTTPStatus.NOT_FOUND,
        NoteChanged: HTTPStatus.PRECONDITION_FAILED,
        NoteClosed: HTTPStatus.CONFLICT,
        SshGatewayOff: HTTPStatus.NOT_FOUND,
        NoKeyNamed: HTTPStatus.NOT_FOUND,
        WebhookUnknown: HTTPStatus.NOT_FOUND,
        DeliveryUnknown: HTTPStatus.NOT_FOUND,
        TooManyWebhooks: HTTPStatus.CONFLICT,
        EntryMissing: HTTPStatus.NOT_FOUND,
        RatingOlder: HTTPStatus.CONFLICT,
        RatingLate: HTTPStatus.GONE,
        RatingForged: HTTPStatus.FORBIDDEN,
        CertificateFieldError: HTTPStatus.UNPROCESSABLE_ENTITY,
        TeamUnknown: HTTPStatus.NOT_FOUND,
        TeamTaken: HTTPStatus.CONFLICT,
        ChangedMeanwhile: HTTPStatus.PRECONDITION_FAILED,
        VersionMissing: HTTPStatus.PRECONDITION_REQUIRED,
    },
    # Those that recorders know as passing, and come back from.
    codes={DiskFullError: "disk-full", StoreFailedError: "unavailable"},
)
