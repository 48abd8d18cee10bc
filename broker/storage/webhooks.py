"""WebhookStore of webhooks/, in SQLite."""

from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from broker.sessions.session import Session, SessionRating
from broker.storage.audit_feed import SqlChangedSessions
from broker.storage.tables import SessionRow, WebhookDeliveryRow, WebhookRow
from broker.webhooks.hooks import (
    WEBHOOKS_LIMIT,
    Delivery,
    DeliveryState,
    DeliveryUnknown,
    EventKind,
    Message,
    MessageKind,
    TooManyWebhooks,
    Webhook,
    WebhookUnknown,
    new_message_id,
)
from serving.database import Database
from serving.identity.secret_box import SecretBox


class SqlWebhooks:
    def __init__(self, database: Database, box: SecretBox) -> None:
        self._database = database
        self._box = box

    async def all(self, now_ms: int) -> list[Webhook]:
        async with self._database.reading() as reader:
            rows = await reader.scalars(select(WebhookRow).order_by(WebhookRow.created_at_ms, WebhookRow.webhook_id))
            return [self._webhook(row, now_ms) for row in rows]

    async def find(self, webhook_id: str, now_ms: int) -> Webhook:
        async with self._database.reading() as reader:
            row = await reader.get(WebhookRow, webhook_id)
        if row is None:
            raise WebhookUnknown
        return self._webhook(row, now_ms)

    async def add(self, webhook: Webhook) -> None:
        async with self._database.writing() as session:
            if (await session.scalar(select(func.count()).select_from(WebhookRow)) or 0) >= WEBHOOKS_LIMIT:
                raise TooManyWebhooks(limit=WEBHOOKS_LIMIT)
            newest = await session.scalar(select(func.coalesce(func.max(SessionRow.change), 0)))
            session.add(
                WebhookRow(
                    webhook_id=webhook.webhook_id,
                    url=webhook.url,
                    events=[*webhook.events],
                    created_at_ms=webhook.created_at_ms,
                    cursor=newest,
                    secret=self._box.seal(webhook.secrets[0], webhook.webhook_id),
                    disabled_because="",
                )
            )

    async def remove(self, webhook_id: str) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook_id == webhook_id))
            _found(await session.execute(delete(WebhookRow).where(WebhookRow.webhook_id == webhook_id)))

    async def rotate(self, webhook_id: str, secret: str, old_until_ms: int) -> None:
        async with self._database.writing() as session:
            row = await session.get(WebhookRow, webhook_id)
            if row is None:
                raise WebhookUnknown
            row.old_secret, row.old_until_ms = row.secret, old_until_ms
            row.secret = self._box.seal(secret, webhook_id)

    async def disable(self, webhook_id: str, because: str) -> None:
        async with self._database.writing() as session:
            changed = update(WebhookRow).where(WebhookRow.webhook_id == webhook_id).values(disabled_because=because)
            _found(await session.execute(changed))

    async def enqueue(self, webhook_id: str, cursor: int, messages: list[Message], now_ms: int) -> None:
        async with self._database.writing() as session:
            for message in messages:
                row = insert(WebhookDeliveryRow).values(
                    message_id=new_message_id(),
                    webhook_id=webhook_id,
                    occasion=message.occasion,
                    kind=message.kind,
                    body=message.body,
                    made_at_ms=now_ms,
                    state="pending",
                    next_try_at_ms=now_ms,
                    answer="",
                )
                await session.execute(row.on_conflict_do_nothing(index_elements=["webhook_id", "occasion"]))
            await session.execute(update(WebhookRow).where(WebhookRow.webhook_id == webhook_id).values(cursor=cursor))

    async def keep_tried(self, tried: Delivery) -> None:
        async with self._database.writing() as session:
            await _of(session, tried.webhook_id)  # it may have been removed while it was sent
            session.add(WebhookDeliveryRow(**vars(tried), occasion=tried.message_id))

    async def due(self, now_ms: int, limit: int) -> list[Delivery]:
        query = _waiting().where(WebhookDeliveryRow.next_try_at_ms <= now_ms)
        async with self._database.reading() as reader:
            rows = await reader.scalars(query.order_by(WebhookDeliveryRow.next_try_at_ms).limit(limit))
            return [_delivery(row) for row in rows]

    async def next_due_ms(self) -> int | None:
        async with self._database.reading() as reader:
            return await reader.scalar(select(func.min(_waiting().subquery().c.next_try_at_ms)))

    async def tried(self, message_id: str, state: DeliveryState, next_try_at_ms: int | None, answer: str) -> None:
        values = {"state": state, "next_try_at_ms": next_try_at_ms, "answer": answer}
        async with self._database.writing() as session:
            await session.execute(
                update(WebhookDeliveryRow)
                .where(WebhookDeliveryRow.message_id == message_id)
                .values(**values, tries=WebhookDeliveryRow.tries + 1)
            )

    async def deliveries(self, webhook_id: str, before: str, limit: int) -> list[Delivery]:
        query = select(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook_id == webhook_id)
        async with self._database.reading() as reader:
            await _of(reader, webhook_id)
            if before:
                last = select(WebhookDeliveryRow.number).where(WebhookDeliveryRow.message_id == before)
                query = query.where(WebhookDeliveryRow.number < last.scalar_subquery())
            rows = await reader.scalars(query.order_by(WebhookDeliveryRow.number.desc()).limit(limit))
            return [_delivery(row) for row in rows]

    async def replay(self, webhook_id: str, message_id: str, now_ms: int) -> None:
        async with self._database.writing() as session:
            await _of(session, webhook_id)
            changed = (
                update(WebhookDeliveryRow)
                .where(WebhookDeliveryRow.webhook_id == webhook_id, WebhookDeliveryRow.message_id == message_id)
                .values(state="pending", tries=0, next_try_at_ms=now_ms)
            )
            if not cast("CursorResult[Any]", await session.execute(changed)).rowcount:
                raise DeliveryUnknown

    async def forget(self, before_ms: int) -> None:
        old = delete(WebhookDeliveryRow).where(
            WebhookDeliveryRow.made_at_ms < before_ms, WebhookDeliveryRow.state != "pending"
        )
        async with self._database.writing() as session:
            await session.execute(old)

    async def changed_since(self, cursor: int, limit: int) -> list[tuple[int, Session, SessionRating | None]]:
        """Fulfils `courier.ChangedSince`."""
        found = await SqlChangedSessions(self._database).after(cursor, limit)
        return [(one.change, one.session, one.rating) for one in found]

    def _webhook(self, row: WebhookRow, now_ms: int) -> Webhook:
        sealed = [row.secret]
        if row.old_secret is not None and now_ms < (row.old_until_ms or 0):
            sealed.append(row.old_secret)
        return Webhook(
            webhook_id=row.webhook_id,
            url=row.url,
            events=cast("tuple[EventKind, ...]", tuple(row.events)),
            created_at_ms=row.created_at_ms,
            cursor=row.cursor,
            secrets=tuple(self._box.open(one, row.webhook_id) for one in sealed),
            disabled_because=row.disabled_because,
        )


def _waiting() -> Any:
    told = select(WebhookRow.webhook_id).where(WebhookRow.disabled_because == "")
    return select(WebhookDeliveryRow).where(
        WebhookDeliveryRow.state == "pending", WebhookDeliveryRow.webhook_id.in_(told)
    )


async def _of(reader: AsyncSession, webhook_id: str) -> None:
    if await reader.get(WebhookRow, webhook_id) is None:
        raise WebhookUnknown


def _found(result: Any) -> None:
    if not cast("CursorResult[Any]", result).rowcount:
        raise WebhookUnknown


def _delivery(row: WebhookDeliveryRow) -> Delivery:
    return Delivery(
        message_id=row.message_id,
        webhook_id=row.webhook_id,
        kind=cast("MessageKind", row.kind),
        body=row.body,
        made_at_ms=row.made_at_ms,
        state=cast("DeliveryState", row.state),
        tries=row.tries,
        next_try_at_ms=row.next_try_at_ms,
        answer=row.answer,
    )
