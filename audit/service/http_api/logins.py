"""POST /v1/login, POST /v1/logout, GET /v1/me."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints

from audit.service.http_api.caller import TheCaller, TheServices
from serving.http.encoding import Strict
from serving.identity.tokens import Visit

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
    role: str


class MeAnswer(BaseModel):
    user_name: str
    name: str
    role: str
    permissions: list[str]
    expires_at_ms: int


@router.post("/v1/login")
async def log_in(body: LoginBody, request: Request, services: TheServices) -> LoginAnswer:
    visit = Visit(request.client.host if request.client else "unknown")
    login = await services.logins.login(body.user_name, body.password, body.totp, visit)
    return LoginAnswer(token=login.token, expires_at_ms=login.expires_at_ms, name=login.user.name, role=login.user.role)


@router.post("/v1/logout", status_code=204)
async def log_out(caller: TheCaller, services: TheServices) -> None:
    await services.logins.logout(caller)


@router.get("/v1/me")
async def me(caller: TheCaller) -> MeAnswer:
    user = caller.user
    return MeAnswer(
        user_name=user.user_name,
        name=user.name,
        role=user.role,
        permissions=sorted(user.permissions),
        expires_at_ms=caller.expires_at_ms,
    )
