"""Who somebody of an OpenID provider is here, in SQL."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from broker.organisation.engineers import Engineer
from broker.organisation.people import Role
from broker.storage.sign_in_tables import ProviderPersonRow
from broker.storage.tables import UserRow
from broker.storage.users import TABLES, SqlUsers
from protocol.grants import Scope
from serving.database import Database
from serving.identity.openid.claims import ProviderPerson
from serving.identity.passwords import NO_PASSWORD
from serving.identity.users import UserExists


class SqlProviderPeople:
    def __init__(self, database: Database, users: SqlUsers) -> None:
        self._database = database
        self._users = users

    async def find(self, issuer: str, subject: str) -> Engineer | None:
        query = (
            select(UserRow)
            .join(ProviderPersonRow, ProviderPersonRow.user_id == UserRow.user_id)
            .where(ProviderPersonRow.issuer == issuer, ProviderPersonRow.subject == subject)
        )
        async with self._database.reading() as session:
            row = await session.scalar(query)
        return None if row is None else TABLES.read(row)

    async def add(self, person: ProviderPerson, role: Role, max_scopes: frozenset[Scope], now_ms: int) -> Engineer:
        row = UserRow(
            user_name=person.user_name,
            name=person.name,
            role=role,
            staff_number=person.staff_number,
            max_scopes=sorted(max_scopes),
            password_hash=NO_PASSWORD,
            created_at_ms=now_ms,
        )
        try:
            async with self._database.writing() as session:
                session.add(row)
                await session.flush()
                session.add(_link(person.issuer, person.subject, row.user_id, now_ms))
        except IntegrityError:
            raise UserExists(field="user name or staff number", value=person.user_name) from None
        return TABLES.read(row)

    async def link(self, issuer: str, subject: str, user_id: int, now_ms: int) -> None:
        """Raises UserExists if that person of the provider is somebody here."""
        try:
            async with self._database.writing() as session:
                session.add(_link(issuer, subject, user_id, now_ms))
        except IntegrityError:
            raise UserExists(field="subject", value=subject) from None

    async def update(self, user_id: int, person: ProviderPerson, role: Role) -> Engineer:
        await self._users.set_facts(user_id, name=person.name, staff_number=person.staff_number, role=role)
        async with self._database.reading() as session:
            return TABLES.read(await session.get_one(UserRow, user_id))


def _link(issuer: str, subject: str, user_id: int, now_ms: int) -> ProviderPersonRow:
    return ProviderPersonRow(issuer=issuer, subject=subject, user_id=user_id, linked_at_ms=now_ms)
