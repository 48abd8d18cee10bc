"""ApiTokenStore in a SQL database."""

from typing import Any, Generic, TypeVar, cast

from sqlalchemy import CursorResult, delete, select, update

from serving.database import Database
from serving.identity.api_tokens import ApiToken
from serving.identity.sql import UserTables
from serving.identity.tables import ApiTokenColumns
from serving.identity.users import User

U = TypeVar("U", bound=User)


class SqlApiTokens(Generic[U]):
    def __init__(self, database: Database, tables: UserTables[U]) -> None:
        self._database = database
        self._tables = tables

    async def add(self, token: ApiToken) -> None:
        async with self._database.writing() as session:
            session.add(self._tables.api_tokens(**vars(token) | {"permissions": sorted(token.permissions)}))

    async def find(self, token_hash: bytes) -> tuple[U, ApiToken] | None:
        users, tokens = self._tables.users, self._tables.api_tokens
        query = (
            select(users, tokens)
            .join(tokens, tokens.user_id == users.user_id)
            .where(tokens.token_hash == token_hash, users.disabled.is_(False))
        )
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        return None if found is None else (self._tables.read(found[0]), _token(found[1]))

    async def used(self, token_hash: bytes, now_ms: int, address: str) -> None:
        tokens = self._tables.api_tokens
        chosen = update(tokens).where(tokens.token_hash == token_hash)
        async with self._database.writing() as session:
            await session.execute(chosen.values(last_used_at_ms=now_ms, address=address))

    async def of(self, user_id: int) -> list[ApiToken]:
        tokens = self._tables.api_tokens
        query = select(tokens).where(tokens.user_id == user_id).order_by(tokens.created_at_ms.desc())
        async with self._database.reading() as session:
            return [_token(row) for row in await session.scalars(query)]

    async def all(self) -> list[tuple[U, ApiToken]]:
        users, tokens = self._tables.users, self._tables.api_tokens
        query = (
            select(users, tokens)
            .join(tokens, tokens.user_id == users.user_id)
            .order_by(tokens.created_at_ms.desc(), tokens.token_hash)
        )
        async with self._database.reading() as session:
            return [(self._tables.read(user), _token(token)) for user, token in await session.execute(query)]

    async def remove(self, user_id: int, token_hash: bytes) -> bool:
        tokens = self._tables.api_tokens
        chosen = delete(tokens).where(tokens.user_id == user_id, tokens.token_hash == token_hash)
        async with self._database.writing() as session:
            return cast("CursorResult[Any]", await session.execute(chosen)).rowcount == 1


def _token(row: ApiTokenColumns) -> ApiToken:
    return ApiToken(
        token_hash=row.token_hash,
        user_id=row.user_id,
        name=row.name,
        permissions=frozenset(row.permissions),
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        last_used_at_ms=row.last_used_at_ms,
        address=row.address,
    )
