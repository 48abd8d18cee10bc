"""A browser as far as HTTP goes: keeps its cookies, says whose page asks, follows no redirect by itself."""

import asyncio
import http.client
import json
import ssl
from http.cookies import SimpleCookie
from typing import Any, Protocol

from serving.http.server import HttpServer
from tests.broker.harness import ORIGIN, Answer
from tests.helpers.waiting import PATIENCE_SECONDS


class Running(Protocol):
    """A broker or an audit service of a test's harness."""

    @property
    def server(self) -> HttpServer: ...
    @property
    def tls(self) -> ssl.SSLContext: ...


class Visitor:
    def __init__(self, running: Running, origin: str = ORIGIN) -> None:
        self.origin = origin
        # One connection for all, dialled again when the server hung up meanwhile.
        port, tls = running.server.port, running.tls
        self._connection = http.client.HTTPSConnection("localhost", port, context=tls, timeout=PATIENCE_SECONDS)
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []
        """The headers of the last answer."""

    async def post(self, path: str, body: object = None) -> Answer:
        """As a page of ours."""
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
        return await asyncio.to_thread(self._send, "POST", path, json.dumps(body or {}), headers)

    async def delete(self, path: str) -> Answer:
        """As a page of ours."""
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return await asyncio.to_thread(self._send, "DELETE", path, None, headers)

    async def get(self, path: str) -> Answer:
        """As a page of ours."""
        return await asyncio.to_thread(self._send, "GET", path, None, {"Sec-Fetch-Site": "same-origin"})

    async def arrive(self, path: str) -> Answer:
        """From another site, by a link or a redirect: cookies that are SameSite=Strict stay behind."""
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        return await asyncio.to_thread(self._send, "GET", path, None, headers, "-oidc")

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str], only: str = "") -> Answer:
        kept = {name: value for name, value in self.cookies.items() if name.endswith(only)}
        if kept:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (ssl.SSLError, ConnectionError):  # what a connection is worth that was quiet for too long
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        self.set_cookies = response.headers.get_all("set-cookie") or []
        for header in self.set_cookies:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    async def user_name(self) -> Any:
        """Who is signed in; None for nobody."""
        answer = await self.get("/v1/me")
        return answer.json["user_name"] if answer.status == 200 else None
