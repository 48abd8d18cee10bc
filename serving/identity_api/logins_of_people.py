"""Where others are logged in, for administrators.

GET    /v1/people/{user}/logins       where they are logged in
DELETE /v1/people/{user}/logins       log them out everywhere
DELETE /v1/people/{user}/logins/{id}  log them out there
"""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints

from protocol.errors import RefusedError
from serving.identity.roles import PEOPLE
from serving.identity.users import User
from serving.identity_api.account import EndedAnswer, LoginsAnswer, LoginUnknown, TokenHash, logins_answer, revoke
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.services import SignInServices, TheSignIn

router = APIRouter(prefix="/v1/people/{user_name}/logins", dependencies=[needs(PEOPLE)])

UserName = Annotated[str, StringConstraints(max_length=200)]


class PersonUnknown(RefusedError):
    sentence = "There is nobody with that user name."


@router.get("")
async def logins(user_name: UserName, caller: TheCaller, services: TheSignIn) -> LoginsAnswer:
    """Where somebody is logged in."""
    one = await find_person(user_name, services)
    return logins_answer(await services.logins.logins_of(one.user_id), caller)


@router.delete("")
async def log_out(user_name: UserName, caller: TheCaller, request: Request, services: TheSignIn) -> EndedAnswer:
    """Ends all logins of somebody."""
    one = await find_person(user_name, services)
    return EndedAnswer(ended=await revoke(caller, one, None, request, services))


@router.delete("/{login_id}", status_code=204)
async def log_out_there(
    user_name: UserName, login_id: TokenHash, caller: TheCaller, request: Request, services: TheSignIn
) -> None:
    """Ends one login of somebody."""
    one = await find_person(user_name, services)
    if not await revoke(caller, one, bytes.fromhex(login_id), request, services):
        raise LoginUnknown


async def find_person(user_name: str, services: SignInServices) -> User:
    """Raises PersonUnknown."""
    found = await services.users.find(user_name)
    if found is None:
        raise PersonUnknown
    one: User = found[0]
    return one
