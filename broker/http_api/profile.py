"""GET /v1/profile: what the organisation is, signed by its root. Public: whoever has the root key can check it."""

from fastapi import APIRouter
from starlette.responses import Response

from broker.http_api.caller import TheServices
from protocol.share_url import encode_root_key
from serving.http.openapi import gives

router = APIRouter()

ROOT_KEY_HEADER = "Consentry-Root-Key"
"""For those who came with a bare address and trust the web's certificate authorities; all others ignore it."""


@router.get("/v1/profile", **gives("text/plain"))
def profile(services: TheServices) -> Response:
    """The signed note, as it was signed."""
    organisation = services.organisation
    headers = {ROOT_KEY_HEADER: encode_root_key(organisation.root_public_key)}
    return Response(organisation.profile_note, headers=headers, media_type="text/plain")
