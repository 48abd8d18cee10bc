"""What the audit service's own errors are answered with; the rest is every server's, see serving/http/problems.py."""

from http import HTTPStatus

from audit.quality.desk_core import NotReviewable, ScorecardRetired, ScorecardUnknown
from audit.quality.desk_sampling import PlanUnknown, RunUnknown
from audit.quality.people import NotYours
from audit.quality.reviews import (
    DecidedBefore,
    DisputedBefore,
    NotDisputed,
    ReviewNotSubmitted,
    ReviewSubmitted,
    ReviewUnknown,
)
from audit.quality.store import PlanTaken, VersionTaken
from audit.replay_index.keys import IndexErasedError
from audit.service.after_restore import RecordingSetAside
from audit.service.http_api.moments import NothingLive
from audit.service.http_api.reports import FigureNotThere
from audit.service.http_api.sessions import SessionNotHere
from audit.service.retention import HeldFromErase, RequestNotOpen, TooYoungToErase
from audit.service.worker_process import RecordingRefusedError
from audit.vault.library import SessionLostError
from audit.vault.opening import RecordingErasedError, SealedForOthersError
from protocol.errors import IntegrityError
from serving.http.problems import Problems
from serving.identity_api.problems import IDENTITY_STATUS

PROBLEMS = Problems(
    {
        **IDENTITY_STATUS,
        SessionLostError: HTTPStatus.NOT_FOUND,
        SessionNotHere: HTTPStatus.NOT_FOUND,
        NotYours: HTTPStatus.NOT_FOUND,
        ReviewUnknown: HTTPStatus.NOT_FOUND,
        ScorecardUnknown: HTTPStatus.NOT_FOUND,
        PlanUnknown: HTTPStatus.NOT_FOUND,
        RunUnknown: HTTPStatus.NOT_FOUND,
        FigureNotThere: HTTPStatus.NOT_FOUND,
        VersionTaken: HTTPStatus.CONFLICT,
        PlanTaken: HTTPStatus.CONFLICT,
        ScorecardRetired: HTTPStatus.CONFLICT,
        ReviewSubmitted: HTTPStatus.CONFLICT,
        ReviewNotSubmitted: HTTPStatus.CONFLICT,
        DisputedBefore: HTTPStatus.CONFLICT,
        NotDisputed: HTTPStatus.CONFLICT,
        DecidedBefore: HTTPStatus.CONFLICT,
        NotReviewable: HTTPStatus.CONFLICT,
        RequestNotOpen: HTTPStatus.CONFLICT,
        HeldFromErase: HTTPStatus.CONFLICT,
        TooYoungToErase: HTTPStatus.CONFLICT,
        NothingLive: HTTPStatus.CONFLICT,
        RecordingSetAside: HTTPStatus.GONE,
        RecordingErasedError: HTTPStatus.GONE,
        IndexErasedError: HTTPStatus.GONE,
        RecordingRefusedError: HTTPStatus.CONFLICT,
        SealedForOthersError: HTTPStatus.CONFLICT,
        IntegrityError: HTTPStatus.CONFLICT,
    },
    codes={},
)
