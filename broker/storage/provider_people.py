"""Who somebody of an OpenID provider is at the broker."""

from broker.organisation.engineers import Engineer
from broker.organisation.people import Role
from broker.storage.tables import UserRow
from broker.storage.users import TABLES, SqlUsers
from protocol.grants import Scope
from serving.database import Database
from serving.identity.openid import sql_people
from serving.identity.openid.claims import ProviderPerson
from serving.identity.passwords import NO_PASSWORD


class SqlProviderPeople(sql_people.SqlProviderPeople[Engineer]):
    def __init__(self, database: Database, users: SqlUsers) -> None:
        super().__init__(database, TABLES)
        self._users = users

    def is_up_to_date(self, known: Engineer, person: ProviderPerson, role: Role) -> bool:
        return (known.name, known.staff_number, known.role) == (person.name, person.staff_number, role)

    def _new_row(self, person: ProviderPerson, role: Role, now_ms: int) -> UserRow:
        return UserRow(
            user_name=person.user_name,
            name=person.name,
            role=role,
            staff_number=person.staff_number,
            max_scopes=sorted(Scope),
            password_hash=NO_PASSWORD,
            created_at_ms=now_ms,
        )

    async def _set_facts(self, user_id: int, person: ProviderPerson, role: Role) -> None:
        await self._users.set_facts(user_id, name=person.name, staff_number=person.staff_number, role=role)
