"""ApiTokenStore of organisation/, in SQLite."""

from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update

from broker.organisation.api_tokens import ApiToken
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission
from broker.storage.tables import ApiTokenRow, UserRow
from broker.storage.users import engineer_of_row
from serving.database import Database


class SqlApiTokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: ApiToken) -> None:
        async with self._database.writing() as session:
            session.add(ApiTokenRow(**vars(token) | {"permissions": sorted(token.permissions)}))

    async def find(self, token_hash: bytes) -> tuple[Engineer, ApiToken] | None:
        query = (
            select(UserRow, ApiTokenRow)
            .join(ApiTokenRow, ApiTokenRow.user_id == UserRow.user_id)
            .where(ApiTokenRow.token_hash == token_hash, UserRow.disabled.is_(False))
        )
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        return None if found is None else (engineer_of_row(found[0]), _token(found[1]))

    async def used(self, token_hash: bytes, now_ms: int, address: str) -> None:
        chosen = update(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash)
        async with self._database.writing() as session:
            await session.execute(chosen.values(last_used_at_ms=now_ms, address=address))

    async def of(self, user_id: int) -> list[ApiToken]:
        query = select(ApiTokenRow).where(ApiTokenRow.user_id == user_id).order_by(ApiTokenRow.created_at_ms.desc())
        async with self._database.reading() as session:
            return [_token(row) for row in await session.scalars(query)]

    async def all(self) -> list[tuple[Engineer, ApiToken]]:
        query = (
            select(UserRow, ApiTokenRow)
            .join(ApiTokenRow, ApiTokenRow.user_id == UserRow.user_id)
            .order_by(ApiTokenRow.created_at_ms.desc(), ApiTokenRow.token_hash)
        )
        async with self._database.reading() as session:
            return [(engineer_of_row(user), _token(token)) for user, token in await session.execute(query)]

    async def remove(self, user_id: int, token_hash: bytes) -> bool:
        chosen = delete(ApiTokenRow).where(ApiTokenRow.user_id == user_id, ApiTokenRow.token_hash == token_hash)
        async with self._database.writing() as session:
            return cast("CursorResult[Any]", await session.execute(chosen)).rowcount == 1


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        token_hash=row.token_hash,
        user_id=row.user_id,
        name=row.name,
        permissions=frozenset(Permission(one) for one in row.permissions if one in list(Permission)),
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        last_used_at_ms=row.last_used_at_ms,
        address=row.address,
    )
