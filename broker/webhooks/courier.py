"""Finds what webhooks are to be told, and delivers what is due, until the broker stops."""

import asyncio
import http.client
import random
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from broker.sessions.session import Session, SessionRating
from broker.webhooks.hooks import Delivery, DeliveryState, Webhook, WebhookStore, new_message_id
from broker.webhooks.messages import messages_of, test_message
from broker.webhooks.sender import AT_ONCE, Sender, WebhookAddressUnusable
from broker.webhooks.signing import headers, next_try_ms
from protocol.details import system_reason
from serving.clock import Clock

log = structlog.get_logger(__name__)

PAGE_SESSIONS = 100
LOOK_AGAIN_SECONDS = 60.0
KEEP_MS = 30 * 24 * 3600 * 1000
"""Messages that were delivered or given up are kept so long, for whoever wants to know or to have them again."""

GONE = 410

ChangedSince = Callable[[int, int], Awaitable[list[tuple[int, Session, SessionRating | None]]]]
"""`(cursor, limit)`: sessions that changed after that, in the order of their changes, each with its change."""


class Courier:
    """One task for all webhooks; `wake` it when a session has changed."""

    def __init__(
        self,
        store: WebhookStore,
        changed_since: ChangedSince,
        sender: Sender,
        clock: Clock,
        *,
        count: Callable[[str], None] = lambda _: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`count` hears of each try: `delivered`, `failed`, `given-up`."""
        self._store = store
        self._changed_since = changed_since
        self._sender = sender
        self._clock = clock
        self._count = count
        self._jitter = jitter
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something changed, or somebody asked for a message again."""
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.round()
                pause_seconds = await self._pause_seconds()
            except SQLAlchemyError:
                log.exception("webhooks_failed")
                pause_seconds = LOOK_AGAIN_SECONDS
            try:
                async with asyncio.timeout(pause_seconds):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def round(self) -> None:
        """Everything that is to be done now."""
        now_ms = self._clock.unix_ms()
        hooks = {hook.webhook_id: hook for hook in await self._store.all(now_ms)}
        for hook in hooks.values():
            await self._collect(hook)
        await self._store.forget(now_ms - KEEP_MS)
        while due := await self._store.due(self._clock.unix_ms(), AT_ONCE):
            await asyncio.gather(*(self._deliver(hooks[one.webhook_id], one) for one in due if one.webhook_id in hooks))
            if any(one.webhook_id not in hooks for one in due):
                return  # a webhook that was just added; the next round knows it

    async def _collect(self, hook: Webhook) -> None:
        cursor = hook.cursor
        while changed := await self._changed_since(cursor, PAGE_SESSIONS):
            cursor = changed[-1][0]
            messages = [
                message
                for _, session, rating in changed
                for message in messages_of(session, rating)
                if message.kind in hook.events
            ]
            await self._store.enqueue(hook.webhook_id, cursor, messages, self._clock.unix_ms())

    async def test(self, webhook_id: str) -> Delivery:
        """Sends a message that says nothing, once, also to a webhook that is paused. Raises WebhookUnknown."""
        now_ms = self._clock.unix_ms()
        hook = await self._store.find(webhook_id, now_ms)
        message, message_id = test_message(webhook_id, now_ms), new_message_id()
        status, answer = await self._send(hook, message_id, message.body)
        state: DeliveryState = "delivered" if 200 <= status < 300 else "failed"
        tried = Delivery(message_id, webhook_id, message.kind, message.body, now_ms, state, 1, None, answer)
        await self._store.keep_tried(tried)
        return tried

    async def _send(self, hook: Webhook, message_id: str, text: str) -> tuple[int, str]:
        """One try: the status of the answer, 0 where there was none, and what is kept of it."""
        body = text.encode()
        signed = headers(message_id, self._clock.unix_ms(), body, *hook.secrets)
        status = 0
        try:
            status = await self._sender.post(hook.url, signed, body)
            answer = f"HTTP {status}"
        except WebhookAddressUnusable as error:
            answer = str(error)
        except (OSError, http.client.HTTPException) as error:
            answer = system_reason(error, "its answer is not HTTP")
        return status, answer[:200]

    async def _deliver(self, hook: Webhook, one: Delivery) -> None:
        status, answer = await self._send(hook, one.message_id, one.body)
        if 200 <= status < 300:
            self._count("delivered")
            await self._store.tried(one.message_id, "delivered", None, answer)
            return
        again_ms = next_try_ms(one.tries + 1, self._clock.unix_ms(), self._jitter())
        self._count("failed" if again_ms is not None else "given-up")
        log.info("webhook_not_delivered", webhook=hook.webhook_id, message=one.message_id, answer=answer)
        await self._store.tried(one.message_id, "failed" if again_ms is None else "pending", again_ms, answer)
        if status == GONE:
            await self._store.disable(hook.webhook_id, "gone")

    async def _pause_seconds(self) -> float:
        due_ms = await self._store.next_due_ms()
        if due_ms is None:
            return LOOK_AGAIN_SECONDS
        return min(LOOK_AGAIN_SECONDS, max(0.05, (due_ms - self._clock.unix_ms()) / 1000))
