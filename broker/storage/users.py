"""UserStore and TokenStore of identity/, in SQLite."""

from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from broker.storage.tables import TokenRow, UserRow
from protocol.grants import Scope
from serving.database import Database
from serving.identity.users import Credentials, User, UserExists


class SqlUsers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        *,
        user_name: str,
        name: str,
        staff_number: str,
        max_scopes: frozenset[Scope],
        password_hash: str,
        created_at_ms: int,
        totp_secret: str | None = None,
    ) -> User:
        row = UserRow(
            user_name=user_name,
            name=name,
            staff_number=staff_number,
            max_scopes=sorted(max_scopes),
            password_hash=password_hash,
            created_at_ms=created_at_ms,
            totp_secret=totp_secret,
        )
        try:
            async with self._database.writing() as session:
                session.add(row)
        except IntegrityError as error:
            if "staff_number" in str(error.orig):
                raise UserExists(field="staff number", value=staff_number) from None
            raise UserExists(field="user name", value=user_name) from None
        return user_of_row(row)

    async def all(self) -> list[User]:
        async with self._database.reading() as session:
            rows = await session.scalars(select(UserRow).order_by(UserRow.user_name))
            return [user_of_row(row) for row in rows]

    async def disabled(self) -> set[int]:
        async with self._database.reading() as session:
            return set(await session.scalars(select(UserRow.user_id).where(UserRow.disabled.is_(True))))

    async def find(self, user_name: str) -> tuple[User, Credentials] | None:
        async with self._database.reading() as session:
            row = await session.scalar(select(UserRow).where(UserRow.user_name == user_name))
        if row is None:
            return None
        return user_of_row(row), Credentials(row.password_hash, row.totp_secret, row.totp_step)

    async def set_password(self, user_id: int, password_hash: str) -> None:
        await self._change(user_id, password_hash=password_hash)

    async def set_disabled(self, user_id: int, disabled: bool) -> None:
        await self._change(user_id, disabled=disabled)

    async def set_totp(self, user_id: int, secret: str | None) -> None:
        await self._change(user_id, totp_secret=secret, totp_step=0)

    async def use_totp_step(self, user_id: int, step: int) -> bool:
        async with self._database.writing() as session:
            used = await session.execute(
                update(UserRow).where(UserRow.user_id == user_id, UserRow.totp_step < step).values(totp_step=step)
            )
            return cast("CursorResult[Any]", used).rowcount == 1

    async def _change(self, user_id: int, **values: object) -> None:
        # Whatever changes how a user logs in ends the logins made before.
        async with self._database.writing() as session:
            await session.execute(update(UserRow).where(UserRow.user_id == user_id).values(**values))
            await session.execute(delete(TokenRow).where(TokenRow.user_id == user_id))


class SqlTokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_token(self, token_hash: bytes, user_id: int, created_at_ms: int, expires_at_ms: int) -> None:
        async with self._database.writing() as session:
            session.add(
                TokenRow(
                    token_hash=token_hash, user_id=user_id, created_at_ms=created_at_ms, expires_at_ms=expires_at_ms
                )
            )

    async def user_of_token(self, token_hash: bytes, now_ms: int) -> tuple[User, int] | None:
        query = (
            select(UserRow, TokenRow.expires_at_ms)
            .join(TokenRow, TokenRow.user_id == UserRow.user_id)
            .where(TokenRow.token_hash == token_hash, TokenRow.expires_at_ms > now_ms, UserRow.disabled.is_(False))
        )
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        return None if found is None else (user_of_row(found[0]), found[1])

    async def remove_token(self, token_hash: bytes) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(TokenRow).where(TokenRow.token_hash == token_hash))

    async def remove_expired_tokens(self, now_ms: int) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(TokenRow).where(TokenRow.expires_at_ms <= now_ms))


def user_of_row(row: UserRow) -> User:
    return User(
        user_id=row.user_id,
        user_name=row.user_name,
        name=row.name,
        staff_number=row.staff_number,
        max_scopes=frozenset(Scope(scope) for scope in row.max_scopes),
        disabled=row.disabled,
        has_totp=row.totp_secret is not None,
        created_at_ms=row.created_at_ms,
    )
