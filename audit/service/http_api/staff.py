"""Who works here and may do something: to whom one can give work, and who can be the second person."""

from pydantic import BaseModel

from audit.service.people import Permission
from audit.service.services import AuditServices


class PersonAnswer(BaseModel):
    user_name: str
    name: str


async def people_who_may(permission: Permission, services: AuditServices) -> list[PersonAnswer]:
    """Nobody who is disabled; in the order of their user names."""
    people = [one for one in await services.users.all() if permission in one.permissions and not one.disabled]
    return [
        PersonAnswer(user_name=one.user_name, name=one.name) for one in sorted(people, key=lambda one: one.user_name)
    ]
