"""What every server says of the account of whoever asks: part of each server's own `/v1/me`."""

from typing import Any

from pydantic import BaseModel

from serving.identity.login import Caller, Login
from serving.identity.tokens import LoginMethod
from serving.identity_api.services import SignInServices


class AccountFacts(BaseModel):
    """`recovery_codes` are left. `password`: they have one, and it signs in here. `tokens_ending`: API tokens of theirs
    that end within a week."""

    totp: bool
    recovery_codes: int
    password: bool
    tokens_ending: int
    method: LoginMethod
    expires_at_ms: int


async def account_facts(caller: Caller[Any], services: SignInServices) -> dict[str, Any]:
    """For a server's own answer, which is more than this."""
    return dict(
        AccountFacts(
            totp=caller.user.has_totp,
            recovery_codes=await services.recovery.left(caller.user),
            password=caller.user.has_password and services.settings.password_login,
            tokens_ending=await services.api_tokens.ending_soon(caller.user.user_id),
            method=caller.method,
            expires_at_ms=caller.expires_at_ms,
        )
    )


async def recovery_codes_left(login: Login[Any], services: SignInServices) -> int | None:
    """For the answer to a program whose user has spent one on this login; None of everybody else."""
    return await services.recovery.left(login.user) if login.method == "recovery-code" else None
