"""GET /v1/people: who works here, for administrators. People are added and changed on the audit machine itself."""

from fastapi import APIRouter
from pydantic import BaseModel

from audit.service.http_api.caller import TheServices, needs
from audit.service.people import Permission, Role

router = APIRouter()


class PersonEntry(BaseModel):
    user_name: str
    name: str
    role: Role
    disabled: bool
    totp: bool
    created_at_ms: int


class PeopleAnswer(BaseModel):
    people: list[PersonEntry]


@router.get("/v1/people", dependencies=[needs(Permission.PEOPLE)])
async def people(services: TheServices) -> PeopleAnswer:
    """Everybody who has an account, by user name."""
    return PeopleAnswer(
        people=[
            PersonEntry(
                user_name=one.user_name,
                name=one.name,
                role=one.role,
                disabled=one.disabled,
                totp=one.has_totp,
                created_at_ms=one.created_at_ms,
            )
            for one in await services.users.all()
        ]
    )
