"""A webhook, a message to it, and what their storage does."""

import secrets
from dataclasses import dataclass, field
from typing import Literal, Protocol

from protocol.errors import RefusedError

EventKind = Literal["session.live", "session.ended", "rating.kept"]

MessageKind = Literal["session.live", "session.ended", "rating.kept", "webhook.test"]
"""A test is sent because somebody asked for it, and to nobody who did not."""

DeliveryState = Literal["pending", "delivered", "failed"]

WEBHOOKS_LIMIT = 20


def new_message_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


class WebhookUnknown(RefusedError):
    sentence = "There is no such webhook."


class DeliveryUnknown(RefusedError):
    sentence = "There is no such message of this webhook."


class TooManyWebhooks(RefusedError):
    sentence = "There are {limit} webhooks already. Remove one, then try again."


@dataclass(frozen=True)
class Webhook:
    """`secrets` are those in force, the newest first. `disabled_because` "" while it is told. Times as everywhere."""

    webhook_id: str
    url: str
    events: tuple[EventKind, ...]
    created_at_ms: int
    cursor: int
    secrets: tuple[str, ...] = field(repr=False)
    disabled_because: str = ""


@dataclass(frozen=True)
class Message:
    """`occasion` is what it is about: it makes sure that each is told once."""

    kind: MessageKind
    occasion: str
    body: str


@dataclass(frozen=True)
class Delivery:
    """A message and how far it has come. `answer` is the last try's: a status, or what went wrong."""

    message_id: str
    webhook_id: str
    kind: MessageKind
    body: str
    made_at_ms: int
    state: DeliveryState
    tries: int
    next_try_at_ms: int | None
    answer: str


class WebhookStore(Protocol):
    """Each method returns when its change is on the disk."""

    async def all(self, now_ms: int) -> list[Webhook]: ...

    async def add(self, webhook: Webhook) -> None:
        """Its cursor is set to the newest change: of what was before it is told nothing. Raises TooManyWebhooks."""
        ...

    async def find(self, webhook_id: str, now_ms: int) -> Webhook:
        """Raises WebhookUnknown."""
        ...

    async def remove(self, webhook_id: str) -> None:
        """And its messages. Raises WebhookUnknown."""
        ...

    async def rotate(self, webhook_id: str, secret: str, old_until_ms: int) -> None:
        """Raises WebhookUnknown."""
        ...

    async def disable(self, webhook_id: str, because: str) -> None:
        """ "" as the reason lets it be told again. Raises WebhookUnknown."""
        ...

    async def enqueue(self, webhook_id: str, cursor: int, messages: list[Message], now_ms: int) -> None:
        """The messages that are not there yet, due at once, and the cursor behind them; all of it or nothing."""
        ...

    async def keep_tried(self, tried: Delivery) -> None:
        """One that was sent at once, and is not tried again by itself."""
        ...

    async def due(self, now_ms: int, limit: int) -> list[Delivery]:
        """Of webhooks that are told; the longest due first."""
        ...

    async def next_due_ms(self) -> int | None: ...

    async def tried(self, message_id: str, state: DeliveryState, next_try_at_ms: int | None, answer: str) -> None: ...

    async def deliveries(self, webhook_id: str, before: str, limit: int) -> list[Delivery]:
        """The newest first; `before` is the id where the last page ended, or ""."""
        ...

    async def replay(self, webhook_id: str, message_id: str, now_ms: int) -> None:
        """Due at once, with all its tries before it. Raises DeliveryUnknown."""
        ...

    async def forget(self, before_ms: int) -> None:
        """Messages of before, which are not pending."""
        ...
