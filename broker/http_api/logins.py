"""POST /v1/login, POST /v1/logout, GET /v1/me."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints

from broker.http_api.caller import TheCaller, TheServices
from broker.services import address_of
from protocol.errors import RefusedError
from serving.http.encoding import Strict

router = APIRouter()


class LoginBody(Strict):
    """`totp` only for users who have it; without it they are told so once their password was right."""

    user_name: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1024)]
    totp: Annotated[str, StringConstraints(max_length=20)] | None = None


class LoginAnswer(BaseModel):
    token: str
    expires_at_ms: int
    name: str
    staff_number: str
    organisation: str


class MeAnswer(BaseModel):
    user_name: str
    name: str
    staff_number: str
    organisation: str
    max_scopes: list[str]
    expires_at_ms: int


@router.post("/v1/login")
async def log_in(body: LoginBody, request: Request, services: TheServices) -> LoginAnswer:
    try:
        login = await services.logins.login(body.user_name, body.password, body.totp, address_of(request))
    except RefusedError:
        services.metrics.logins.labels("refused").inc()
        raise
    services.metrics.logins.labels("ok").inc()
    return LoginAnswer(
        token=login.token,
        expires_at_ms=login.expires_at_ms,
        name=login.user.name,
        staff_number=login.user.staff_number,
        organisation=services.organisation.profile.organisation,
    )


@router.post("/v1/logout", status_code=204)
async def log_out(caller: TheCaller, services: TheServices) -> None:
    await services.logins.logout(caller)


@router.get("/v1/me")
async def me(caller: TheCaller, services: TheServices) -> MeAnswer:
    return MeAnswer(
        user_name=caller.user.user_name,
        name=caller.user.name,
        staff_number=caller.user.staff_number,
        organisation=services.organisation.profile.organisation,
        max_scopes=sorted(caller.user.max_scopes),
        expires_at_ms=caller.expires_at_ms,
    )
