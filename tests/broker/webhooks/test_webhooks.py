"""Other systems are told of sessions and ratings: signed, until they have taken it, and nobody inside the house."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from broker.sessions.session import Participation, Session, SessionRating
from broker.storage import MIGRATIONS
from broker.storage.sessions import SqlSessions
from broker.storage.webhooks import SqlWebhooks
from broker.webhooks.courier import KEEP_MS, Courier
from broker.webhooks.hooks import WEBHOOKS_LIMIT, DeliveryUnknown, TooManyWebhooks, Webhook, WebhookUnknown
from broker.webhooks.sender import Sender, WebhookAddressUnusable
from broker.webhooks.signing import RETRY_SECONDS, ROTATION_MS, SecretUnusable, new_secret, next_try_ms, sign
from serving.database import Database, open_database
from serving.identity.secret_box import load_secret_box
from tests.broker.harness import FakeClock, RunningBroker, add_user, found, make_settings, running
from tests.helpers.waiting import PATIENCE_SECONDS, until


@dataclass
class Receiver:
    """A system that is told; answers what the test wants."""

    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?from=consentry"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.heard.append(({**headers, ":line": lines[0]}, body))
        writer.write(f"HTTP/1.1 {self.status} Whatever\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


@dataclass
class House:
    database: Database
    store: SqlWebhooks
    sessions: SqlSessions
    clock: FakeClock
    receiver: Receiver
    counted: list[str] = field(default_factory=list)

    def courier(self) -> Courier:
        """A new one is what a restart makes."""
        sender = Sender(private_networks=True)
        return Courier(
            self.store, self.store.changed_since, sender, self.clock, count=self.counted.append, jitter=lambda: 0.5
        )

    async def hook(self, *events: Any, number: int = 1) -> Webhook:
        webhook = Webhook(
            f"{number:032x}", self.receiver.url, events or ("session.live", "session.ended", "rating.kept"),
            self.clock.now_ms, 0, (new_secret(),),
        )  # fmt: skip
        await self.store.add(webhook)
        return webhook

    async def session(self, number: int) -> bytes:
        """One that was live, has ended and was rated."""
        session_id = number.to_bytes(16, "big")
        await self.sessions.add(Session(session_id, bytes(32), bytes(32), "en", self.clock.now_ms))
        await self.sessions.add_participant(session_id, Participation(1, 1, "Wei Example", "E-1", self.clock.now_ms))
        await self.sessions.end(session_id, "engineer-ended", 7, self.clock.now_ms + 60_000)
        rating = SessionRating(5, True, "a word that stays here", self.clock.now_ms + 61_000)
        await self.sessions.keep_rating(session_id, rating, bytes(64))
        return session_id


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    settings = make_settings(tmp_path / "data")
    found(settings)
    await add_user(settings)
    database = await open_database(settings.database_file, MIGRATIONS)
    store = SqlWebhooks(database, load_secret_box(settings.data_folder / "organisation" / "identity.key"))
    async with receiving() as receiver:
        yield House(database, store, SqlSessions(database), FakeClock(), receiver)
    await database.aclose()


def is_signed(webhook: Webhook, headers: dict[str, str], body: bytes, *, secret: str = "") -> bool:
    """As any library of Standard Webhooks checks it."""
    key = base64.b64decode((secret or webhook.secrets[0]).removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return any(one == f"v1,{expected}" for one in headers["webhook-signature"].split(" "))


async def test_each_event_is_told_once_and_signed(house: House) -> None:
    """What an operator's system needs, and no name, note or word of a customer's."""
    webhook = await house.hook()
    session_id = await house.session(1)
    await house.courier().round()
    told = [json.loads(body) for _, body in house.receiver.heard]
    assert sorted(one["type"] for one in told) == ["rating.kept", "session.ended", "session.live"]
    assert {one["data"]["session_id"] for one in told} == {session_id.hex()}
    assert all(is_signed(webhook, headers, body) for headers, body in house.receiver.heard)
    headers, _ = house.receiver.heard[0]
    assert headers[":line"] == "POST /hooks?from=consentry HTTP/1.1"
    assert int(headers["webhook-timestamp"]) == house.clock.now_ms // 1000
    everything = b"".join(body for _, body in house.receiver.heard)
    assert b"Wei" not in everything
    assert b"word" not in everything
    await house.courier().round()
    assert len(house.receiver.heard) == 3
    assert house.counted == 3 * ["delivered"]


async def test_only_what_was_asked_for_and_only_from_then_on(house: House) -> None:
    """Sessions of before the webhook are not news to it."""
    await house.session(1)
    await house.hook("session.ended")
    await house.session(2)
    await house.courier().round()
    (told,) = [json.loads(body) for _, body in house.receiver.heard]
    assert (told["type"], told["data"]["session_id"]) == ("session.ended", (2).to_bytes(16, "big").hex())
    assert told["data"]["end_reason"] == "engineer-ended"


async def test_what_is_not_taken_is_tried_again_also_after_a_restart(house: House) -> None:
    """In longer and longer steps, with the same id and body and a new time, until it is given up."""
    webhook = await house.hook("session.ended")
    await house.session(1)
    house.receiver.status = 500
    await house.courier().round()
    for seconds in RETRY_SECONDS:
        before = len(house.receiver.heard)
        house.clock.advance(seconds * 1000 - 1)
        await house.courier().round()
        assert len(house.receiver.heard) == before
        house.clock.advance(1)
        await house.courier().round()
        assert len(house.receiver.heard) == before + 1
    assert len({headers["webhook-id"] for headers, _ in house.receiver.heard}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in house.receiver.heard}) == 1 + len(RETRY_SECONDS)
    assert all(is_signed(webhook, headers, body) for headers, body in house.receiver.heard)
    (kept,) = await house.store.deliveries(webhook.webhook_id, "", 10)
    assert (kept.state, kept.tries, kept.answer, kept.next_try_at_ms) == ("failed", 11, "HTTP 500", None)
    # An administrator has it sent again once the other end is well.
    house.receiver.status = 200
    await house.store.replay(webhook.webhook_id, kept.message_id, house.clock.now_ms)
    await house.courier().round()
    (kept,) = await house.store.deliveries(webhook.webhook_id, "", 10)
    assert (kept.state, kept.tries) == ("delivered", 1)
    house.clock.advance(KEEP_MS + 1)
    await house.courier().round()
    assert await house.store.deliveries(webhook.webhook_id, "", 10) == []


async def test_who_is_gone_is_told_no_more(house: House) -> None:
    """410 disables a webhook; enabled again, it gets what has waited."""
    webhook = await house.hook("session.ended")
    await house.session(1)
    house.receiver.status = 410
    await house.courier().round()
    await house.session(2)
    house.clock.advance(3600_000)
    await house.courier().round()
    assert len(house.receiver.heard) == 1
    (found,) = await house.store.all(house.clock.now_ms)
    assert found.disabled_because == "gone"
    house.receiver.status = 204
    await house.store.disable(webhook.webhook_id, "")
    await house.courier().round()
    assert len(house.receiver.heard) == 3


async def test_a_test_is_sent_once_and_also_to_one_that_is_paused(house: House) -> None:
    """Signed like everything else, kept with what came of it, and never tried again by itself."""
    webhook = await house.hook("session.ended")
    await house.store.disable(webhook.webhook_id, "paused")
    tried = await house.courier().test(webhook.webhook_id)
    assert (tried.state, tried.answer) == ("delivered", "HTTP 204")
    house.receiver.status = 500
    tried = await house.courier().test(webhook.webhook_id)
    assert (tried.state, tried.answer, tried.next_try_at_ms) == ("failed", "HTTP 500", None)
    house.clock.advance(3600_000)
    await house.courier().round()
    assert len(house.receiver.heard) == 2
    assert all(is_signed(webhook, headers, body) for headers, body in house.receiver.heard)
    assert {json.loads(body)["type"] for _, body in house.receiver.heard} == {"webhook.test"}
    kept = await house.store.deliveries(webhook.webhook_id, "", 10)
    assert [(one.kind, one.state, one.tries) for one in kept] == [
        ("webhook.test", "failed", 1), ("webhook.test", "delivered", 1)
    ]  # fmt: skip
    with pytest.raises(WebhookUnknown):
        await house.courier().test("none")


async def test_a_secret_is_changed_without_losing_a_message(house: House) -> None:
    """For a day both sign; then the new one alone. In the database they lie sealed."""
    webhook = await house.hook("session.ended")
    newer = new_secret()
    await house.store.rotate(webhook.webhook_id, newer, house.clock.now_ms + ROTATION_MS)
    await house.session(1)
    await house.courier().round()
    headers, body = house.receiver.heard[-1]
    assert is_signed(webhook, headers, body)
    assert is_signed(webhook, headers, body, secret=newer)
    house.clock.advance(ROTATION_MS)
    await house.session(2)
    await house.courier().round()
    headers, body = house.receiver.heard[-1]
    assert not is_signed(webhook, headers, body)
    assert is_signed(webhook, headers, body, secret=newer)
    await house.database.aclose()
    raw = b"".join(path.read_bytes() for path in house.database.path.parent.glob("broker.sqlite3*"))
    assert newer.encode() not in raw
    assert webhook.secrets[0].encode() not in raw


async def test_there_are_not_any_number_of_them(house: House) -> None:
    for number in range(WEBHOOKS_LIMIT):
        await house.hook(number=number)
    with pytest.raises(TooManyWebhooks):
        await house.hook(number=99)
    await house.store.remove(f"{0:032x}")
    for acting in (house.store.remove(f"{0:032x}"), house.store.rotate("x", "y", 1), house.store.disable("x", "")):
        with pytest.raises(WebhookUnknown):
            await acting
    with pytest.raises(DeliveryUnknown):
        await house.store.replay(f"{1:032x}", "msg_none", 1)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3", "https://[::1]:8443", "https://169.254.169.254/latest",
     "https://192.168.1.1", "https://[fe80::1%25eth0]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0", "https://224.0.0.1",
     "https://[64:ff9b::a9fe:a9fe]", "https://[64:ff9b::7f00:1]", "https://[64:ff9b:1::a00:1]", "https://[2002:7f00:1::]",
     "https://[::127.0.0.1]", "https://[::ffff:0:127.0.0.1]", "https://[fec0::1]", "https://2130706433", "https://0x7f.1",
     "http://example.org", "ftp://example.org", "https://", "https://user:word@example.org", "https://example.org/#x",
     "https://exämple.org", "https://example.org:0", "https://example.org:99999", "https://[", "javascript:alert(1)"],
)  # fmt: skip
async def test_nobody_inside_the_house_is_asked(url: str) -> None:
    """Neither by an address nor by a name that stands for one; and only over TLS."""
    with pytest.raises(WebhookAddressUnusable):
        await Sender(private_networks=False).post(url, {}, b"{}")


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8", "https://[2606:4700::1111]", "https://[64:ff9b::808:808]", "https://example.org"]
)
def test_whoever_is_out_in_the_world_may_be_asked(url: str) -> None:
    """Also over a translator that takes those who have IPv6 alone to IPv4."""
    Sender(private_networks=False).check(url)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_whoever_answers_byte_by_byte_is_cut_off(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """The whole exchange has its time, not each byte, also that of TLS; and the thread is free again."""
    is_asked, hung_up = asyncio.Event(), asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_asked.set()
        writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: " if scheme == "http" else b"\x16\x03\x03\x01\x00")
        while await reader.read(65536):
            pass
        hung_up.set()
        writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    sender = Sender(private_networks=True)
    for seconds in (0.5, 5.0, 50.0):  # the first in which a machine this busy gets there
        monkeypatch.setattr("broker.webhooks.sender.REQUEST_SECONDS", seconds)
        with pytest.raises(TimeoutError):
            await sender.post(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/", {}, b"{}")
        if is_asked.is_set():
            break
    await asyncio.wait_for(hung_up.wait(), PATIENCE_SECONDS)
    sender.close()
    server.close()


def test_a_signature_is_the_published_one() -> None:
    """The example of the Standard Webhooks specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    with pytest.raises(SecretUnusable):
        sign("whsec_???", "msg", 1, body)


def test_what_failed_together_is_not_tried_together() -> None:
    """Ten percent to either side."""
    assert next_try_ms(1, 0, 0.0) == 4500
    assert next_try_ms(1, 0, 0.999999) == 5499
    assert next_try_ms(len(RETRY_SECONDS) + 1, 0, 0.5) is None


async def test_an_administrator_sets_one_up_over_the_api(tmp_path: Path) -> None:
    """Secrets are shown once; a page ends where the next begins; a session that ends is told within moments. Who is
    told is a decision, which is kept without the address's path: other systems have their secrets in it."""
    settings = make_settings(tmp_path / "data", webhooks_private_networks=True)
    organisation = found(settings)
    await add_user(settings, "ada", "A-1", role="administrator")
    async with receiving() as receiver, running(settings, organisation) as broker:
        token = await broker.login("ada")

        async def ask(method: str, path: str, body: object = None, status: int = 200) -> Any:
            answer = await broker.request(method, f"/v1/webhooks{path}", body, token=token)
            assert answer.status == status, answer.body
            return answer.json if answer.body else None

        added = await ask("POST", "", {"url": receiver.url, "events": ["session.ended"]}, 201)
        hook = added["webhook_id"]
        assert (await ask("GET", ""))["webhooks"] == [{key: added[key] for key in added if key != "secret"}]
        await _end_sessions(broker, 2)
        await until(lambda: len(receiver.heard) == 2)
        async with asyncio.timeout(PATIENCE_SECONDS):  # heard, and known to be: before that, sending again is that try
            while {one["state"] for one in (await ask("GET", f"/{hook}/deliveries"))["deliveries"]} != {"delivered"}:
                await asyncio.sleep(0.01)
        first = await ask("GET", f"/{hook}/deliveries?limit=1")
        second = await ask("GET", f"/{hook}/deliveries?limit=1&before={first['before']}")
        assert second["before"] is None
        assert first["deliveries"][0]["message_id"] != second["deliveries"][0]["message_id"]
        await ask("POST", f"/{hook}/deliveries/{first['before']}/replay", status=204)
        await until(lambda: len(receiver.heard) == 3)
        rotated = await ask("POST", f"/{hook}/secret")
        assert rotated["secret"] != added["secret"]
        refused = await ask("POST", "", {"url": "ftp://x", "events": ["session.ended"]}, 422)
        assert refused["type"] == "urn:consentry:webhook-address-unusable"
        await ask("POST", f"/{hook}/pause", status=204)
        assert [one["disabled_because"] for one in (await ask("GET", ""))["webhooks"]] == ["paused"]
        assert (await ask("POST", f"/{hook}/test"))["state"] == "delivered"
        await ask("POST", f"/{hook}/enable", status=204)
        await ask("DELETE", f"/{hook}", status=204)
        await ask("DELETE", f"/{hook}", status=404)
        events = (await broker.request("GET", "/v1/events", token=token)).json["events"]
        decided = [(one["kind"], one["facts"].get("change")) for one in events if one["facts"].get("webhook") == hook]
        assert decided == [
            ("webhook_removed", None),
            ("webhook_changed", "enabled"),
            ("webhook_changed", "paused"),
            ("webhook_changed", "new-secret"),
            ("webhook_added", None),
        ]
        assert "from=consentry" not in json.dumps(events)


async def _end_sessions(broker: RunningBroker, count: int) -> None:
    for _ in range(count):
        async with broker.agent() as (_, opened):
            await broker.server.broker.services.sessions.end(opened.session_id, "broker-ended")
