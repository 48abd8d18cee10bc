"""UserStore and TokenStore in a SQL database, for whatever kind of user a server has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from serving.database import Database
from serving.identity.tables import TokenColumns, UserColumns
from serving.identity.users import Credentials, User, UserExists

U = TypeVar("U", bound=User)


@dataclass(frozen=True)
class UserTables(Generic[U]):
    """Where a server keeps its people: its two tables, and how a row of the first becomes a user."""

    users: type[UserColumns]
    tokens: type[TokenColumns]
    read: Callable[[Any], U]


class SqlUsers(Generic[U]):
    """Adding a user is each server's own: it knows what else there is to say about one."""

    def __init__(self, database: Database, tables: UserTables[U]) -> None:
        self._database = database
        self._tables = tables

    async def all(self) -> list[U]:
        rows = self._tables.users
        async with self._database.reading() as session:
            return [self._tables.read(row) for row in await session.scalars(select(rows).order_by(rows.user_name))]

    async def disabled(self) -> set[int]:
        rows = self._tables.users
        async with self._database.reading() as session:
            return set(await session.scalars(select(rows.user_id).where(rows.disabled.is_(True))))

    async def find(self, user_name: str) -> tuple[U, Credentials] | None:
        rows = self._tables.users
        async with self._database.reading() as session:
            row = await session.scalar(select(rows).where(rows.user_name == user_name))
        if row is None:
            return None
        return self._tables.read(row), Credentials(row.password_hash, row.totp_secret, row.totp_step)

    async def set_password(self, user_id: int, password_hash: str) -> None:
        await self._change(user_id, password_hash=password_hash)

    async def set_disabled(self, user_id: int, disabled: bool) -> None:
        await self._change(user_id, disabled=disabled)

    async def set_totp(self, user_id: int, secret: str | None) -> None:
        await self._change(user_id, totp_secret=secret, totp_step=0)

    async def use_totp_step(self, user_id: int, step: int) -> bool:
        rows = self._tables.users
        async with self._database.writing() as session:
            used = await session.execute(
                update(rows).where(rows.user_id == user_id, rows.totp_step < step).values(totp_step=step)
            )
            return cast("CursorResult[Any]", used).rowcount == 1

    async def _insert(self, row: UserColumns, unique: dict[str, str]) -> U:
        """`unique` names in words the columns, besides the user name, that no two users share."""
        try:
            async with self._database.writing() as session:
                session.add(row)
        except IntegrityError as error:
            for column, field in unique.items():
                if column in str(error.orig):
                    raise UserExists(field=field, value=getattr(row, column)) from None
            raise UserExists(field="user name", value=row.user_name) from None
        return self._tables.read(row)

    async def _change(self, user_id: int, **values: object) -> None:
        # Whatever changes how a user logs in ends the logins made before.
        users, tokens = self._tables.users, self._tables.tokens
        async with self._database.writing() as session:
            await session.execute(update(users).where(users.user_id == user_id).values(**values))
            await session.execute(delete(tokens).where(tokens.user_id == user_id))


class SqlTokens(Generic[U]):
    def __init__(self, database: Database, tables: UserTables[U]) -> None:
        self._database = database
        self._tables = tables

    async def add_token(self, token_hash: bytes, user_id: int, created_at_ms: int, expires_at_ms: int) -> None:
        facts = {"user_id": user_id, "created_at_ms": created_at_ms, "expires_at_ms": expires_at_ms}
        async with self._database.writing() as session:
            await session.execute(insert(self._tables.tokens).values(token_hash=token_hash, **facts))

    async def user_of_token(self, token_hash: bytes, now_ms: int) -> tuple[U, int] | None:
        users, tokens = self._tables.users, self._tables.tokens
        query = (
            select(users, tokens.expires_at_ms)
            .join(tokens, tokens.user_id == users.user_id)
            .where(tokens.token_hash == token_hash, tokens.expires_at_ms > now_ms, users.disabled.is_(False))
        )
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        return None if found is None else (self._tables.read(found[0]), found[1])

    async def remove_token(self, token_hash: bytes) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(self._tables.tokens).where(self._tables.tokens.token_hash == token_hash))

    async def remove_expired_tokens(self, now_ms: int) -> None:
        tokens = self._tables.tokens
        async with self._database.writing() as session:
            await session.execute(delete(tokens).where(tokens.expires_at_ms <= now_ms))
