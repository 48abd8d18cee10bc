"""What the loopback port answers to whoever is not the customer's own page."""

import asyncio
import contextlib

import pytest
from websockets.exceptions import InvalidStatus

from agent_client.page.door import COOKIE, SUBPROTOCOL, TICKET_PREFIX
from agent_client.page.peers import Peer
from agent_client.page.server import CONNECTIONS_LIMIT, HEADERS
from tests.agent_client.page.browsing import Browser, PageAtTest, get, request
from tests.helpers.waiting import PATIENCE_SECONDS

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": SUBPROTOCOL,
}


async def test_the_page_and_its_files_are_served_and_nothing_may_keep_or_frame_them(browser: Browser) -> None:
    """To the person who opened it, and to its own scripts; with every header that binds a browser."""
    for name, kind, where in (
        ("", "text/html; charset=utf-8", "none"),
        ("assets/a.js", "text/javascript", "same-origin"),
    ):
        headers = {"Host": browser.origin.removeprefix("http://"), "Sec-Fetch-Site": where}
        status, answered, body = await request(browser.port, get(browser.path + name, headers))
        assert status == 200
        assert answered["Content-Type"].startswith(kind)
        assert body
        address = f"127.0.0.1:{browser.port}"
        assert {each: answered[each] for each in HEADERS} == {
            each: value.format(address=address) for each, value in HEADERS.items()
        }
        assert answered["Cache-Control"] == "no-store"
        assert "Server" not in answered


REFUSED_FILES = {
    "a name that was rebound to this address": ({"Host": "evil.example:{port}"}, "", "GET", 421),
    "localhost is a name, too": ({"Host": "localhost:{port}"}, "", "GET", 421),
    "another port": ({"Host": "127.0.0.1:1"}, "", "GET", 421),
    "no port": ({"Host": "127.0.0.1"}, "", "GET", 421),
    "no host at all": ({"Host": None}, "", "GET", 421),
    "a page of another site": ({"Sec-Fetch-Site": "cross-site"}, "", "GET", 403),
    "a page of another port": ({"Sec-Fetch-Site": "same-site"}, "", "GET", 403),
    "another origin": ({"Origin": "http://127.0.0.1:1"}, "", "GET", 403),
    "an opaque origin": ({"Origin": "null"}, "", "GET", 403),
    "posting": ({}, "", "POST", 405),
    "asking for the options": ({}, "", "OPTIONS", 405),
    "deleting": ({}, "", "DELETE", 405),
    "the head alone": ({}, "", "HEAD", 405),
    "what is not there": ({}, "assets/b.js", "GET", 404),
    "out of the folder": ({}, "../page_face.py", "GET", 404),
    "out of the folder, escaped": ({}, "%2e%2e/page_face.py", "GET", 404),
    "out of the folder, the other way": ({}, "..\\page_face.py", "GET", 404),
    "an absolute path": ({}, "/etc/passwd", "GET", 404),
    "a name with a query": ({}, "assets/a.js?x", "GET", 404),
    "a folder": ({}, "assets/", "GET", 404),
    "the socket without a handshake": ({"Origin": "{origin}"}, "live", "GET", 403),
}


@pytest.mark.parametrize("case", REFUSED_FILES.values(), ids=REFUSED_FILES.keys())
async def test_files_are_refused(browser: Browser, case: tuple[dict[str, str | None], str, str, int]) -> None:
    """Each of these gets its status, no body, and the same binding headers."""
    changes, name, method, expected = case
    headers: dict[str, str | None] = {"Host": "127.0.0.1:{port}", "Sec-Fetch-Site": "same-origin", **changes}
    filled = {
        key: value.format(port=browser.port, origin=browser.origin)
        for key, value in headers.items()
        if value is not None
    }
    status, answered, body = await request(browser.port, get(browser.path + name, filled, method))
    assert (status, body) == (expected, b"")
    assert f"connect-src 'self' ws://127.0.0.1:{browser.port};" in answered["Content-Security-Policy"]


async def test_without_the_random_path_there_is_nothing(browser: Browser) -> None:
    """Whoever finds the port by trying learns that something listens, and not what."""
    headers = {"Host": browser.origin.removeprefix("http://")}
    for target in ("/", "/favicon.ico", "/live", browser.path[:-1], browser.path.upper(), "//", "*", browser.page):
        status, _, body = await request(browser.port, get(target, headers))
        assert (target, status, body) == (target, 404, b"")


async def test_another_users_and_our_own_connections_are_hung_up_on(page: PageAtTest, browser: Browser) -> None:
    """Another user of the machine, an engineer through a forwarded connection, a connection that the system does not
    know: they get nothing, and take nobody's place."""
    headers = {"Host": browser.origin.removeprefix("http://"), "Sec-Fetch-Site": "none"}
    ours = page.peer
    for peer in (Peer(4711, is_ourselves=False), Peer(None, is_ourselves=True), Peer(-1, is_ourselves=False)):
        page.peer = peer
        assert (await request(browser.port, get(browser.path, headers)))[0] == 0
        held = [await asyncio.open_connection("127.0.0.1", browser.port) for _ in range(CONNECTIONS_LIMIT)]
        page.peer = ours
        assert (await request(browser.port, get(browser.path, headers)))[0] == 200
        for _, writer in held:
            writer.close()


REFUSED_SOCKETS = {
    "no ticket": ({"Cookie": None}, 403),
    "a wrong cookie": ({"Cookie": f"{COOKIE}=x"}, 403),
    "a cookie in another alphabet": ({"Cookie": f"{COOKIE}=\xfc"}, 403),
    "an empty cookie": ({"Cookie": f"{COOKIE}="}, 403),
    "a cookie that is none": ({"Cookie": "\xff=;;=\x80"}, 403),
    "the ticket of the link, used before": ({"Sec-WebSocket-Protocol": f"{SUBPROTOCOL}, {TICKET_PREFIX}{{link}}"}, 403),
    "two tickets": ({"Sec-WebSocket-Protocol": f"{SUBPROTOCOL}, {TICKET_PREFIX}a, {TICKET_PREFIX}b"}, 403),
    "no origin": ({"Origin": None}, 403),
    "another page's origin": ({"Origin": "https://evil.example"}, 403),
    "our host on another scheme": ({"Origin": "https://127.0.0.1:{port}"}, 403),
    "our host on another port": ({"Origin": "http://127.0.0.1:1"}, 403),
    "an opaque origin": ({"Origin": "null"}, 403),
    "from another site": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "a rebound name": ({"Host": "evil.example"}, 421),
    "a second page with the right cookie": ({}, 409),
}


@pytest.mark.parametrize("case", REFUSED_SOCKETS.values(), ids=REFUSED_SOCKETS.keys())
async def test_sockets_are_refused(page: PageAtTest, case: tuple[dict[str, str | None], int]) -> None:
    """While the customer's page is open; and it goes on undisturbed."""
    changes, expected = case
    opening = asyncio.create_task(page.face.open())
    browser = Browser(await page.address())
    link = str(browser.ticket)
    await browser.enter()
    await opening
    given: dict[str, str | None] = {
        "Host": "127.0.0.1:{port}", "Origin": "{origin}", "Cookie": f"{COOKIE}={browser.cookie}", **HANDSHAKE, **changes
    }  # fmt: skip
    headers = {
        key: value.format(port=browser.port, origin=browser.origin, link=link)
        for key, value in given.items()
        if value is not None
    }
    status, _, body = await request(browser.port, get(browser.path + "live", headers))
    assert (status, body) == (expected, b"")
    await browser.say("pause")
    assert await anext(page.face.commands())


async def test_a_cookie_opens_one_connection_and_is_then_another(browser: Browser) -> None:
    """What was stolen from a browser's store yesterday opens nothing, and the right one is good for this path alone."""
    first = browser.cookie
    assert browser.set_cookie.endswith(f"; Path={browser.path}; HttpOnly; SameSite=Strict")
    await browser.leave()
    await browser.enter()
    second = browser.cookie
    assert second != first
    await browser.leave()
    browser.cookie = first
    with pytest.raises(InvalidStatus, match="403"):
        await browser.enter()
    browser.cookie = second
    await browser.enter()


async def test_a_broken_handshake_spends_nothing(page: PageAtTest) -> None:
    """The ticket still opens the page afterwards."""
    opening = asyncio.create_task(page.face.open())
    browser = Browser(await page.address())
    headers = {
        **HANDSHAKE, "Host": f"127.0.0.1:{browser.port}", "Origin": browser.origin, "Sec-WebSocket-Key": "no key",
        "Sec-WebSocket-Protocol": f"{SUBPROTOCOL}, {TICKET_PREFIX}{browser.ticket}",
    }  # fmt: skip
    assert (await request(browser.port, get(browser.path + "live", headers)))[0] == 400
    await browser.enter()
    assert await opening


MALFORMED = {
    "a line without end": b"GET /" + b"x" * 100_000,
    "a header without end": b"GET / HTTP/1.1\r\nHost: " + b"x" * 100_000,
    "a thousand headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
    "a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "a chunked body": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an old protocol": b"GET / HTTP/0.9\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512) + b"\n",
    "SSH": b"SSH-2.0-OpenSSH_10.0\r\n\r\n",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_request_is_hung_up_on(browser: Browser, raw: bytes) -> None:
    """At once, without a file, and the page goes on."""
    status, _, _ = await request(browser.port, raw)
    assert status in (0, 400, 414, 431, 500)
    await browser.say("nothing")
    await browser.heard("input-error")


async def test_a_frame_that_is_too_long_ends_the_connection(browser: Browser) -> None:
    """64 KiB is what a paste of some screens needs."""
    assert browser.socket is not None
    await browser.socket.send("x" * 70_000)
    await browser.socket.wait_closed()
    assert browser.socket.close_code == 1009


async def test_half_open_connections_are_bounded(browser: Browser) -> None:
    """Whoever opens connections and says nothing fills no memory, and does not end the page that is open."""
    held = [await asyncio.open_connection("127.0.0.1", browser.port) for _ in range(CONNECTIONS_LIMIT + 8)]
    async with asyncio.timeout(PATIENCE_SECONDS):
        for reader, _ in held[CONNECTIONS_LIMIT:]:
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
    await browser.say("nothing")
    await browser.heard("input-error")
    for _, writer in held:
        writer.close()
