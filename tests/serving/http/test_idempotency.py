"""A POST that is sent again under its key makes one thing, and is answered alike."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

from serving.http.idempotency import KEEP_MS, IdempotentPosts, KeptAnswer, Surroundings


@dataclass
class House:
    """An application that counts what it makes, behind the guard; the store is a table in memory."""

    made: int = 0
    now_ms: int = 1000
    status: int = 201
    logged_in: bool = True
    kept: dict[bytes, tuple[KeptAnswer, int]] = field(default_factory=dict)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.go_on.set()

        async def is_somebody(_scope: Any) -> bool:
            return self.logged_in

        around = Surroundings(lambda _: self, lambda _: self.now_ms, is_somebody)
        self.guard = IdempotentPosts(self.application, paths=re.compile("/things"), around=around)

    async def find(self, name: bytes, now_ms: int) -> KeptAnswer | None:
        answer, until_ms = self.kept.get(name, (None, 0))
        return answer if now_ms < until_ms else None

    async def keep(self, name: bytes, answer: KeptAnswer, expires_at_ms: int) -> None:
        self.kept[name] = answer, expires_at_ms

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        await self.go_on.wait()
        self.made += 1
        answer = b"made %d of %s" % (self.made, body)
        await send(
            {"type": "http.response.start", "status": self.status, "headers": [(b"content-type", b"text/plain")]}
        )
        await send({"type": "http.response.body", "body": answer[:4], "more_body": True})
        await send({"type": "http.response.body", "body": answer[4:]})

    async def ask(
        self,
        body: bytes = b"it",
        key: str | None = "k-1",
        *,
        who: str = "Bearer a",
        method: str = "POST",
        path: str = "/things",
    ) -> tuple[int, bytes]:
        headers = [(b"authorization", who.encode())]
        if key is not None:
            headers.append((b"idempotency-key", key.encode()))
        said: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            said.append(message)

        await self.guard({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
        return said[0]["status"], b"".join(one.get("body", b"") for one in said[1:])


async def test_the_same_request_makes_one_thing() -> None:
    """Answered alike, for a day; after that it is a new one."""
    house = House()
    assert await house.ask() == await house.ask() == (201, b"made 1 of it")
    house.now_ms += KEEP_MS
    assert await house.ask() == (201, b"made 2 of it")


async def test_a_key_is_for_one_request_of_one_login() -> None:
    """Another body under it is refused; somebody else's key of the same name is another one."""
    house = House()
    await house.ask()
    status, body = await house.ask(b"something else")
    assert status == 422
    assert b"urn:consentry:idempotency-key-reused" in body
    assert await house.ask(who="Bearer b") == (201, b"made 2 of it")
    assert house.made == 2


async def test_two_at_once_make_one_thing() -> None:
    """The second is told to wait, and not to try with another key."""
    house = House()
    house.go_on.clear()
    first = asyncio.create_task(house.ask())
    await asyncio.sleep(0)
    status, _ = await house.ask()
    assert status == 409
    house.go_on.set()
    assert (await first)[0] == 201
    assert (await house.ask())[1] == b"made 1 of it"


async def test_what_failed_may_be_tried_again() -> None:
    """Only what went well is kept."""
    house = House(status=503)
    await house.ask()
    house.status = 201
    assert await house.ask() == (201, b"made 2 of it")


async def test_whoever_has_no_login_any_more_gets_no_kept_answer() -> None:
    """The application is asked, and says so."""
    house = House()
    await house.ask()
    house.logged_in = False
    await house.ask()
    assert house.made == 2


async def test_everything_else_passes() -> None:
    """Without a key, by another method, at another path; a key that cannot be one is refused."""
    house = House()
    for options in ({"key": None}, {"method": "PUT"}, {"path": "/others"}):
        await house.ask(**options)  # type: ignore[arg-type]  # each its own option
        await house.ask(**options)  # type: ignore[arg-type]  # each its own option
    assert house.made == 6
    assert house.kept == {}
    for key in ("", "a b", "k" * 129):
        assert (await house.ask(key=key))[0] == 400
