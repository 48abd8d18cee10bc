"""GET /v1/profile: what the organisation is, signed by its root. Public: whoever has the root key can check it."""

from fastapi import APIRouter
from starlette.responses import Response

from broker.http_api.caller import TheServices

router = APIRouter()


@router.get("/v1/profile")
def profile(services: TheServices) -> Response:
    """The signed note, as it was signed."""
    return Response(services.organisation.profile_note, media_type="text/plain")
