"""Webhooks, for administrators: who is told of sessions and ratings, and what became of each message.

GET    /v1/webhooks                                       all of them; their secrets are never shown again
POST   /v1/webhooks                                       adds one, and answers with its secret, once
DELETE /v1/webhooks/{id}
POST   /v1/webhooks/{id}/secret                           a new secret; the one of before signs along for a day
POST   /v1/webhooks/{id}/pause                            tells it nothing until it is enabled
POST   /v1/webhooks/{id}/enable                           tells one again that was paused, or disabled itself
POST   /v1/webhooks/{id}/test                             sends a message that says nothing, now, and what came of it
GET    /v1/webhooks/{id}/deliveries                       messages, page by page
POST   /v1/webhooks/{id}/deliveries/{message_id}/replay   once more, now
"""

import secrets
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, Field, StringConstraints

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.organisation.people import Permission
from broker.webhooks.hooks import Delivery, DeliveryState, EventKind, MessageKind, Webhook
from broker.webhooks.sender import URL_LIMIT_CHARACTERS
from broker.webhooks.signing import ROTATION_MS, new_secret
from serving.http.encoding import Strict
from serving.http.problems import language_of
from serving.identity_api.account import note
from wording import Wording

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/v1/webhooks", dependencies=[needs(Permission.WEBHOOKS)])

PAGE_LIMIT_DELIVERIES = 200

WebhookId = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$")]
MessageId = Annotated[str, PathParameter(pattern=r"^msg_[0-9a-f]{32}$")]


class WebhookBody(Strict):
    """`url` begins with https:// and leads to a public address, unless the broker's settings allow others."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=URL_LIMIT_CHARACTERS)]
    events: Annotated[list[EventKind], Field(min_length=1, max_length=3)]


class WebhookEntry(BaseModel):
    """`disabled_because` is empty while it is told; `gone`: its other end has answered 410; `paused`: by a person."""

    webhook_id: str
    url: str
    events: list[EventKind]
    created_at_ms: int
    disabled_because: str


class WebhooksAnswer(BaseModel):
    webhooks: list[WebhookEntry]


class WebhookAnswer(WebhookEntry):
    """`secret` is shown here and never again."""

    secret: str


class SecretAnswer(BaseModel):
    """Signs from now on; the secret of before signs along until then."""

    secret: str
    old_until_ms: int


class DeliveryEntry(BaseModel):
    """`answer` is that of the last try; `next_try_at_ms` null: it is not tried again by itself."""

    message_id: str
    kind: MessageKind
    made_at_ms: int
    state: DeliveryState
    tries: int
    next_try_at_ms: int | None
    answer: str
    body: str


class DeliveriesAnswer(BaseModel):
    """The newest first. `before` asks for the next page; null: there is none."""

    deliveries: list[DeliveryEntry]
    before: str | None


@router.get("")
async def webhooks(services: TheServices) -> WebhooksAnswer:
    """All webhooks, without their secrets."""
    found = await services.webhooks.all(services.clock.unix_ms())
    return WebhooksAnswer(webhooks=[_facts(one) for one in found])


@router.post("", status_code=201)
async def add_webhook(body: WebhookBody, caller: TheCaller, request: Request, services: TheServices) -> WebhookAnswer:
    """Adds a webhook. It is told of what happens from now on."""
    services.webhook_sender.check(body.url)
    webhook = Webhook(
        webhook_id=secrets.token_hex(16),
        url=body.url,
        events=tuple(dict.fromkeys(body.events)),
        created_at_ms=services.clock.unix_ms(),
        cursor=0,
        secrets=(new_secret(),),
    )
    await services.webhooks.add(webhook)
    # The host alone: other systems put their secrets into the path.
    host = urlsplit(webhook.url).hostname or ""
    await note(
        services, request, "webhook_added", caller,
        webhook=webhook.webhook_id, host=host, hears=", ".join(webhook.events),
    )  # fmt: skip
    return WebhookAnswer(**_facts(webhook).model_dump(), secret=webhook.secrets[0])


@router.delete("/{webhook_id}", status_code=204)
async def remove_webhook(webhook_id: WebhookId, caller: TheCaller, request: Request, services: TheServices) -> None:
    """Removes a webhook and its messages."""
    await services.webhooks.remove(webhook_id)
    await note(services, request, "webhook_removed", caller, webhook=webhook_id)


@router.post("/{webhook_id}/secret")
async def rotate_secret(
    webhook_id: WebhookId, caller: TheCaller, request: Request, services: TheServices
) -> SecretAnswer:
    """Makes a new secret. For a day messages are signed with both, so that the other end can change in its own time."""
    secret, until_ms = new_secret(), services.clock.unix_ms() + ROTATION_MS
    await services.webhooks.rotate(webhook_id, secret, until_ms)
    await note(services, request, "webhook_changed", caller, webhook=webhook_id, change="new-secret")
    return SecretAnswer(secret=secret, old_until_ms=until_ms)


@router.post("/{webhook_id}/pause", status_code=204)
async def pause_webhook(webhook_id: WebhookId, caller: TheCaller, request: Request, services: TheServices) -> None:
    """Tells a webhook nothing until it is enabled. What happens meanwhile waits for it."""
    await services.webhooks.disable(webhook_id, "paused")
    await note(services, request, "webhook_changed", caller, webhook=webhook_id, change="paused")


@router.post("/{webhook_id}/enable", status_code=204)
async def enable_webhook(webhook_id: WebhookId, caller: TheCaller, request: Request, services: TheServices) -> None:
    """Tells a webhook again that was paused or disabled, of everything that has waited."""
    await services.webhooks.disable(webhook_id, "")
    services.courier.wake()
    await note(services, request, "webhook_changed", caller, webhook=webhook_id, change="enabled")


@router.post("/{webhook_id}/test")
async def test_webhook(
    webhook_id: WebhookId, caller: TheCaller, request: Request, services: TheServices
) -> DeliveryEntry:
    """Sends a signed message of the kind `webhook.test`, once, and answers with what came of it."""
    tried = await services.courier.test(webhook_id)
    log.info("webhook_tested", webhook=webhook_id, state=tried.state, by=caller.user.user_name)
    return _entry(tried, request)


@router.get("/{webhook_id}/deliveries")
async def deliveries(
    webhook_id: WebhookId,
    request: Request,
    services: TheServices,
    before: Annotated[str, Query(pattern=r"^(msg_[0-9a-f]{32})?$")] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT_DELIVERIES)] = 50,
) -> DeliveriesAnswer:
    """What a webhook was told in the last thirty days, and what became of it."""
    found = await services.webhooks.deliveries(webhook_id, before, limit + 1)
    page = found[:limit]
    return DeliveriesAnswer(
        deliveries=[_entry(one, request) for one in page], before=page[-1].message_id if len(found) > limit else None
    )


@router.post("/{webhook_id}/deliveries/{message_id}/replay", status_code=204)
async def replay_delivery(
    webhook_id: WebhookId, message_id: MessageId, caller: TheCaller, services: TheServices
) -> None:
    """Sends a message once more, under the same `webhook-id`, and as often as a new one if it fails."""
    await services.webhooks.replay(webhook_id, message_id, services.clock.unix_ms())
    services.courier.wake()
    log.info("webhook_replayed", webhook=webhook_id, message=message_id, by=caller.user.user_name)


def _facts(webhook: Webhook) -> WebhookEntry:
    return WebhookEntry(
        webhook_id=webhook.webhook_id,
        url=webhook.url,
        events=[*webhook.events],
        created_at_ms=webhook.created_at_ms,
        disabled_because=webhook.disabled_because,
    )


def _entry(one: Delivery, request: Request) -> DeliveryEntry:
    return DeliveryEntry(
        message_id=one.message_id,
        kind=one.kind,
        made_at_ms=one.made_at_ms,
        state=one.state,
        tries=one.tries,
        next_try_at_ms=one.next_try_at_ms,
        answer=Wording(language_of(request)).say_detail(one.answer),
        body=one.body,
    )
