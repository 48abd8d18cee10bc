"""UserStore and TokenStore in a SQL database, for whatever kind of user a server has."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from serving.database import Database
from serving.identity.secret_box import SecretBox
from serving.identity.tables import (
    ApiTokenColumns,
    EventColumns,
    PasskeyColumns,
    ProviderPersonColumns,
    RecoveryCodeColumns,
    TokenColumns,
    UserColumns,
)
from serving.identity.tokens import REPLACED_GOOD_FOR_MS, LoginFacts, LoginMethod
from serving.identity.users import ChangedMeanwhile, Credentials, User, UserExists

U = TypeVar("U", bound=User)

PARAMETERS_AT_ONCE = 500
"""SQLite allows only so many in one statement."""


@dataclass(frozen=True)
class UserTables(Generic[U]):
    """Where a server keeps its people: its tables, and how a row of the first becomes a user."""

    users: type[UserColumns]
    tokens: type[TokenColumns]
    api_tokens: type[ApiTokenColumns]
    recovery_codes: type[RecoveryCodeColumns]
    events: type[EventColumns]
    passkeys: type[PasskeyColumns]
    provider_people: type[ProviderPersonColumns]
    read: Callable[[Any], U]


class SqlUsers(Generic[U]):
    """Adding a user is each server's own: it knows what else there is to say about one."""

    def __init__(self, database: Database, tables: UserTables[U], box: SecretBox | None = None) -> None:
        """One-time numbers' secrets are sealed in `box`; without one they are kept as they are."""
        self._database = database
        self._tables = tables
        self._box = box

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
        secret = self._opened(row.totp_secret, row.user_name)
        return self._tables.read(row), Credentials(row.password_hash, secret, row.totp_step)

    async def set_password(self, user_id: int, password_hash: str, *, keep: bytes | None = None) -> None:
        await self._change(user_id, keep=keep, password_hash=password_hash)

    async def set_disabled(self, user_id: int, disabled: bool) -> None:
        await self._change(user_id, disabled=disabled)

    async def set_totp(self, user_id: int, secret: str | None, *, keep: bytes | None = None) -> None:
        async with self._database.reading() as session:
            user_name = (await session.get_one(self._tables.users, user_id)).user_name
        await self._change(user_id, keep=keep, totp_secret=self._sealed(secret, user_name), totp_step=0)

    async def seal_secrets(self) -> int:
        """Those that an earlier version kept in the open; answers how many there were."""
        rows, box = self._tables.users, self._box
        if box is None:
            return 0
        async with self._database.writing() as session:
            found = await session.scalars(select(rows).where(rows.totp_secret.is_not(None)))
            open_ones = [row for row in found if row.totp_secret and not box.is_sealed(row.totp_secret)]
            for row in open_ones:
                row.totp_secret = self._sealed(row.totp_secret, row.user_name)
        return len(open_ones)

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

    async def _change(
        self, user_id: int, *, if_version: int | None = None, keep: bytes | None = None, **values: object
    ) -> None:
        """`keep` is the hash of the login that goes on. Raises ChangedMeanwhile if another version is there."""
        # Whatever changes how a user logs in ends the logins made before. They are marked, not deleted: a broker that
        # runs beside this finds out by that mark whose connections it has to cut.
        tokens = self._tables.tokens
        async with self._database.writing() as session:
            await self._put(session, user_id, if_version, values)
            kept = family_of(tokens, keep or b"")
            others = update(tokens).where(tokens.user_id == user_id, tokens.family.not_in(kept))
            await session.execute(others.values(revoked=True))

    async def _put(
        self, session: AsyncSession, user_id: int, if_version: int | None, values: Mapping[str, object]
    ) -> UserColumns:
        row = await session.get_one(self._tables.users, user_id)
        if if_version is not None and row.version != if_version:
            raise ChangedMeanwhile(user_name=row.user_name)
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        return row

    def _sealed(self, secret: str | None, user_name: str) -> str | None:
        return secret if secret is None or self._box is None else self._box.seal(secret, user_name)

    def _opened(self, secret: str | None, user_name: str) -> str | None:
        return secret if secret is None or self._box is None else self._box.open(secret, user_name)


def family_of(tokens: type[TokenColumns], token_hash: bytes) -> Select[bytes]:
    """Nothing, if there is no such login."""
    return select(tokens.family).where(tokens.token_hash == token_hash)


class SqlTokens(Generic[U]):
    def __init__(self, database: Database, tables: UserTables[U]) -> None:
        self._database = database
        self._tables = tables

    async def add_token(self, facts: LoginFacts, former: bytes | None) -> None:
        tokens = self._tables.tokens
        async with self._database.writing() as session:
            # Also of one that has ended by itself: what was begun under it still goes on under the same person.
            same = family_of(tokens, former or b"").where(tokens.user_id == facts.user_id, tokens.revoked.is_(False))
            family = await session.scalar(same)
            if family is not None:
                replaced = update(tokens).where(tokens.family == family, tokens.replaced_at_ms.is_(None))
                await session.execute(replaced.values(replaced_at_ms=facts.created_at_ms))
            await session.execute(insert(tokens).values(**vars(facts), family=family or facts.token_hash))

    async def user_of_token(self, token_hash: bytes, now_ms: int) -> tuple[U, LoginFacts] | None:
        users, tokens = self._tables.users, self._tables.tokens
        query = (
            select(users, tokens)
            .join(tokens, tokens.user_id == users.user_id)
            .where(
                tokens.token_hash == token_hash,
                *self._open(now_ms),
                or_(tokens.replaced_at_ms.is_(None), tokens.replaced_at_ms > now_ms - REPLACED_GOOD_FOR_MS),
                users.disabled.is_(False),
            )
        )
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        return None if found is None else (self._tables.read(found[0]), _facts(found[1]))

    async def used(self, token_hash: bytes, now_ms: int, address: str) -> None:
        tokens = self._tables.tokens
        async with self._database.writing() as session:
            await session.execute(
                update(tokens).where(tokens.token_hash == token_hash).values(last_used_at_ms=now_ms, address=address)
            )

    async def logins_of(self, user_id: int, now_ms: int) -> list[LoginFacts]:
        tokens = self._tables.tokens
        query = (
            select(tokens)
            .where(tokens.user_id == user_id, *self._open(now_ms), tokens.replaced_at_ms.is_(None))
            .order_by(tokens.last_used_at_ms.desc(), tokens.created_at_ms.desc())
        )
        async with self._database.reading() as session:
            return [_facts(row) for row in await session.scalars(query)]

    async def revoke(self, user_id: int, token_hash: bytes | None = None) -> list[bytes]:
        tokens = self._tables.tokens
        chosen = [tokens.user_id == user_id, tokens.revoked.is_(False)]
        if token_hash is not None:
            chosen.append(tokens.family.in_(family_of(tokens, token_hash)))
        standing = select(tokens.token_hash).where(*chosen, tokens.replaced_at_ms.is_(None))
        async with self._database.writing() as session:
            ended = list(await session.scalars(standing))
            await session.execute(update(tokens).where(*chosen).values(revoked=True))
        return ended

    async def revoked_among(self, token_hashes: Collection[bytes]) -> set[bytes]:
        tokens, asked = self._tables.tokens, list(token_hashes)
        found: set[bytes] = set()
        async with self._database.reading() as session:
            for start in range(0, len(asked), PARAMETERS_AT_ONCE):
                some = asked[start : start + PARAMETERS_AT_ONCE]
                query = select(tokens.token_hash).where(tokens.token_hash.in_(some), tokens.revoked.is_(True))
                found |= set(await session.scalars(query))
        return found

    def _open(self, now_ms: int) -> list[ColumnElement[bool]]:
        tokens = self._tables.tokens
        return [tokens.expires_at_ms > now_ms, tokens.revoked.is_(False)]

    async def remove_token(self, token_hash: bytes) -> None:
        tokens = self._tables.tokens
        async with self._database.writing() as session:
            # Those that it replaced opened nothing any more, and open nothing now: what goes on under them can be cut.
            former = update(tokens).where(tokens.family.in_(family_of(tokens, token_hash)))
            await session.execute(former.where(tokens.replaced_at_ms.is_not(None)).values(replaced_at_ms=0))
            await session.execute(delete(tokens).where(tokens.token_hash == token_hash))

    async def remove_expired_tokens(self, now_ms: int) -> None:
        tokens = self._tables.tokens
        async with self._database.writing() as session:
            await session.execute(delete(tokens).where(tokens.expires_at_ms <= now_ms))


def _facts(row: TokenColumns) -> LoginFacts:
    return LoginFacts(
        token_hash=row.token_hash,
        user_id=row.user_id,
        method=cast("LoginMethod", row.method),
        device=row.device,
        address=row.address,
        created_at_ms=row.created_at_ms,
        last_used_at_ms=row.last_used_at_ms or row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
    )
