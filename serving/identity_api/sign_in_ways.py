"""GET /v1/sign-in-ways: how people sign in here, for the page that asks them to."""

from fastapi import APIRouter
from pydantic import BaseModel

from protocol.errors import RefusedError
from serving.identity_api.services import TheSignIn

router = APIRouter()


class WayOff(RefusedError):
    sentence = "Nobody signs in that way here. The sign-in page shows the ways; commands go there with --browser."


class WaysAnswer(BaseModel):
    """`provider` is the name of the organisation's own sign-in, for a button; null where there is none."""

    password: bool
    passkey: bool
    provider: str | None


@router.get("/v1/sign-in-ways")
async def ways(services: TheSignIn) -> WaysAnswer:
    """The ways to sign in that this server has."""
    settings = services.settings
    return WaysAnswer(
        password=settings.password_login,
        passkey=services.passkeys is not None,
        provider=settings.oidc_name if services.openid is not None else None,
    )
