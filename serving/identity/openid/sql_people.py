"""Who somebody of an OpenID provider is here, in a SQL database, for whatever kind of user a server has."""

from abc import abstractmethod
from typing import Any, Generic, TypeVar

from sqlalchemy import Insert, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from serving.database import Database
from serving.identity.openid.claims import ProviderPerson
from serving.identity.sql import SqlTokens, UserTables
from serving.identity.tables import UserColumns
from serving.identity.users import User, UserExists

U = TypeVar("U", bound=User)


class SqlProviderPeople(Generic[U]):
    """Making and changing a user is each server's own: it knows what else there is to say about one."""

    def __init__(self, database: Database, tables: UserTables[U]) -> None:
        self._database = database
        self._tables = tables

    async def find(self, issuer: str, subject: str) -> U | None:
        users, links = self._tables.users, self._tables.provider_people
        query = (
            select(users)
            .join(links, links.user_id == users.user_id)
            .where(links.issuer == issuer, links.subject == subject)
        )
        async with self._database.reading() as session:
            row = await session.scalar(query)
        return None if row is None else self._tables.read(row)

    async def last_seen(self, issuer: str, user_id: int) -> int | None:
        links = self._tables.provider_people
        query = select(func.max(links.seen_at_ms)).where(links.issuer == issuer, links.user_id == user_id)
        async with self._database.reading() as session:
            return await session.scalar(query)

    async def seen(self, issuer: str, subject: str, now_ms: int) -> None:
        links = self._tables.provider_people
        async with self._database.writing() as session:
            one = update(links).where(links.issuer == issuer, links.subject == subject)
            await session.execute(one.values(seen_at_ms=now_ms))

    async def add(self, person: ProviderPerson, role: Any, now_ms: int) -> U:
        """Raises UserExists."""
        row = self._new_row(person, role, now_ms)
        try:
            async with self._database.writing() as session:
                session.add(row)
                await session.flush()  # gives it its number
                await session.execute(self._link(person.issuer, person.subject, row.user_id, now_ms))
        except IntegrityError:
            raise UserExists(field="user name or staff number", value=person.user_name) from None
        return self._tables.read(row)

    async def link(self, issuer: str, subject: str, user_id: int, now_ms: int) -> None:
        """Raises UserExists if that person of the provider is somebody here."""
        try:
            async with self._database.writing() as session:
                await session.execute(self._link(issuer, subject, user_id, now_ms))
        except IntegrityError:
            raise UserExists(field="subject", value=subject) from None

    async def update(self, user_id: int, person: ProviderPerson, role: Any) -> U:
        """Raises UserExists."""
        await self._set_facts(user_id, person, role)
        async with self._database.reading() as session:
            return self._tables.read(await session.get_one(self._tables.users, user_id))

    async def end_logins(self, user_id: int) -> int:
        return len(await SqlTokens(self._database, self._tables).revoke(user_id))

    @abstractmethod
    def _new_row(self, person: ProviderPerson, role: Any, now_ms: int) -> UserColumns: ...

    @abstractmethod
    async def _set_facts(self, user_id: int, person: ProviderPerson, role: Any) -> None:
        """Also ends all logins of theirs. Raises UserExists."""

    def _link(self, issuer: str, subject: str, user_id: int, now_ms: int) -> Insert:
        return insert(self._tables.provider_people).values(
            issuer=issuer, subject=subject, user_id=user_id, linked_at_ms=now_ms, seen_at_ms=now_ms
        )
