"""Webhooks over the broker's API, for administrators."""

from enum import StrEnum
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct

from protocol.details import Detail
from protocol.errors import InputError, PeerError
from tunnel.json_api import JsonApi

T = TypeVar("T")

WebhookId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
MessageId = Annotated[str, Meta(pattern="^msg_[0-9a-f]{32}$")]
Act = Literal["pause", "enable"]


class HookEvent(StrEnum):
    """What a webhook can be told of."""

    SESSION_LIVE = "session.live"
    SESSION_ENDED = "session.ended"
    RATING_KEPT = "rating.kept"


class WebhookUnclear(InputError):
    sentence = "{count} webhooks begin with {text}. `consentry webhooks list` shows them; give enough to name one."


class WebhookEntry(Struct, frozen=True):
    """`disabled_because` is empty while it is told."""

    webhook_id: WebhookId
    url: str
    events: list[str]
    created_at_ms: int
    disabled_because: str


class MadeWebhook(WebhookEntry, frozen=True):
    """`secret` is shown here and never again."""

    secret: str


class NewSecret(Struct, frozen=True):
    """The secret of before signs along until `old_until_ms`."""

    secret: str
    old_until_ms: int


class DeliveryEntry(Struct, frozen=True):
    """`answer` is that of the last try; `next_try_at_ms` None: it is not tried again by itself."""

    message_id: MessageId
    kind: str
    made_at_ms: int
    state: str
    tries: int
    next_try_at_ms: int | None
    answer: str
    body: str


class _Webhooks(Struct, frozen=True):
    webhooks: list[WebhookEntry]


class _Deliveries(Struct, frozen=True):
    deliveries: list[DeliveryEntry]


class Webhooks:
    """One broker, asked by one person. Every method raises what `JsonApi` does; `beginning` is of a webhook's number,
    and WebhookUnclear is raised where it names none or several."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    def all(self) -> list[WebhookEntry]:
        return _read(self._api.get("/v1/webhooks"), _Webhooks).webhooks

    def add(self, url: str, events: list[HookEvent]) -> MadeWebhook:
        return _read(self._api.post("/v1/webhooks", {"url": url, "events": events}), MadeWebhook)

    def remove(self, beginning: str) -> WebhookEntry:
        one = self._one(beginning)
        self._api.delete(f"/v1/webhooks/{one.webhook_id}")
        return one

    def act(self, beginning: str, act: Act) -> WebhookEntry:
        one = self._one(beginning)
        self._api.post(f"/v1/webhooks/{one.webhook_id}/{act}", {})
        return one

    def new_secret(self, beginning: str) -> NewSecret:
        return _read(self._api.post(f"/v1/webhooks/{self._one(beginning).webhook_id}/secret", {}), NewSecret)

    def test(self, beginning: str) -> DeliveryEntry:
        return _read(self._api.post(f"/v1/webhooks/{self._one(beginning).webhook_id}/test", {}), DeliveryEntry)

    def deliveries(self, beginning: str, limit: int) -> list[DeliveryEntry]:
        """The newest first."""
        path = f"/v1/webhooks/{self._one(beginning).webhook_id}/deliveries?{urlencode({'limit': limit})}"
        return _read(self._api.get(path), _Deliveries).deliveries

    def replay(self, beginning: str, message_id: str) -> None:
        whole = _read(message_id.strip(), MessageId)
        self._api.post(f"/v1/webhooks/{self._one(beginning).webhook_id}/deliveries/{whole}/replay", {})

    def _one(self, beginning: str) -> WebhookEntry:
        wanted = beginning.strip().lower()
        found = [one for one in self.all() if wanted and one.webhook_id.startswith(wanted)]
        if len(found) != 1:
            raise WebhookUnclear(count=len(found), text=beginning)
        return found[0]


def _read(answer: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("an answer about webhooks that makes no sense ({error})", error=error)) from None
