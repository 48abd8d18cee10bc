"""The HTTP API over real connections: bad input of every kind gets one clear sentence."""

import asyncio
import json
from http import HTTPStatus

import pytest

from broker.sessions.session import NoteClosed
from protocol.messages.agent import SessionEnded
from serving.http.encoding import encode_bytes
from tests.broker.harness import PASSWORD, Answer, RunningBroker, add_user
from tests.broker.test_whole_path import pair
from tests.helpers.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN = {"user_name": "wei", "password": PASSWORD}


def assert_problem(answer: Answer, status: int, code: str) -> None:
    """RFC 9457, and a sentence that ends like one."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail"}
    assert answer.json["type"] == f"urn:consentry:{code}"
    assert answer.json["status"] == status
    assert answer.json["detail"].endswith(".")


@pytest.mark.parametrize(
    "path",
    ["/", "/v1/", "/v1/profile/", "/v1/profile/x", "/V1/profile", "/v1//profile", "/v1/%70rofile/", "/setup",
     "/docs", "/openapi.json", "/redoc", "/v1/login.aspx/x", "/v1/../v1/sessions/", "/metrics/", "/healthz/"],
)  # fmt: skip
async def test_only_exact_addresses_exist(shared_broker: RunningBroker, path: str) -> None:
    """No slash is added, no page guessed at: CVE-2024-1709 was such a guess."""
    assert_problem(await shared_broker.request("GET", path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/profile"), ("GET", "/v1/login"), ("DELETE", "/v1/sessions")]
)
async def test_other_methods_are_refused(shared_broker: RunningBroker, method: str, path: str) -> None:
    """With the methods that there are."""
    answer = await shared_broker.request(method, path)
    assert_problem(answer, 405, "method-not-allowed")
    assert "allow" in answer.headers


BAD_LOGINS: dict[str, bytes] = {
    "empty": b"",
    "no json": b"{",
    "a list": b"[]",
    "null": b"null",
    "missing field": b'{"user_name": "wei"}',
    "unknown field": json.dumps(LOGIN | {"admin": True}).encode(),
    "number for text": json.dumps(LOGIN | {"password": 12}).encode(),
    "too long": json.dumps(LOGIN | {"password": "x" * 1025}).encode(),
    "no utf-8": b'{"user_name": "\xff", "password": "x"}',
    "deeply nested": b"[" * 30_000,
    "infinite": b'{"user_name": Infinity, "password": "x"}',
}


@pytest.mark.parametrize("kind", BAD_LOGINS)
async def test_a_malformed_body_gets_one_sentence(shared_broker: RunningBroker, kind: str) -> None:
    """That says where, and never repeats what was sent."""
    answer = await shared_broker.request("POST", "/v1/login", BAD_LOGINS[kind])
    assert_problem(answer, 400 if kind in ("no utf-8", "deeply nested") else 422, "request-malformed")
    assert PASSWORD not in answer.json["detail"]


@pytest.mark.parametrize("size_bytes", [64 * 1024 + 1, 500_000])
async def test_a_large_body_is_refused(shared_broker: RunningBroker, size_bytes: int) -> None:
    """With a sentence that the client gets to read."""
    answer = await shared_broker.request("POST", "/v1/login", b"x" * size_bytes)
    assert_problem(answer, 413, "request-too-large")


async def test_a_body_that_does_not_come_is_not_waited_for(
    shared_broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 20 seconds (here: a moment) the connection is given up."""
    monkeypatch.setattr("serving.http.guards.BODY_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection("localhost", shared_broker.server.port, ssl=shared_broker.tls)
    writer.write(b"POST /v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    writer.close()


async def test_logins_over_http(shared_broker: RunningBroker) -> None:
    """In, who am I, out; a wrong password is 401 with a sentence."""
    answer = await shared_broker.request("POST", "/v1/login", LOGIN)
    who = {"user_name", "name", "staff_number", "organisation"}
    assert set(answer.json) == who | {"token", "expires_at_ms", "recovery_codes_left"}
    token = answer.json["token"]
    assert (await shared_broker.request("GET", "/v1/me", token=token)).json["user_name"] == "wei"
    assert (await shared_broker.request("POST", "/v1/logout", token=token)).status == HTTPStatus.NO_CONTENT
    assert_problem(await shared_broker.request("GET", "/v1/me", token=token), 401, "not-logged-in")
    refused = await shared_broker.request("POST", "/v1/login", LOGIN | {"password": "wrong password"})
    assert_problem(refused, 401, "login-refused")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/me"), ("POST", "/v1/logout"), ("POST", "/v1/certificate"), ("GET", "/v1/sessions"),
     ("GET", f"/v1/sessions/{'0' * 32}"), ("POST", f"/v1/sessions/{'0' * 32}/end"),
     ("GET", f"/v1/sessions/{'0' * 32}/notes"), ("POST", f"/v1/sessions/{'0' * 32}/notes")],
)  # fmt: skip
async def test_nothing_is_shown_without_a_login(shared_broker: RunningBroker, method: str, path: str) -> None:
    """Whatever else is wrong with the request; `Basic` and tokens in the address are no logins."""
    for headers in ({}, {"Authorization": "Basic d2VpOnB3"}, {"Authorization": "Bearer"}):
        answer = await shared_broker.request(method, path + "?access_token=x", headers=headers)
        assert_problem(answer, 401, "not-logged-in")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ["", "AA", "A" * 42, "A" * 44, "+" * 43, "A" * 42 + "B", 5, None, "é" * 43])
async def test_a_certificate_needs_a_key(shared_broker: RunningBroker, key: object) -> None:
    """32 bytes in base64url, written one way only."""
    answer = await shared_broker.request(
        "POST", "/v1/certificate", {"public_key": key}, token=await shared_broker.login()
    )
    assert_problem(answer, 422, "request-malformed")


@pytest.mark.parametrize(
    "session_id", ["x", "0" * 31, "0" * 33, "0" * 32, "A" * 32, "%00" * 32, "..", "0" * 31 + "%0a"]
)
async def test_a_session_that_is_not_there(shared_broker: RunningBroker, session_id: str) -> None:
    """Malformed, unknown, somebody else's: the same answer."""
    answer = await shared_broker.request("GET", f"/v1/sessions/{session_id}", token=await shared_broker.login())
    assert answer.status == 404


async def test_a_session_its_notes_and_its_end(shared_broker: RunningBroker) -> None:
    """An engineer reads, notes and ends what they take part in; a colleague sees nothing of it."""
    await add_user(shared_broker.settings, "li", "E-2")
    token, colleague = await shared_broker.login(), await shared_broker.login("li")
    async with shared_broker.agent() as (agent, opened):
        async with shared_broker.dial("/v1/pairing", token=token) as engineer:
            await pair(shared_broker, agent, engineer)
            await engineer.receive()
        address = f"/v1/sessions/{opened.session_id.hex()}"
        details = (await shared_broker.request("GET", address, token=token)).json
        assert (details["state"], details["customer_connected"], details["rating"]) == ("paired", True, None)
        assert details["participants"][0]["staff_number"] == "E-1"
        note = {"text": "Wired <b>& restarted</b> 王"}
        assert (await shared_broker.request("POST", f"{address}/notes", note, token=token)).status == HTTPStatus.CREATED
        notes = (await shared_broker.request("GET", f"{address}/notes", token=token)).json["notes"]
        assert [(one["author"], one["text"]) for one in notes] == [("Wei Example", note["text"])]
        for bad in ({"text": ""}, {"text": " \n"}, {"text": "x" * 4001}, {"text": 1}, {}):
            assert_problem(
                await shared_broker.request("POST", f"{address}/notes", bad, token=token), 422, "request-malformed"
            )
        await _a_note_is_changed_by_who_has_seen_it(shared_broker, address, token, colleague)
        for method, path in (("GET", address), ("POST", f"{address}/end"), ("GET", f"{address}/notes")):
            assert_problem(await shared_broker.request(method, path, token=colleague), 404, "session-unknown")
        assert (await shared_broker.request("POST", f"{address}/end", {}, token=token)).status == HTTPStatus.ACCEPTED
        assert (await agent.receive()).reason == "engineer-ended"
        await agent.send(SessionEnded(reason="engineer-ended", records=2))
        await agent.websocket.close()
    async with asyncio.timeout(PATIENCE_SECONDS):
        # The broker takes the agent's word on another connection than ours.
        while (await shared_broker.request("GET", address, token=token)).json["state"] != "ended":
            await asyncio.sleep(0.01)
    assert_problem(await shared_broker.request("POST", f"{address}/end", {}, token=token), 409, "session-over")
    for state, count in (("ended", 1), ("open", 0), ("all", 1), ("live", 0)):
        listed = (await shared_broker.request("GET", f"/v1/sessions?state={state}", token=token)).json["sessions"]
        assert sum(one["session_id"] == opened.session_id.hex() for one in listed) == count
    of_colleague = (await shared_broker.request("GET", "/v1/sessions", token=colleague)).json
    assert (of_colleague["sessions"], of_colleague["before"]) == ([], None)
    assert_problem(await shared_broker.request("GET", "/v1/sessions?state=x", token=token), 422, "request-malformed")


async def _a_note_is_changed_by_who_has_seen_it(
    broker: RunningBroker, address: str, token: str, colleague: str
) -> None:
    """By its author alone, and only from the text that stands there: what was written elsewhere is not lost."""
    note = (await broker.request("GET", f"{address}/notes", token=token)).json["notes"][0]
    assert note["changeable"]
    at = f"{address}/notes/{note['note_id']}"

    async def change(text: str, version: str, who: str = token, path: str = at) -> Answer:
        return await broker.request("PUT", path, {"text": text}, token=who, headers={"If-Match": f'"{version}"'})

    changed = await change("one", note["version"])
    assert (changed.status, changed.json["text"], changed.json["note_id"]) == (200, "one", note["note_id"])
    assert changed.json["version"] != note["version"]
    assert_problem(await change("two", note["version"]), 412, "note-changed")
    assert_problem(await change("two", changed.json["version"], colleague), 404, "session-unknown")
    assert_problem(await change("two", note["version"], path=f"{address}/notes/4711"), 404, "note-unknown")
    assert_problem(await change(" ", changed.json["version"]), 422, "request-malformed")
    assert_problem(await broker.request("PUT", at, {"text": "two"}, token=token), 422, "request-malformed")
    notes = (await broker.request("GET", f"{address}/notes", token=token)).json["notes"]
    assert [one["text"] for one in notes] == ["one"]
    store, session_id = broker.server.broker.services.session_store, bytes.fromhex(address.rpartition("/")[2])
    [kept] = await store.notes(session_id)
    with pytest.raises(NoteClosed):
        await store.change_note(
            session_id, kept.note_id, kept.user_id, version=kept.version, text="x", not_before_ms=kept.written_at_ms + 1
        )


async def test_answers_are_not_for_browsers_or_caches(shared_broker: RunningBroker) -> None:
    """Tokens must not stay in a cache, and nothing may be framed or sniffed. No server names itself."""
    for answer in (
        await shared_broker.request("POST", "/v1/login", LOGIN),
        await shared_broker.request("GET", "/nothing"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


async def test_a_key_travels_as_base64url() -> None:
    """Without padding."""
    assert encode_bytes(b"\xff" * 32) == "_" * 42 + "8"
