"""One request of a webhook, with the standard library's client in a thread.

An address that an administrator types makes the broker ask whatever is there: so a name is looked up here, once, what
it stands for has to be out in the world, and exactly that address is connected to. Answers are not followed anywhere,
and not read.
"""

import asyncio
import http.client
import ipaddress
import socket
import ssl
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from protocol.errors import InputError

TIMEOUT_SECONDS = 10.0
URL_LIMIT_CHARACTERS = 500


class WebhookAddressUnusable(InputError):
    sentence = "The webhook's address cannot be used: {problem}."


class Sender:
    """`private_networks`: addresses inside the house, and plain HTTP, are allowed."""

    def __init__(self, *, private_networks: bool, tls: ssl.SSLContext | None = None) -> None:
        self._private_networks = private_networks
        self._tls = tls or ssl.create_default_context()

    def check(self, url: str) -> None:
        """What can be said without looking the name up. Raises WebhookAddressUnusable."""
        self._parts(url)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """The answer's status. Raises WebhookAddressUnusable, OSError, HTTPException."""
        return await asyncio.to_thread(self._post, url, headers, body)

    def _parts(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise WebhookAddressUnusable(problem="it is no address") from None
        wanted = ("https", "http") if self._private_networks else ("https",)
        if parts.scheme not in wanted or not parts.hostname or port == 0:
            raise WebhookAddressUnusable(problem=f"it has to begin with {wanted[0]}:// and name a host")
        if parts.username or parts.password or parts.fragment or not url.isascii() or not url.isprintable():
            raise WebhookAddressUnusable(problem="it holds a user, a fragment, or what is not ASCII")
        with suppress(ValueError):  # a name, which is looked up when it is asked
            self._check_address(parts.hostname)
        return parts

    def _check_address(self, text: str) -> None:
        """Raises ValueError for what is no address, WebhookAddressUnusable for one that is not to be asked."""
        address = ipaddress.ip_address(text.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if not self._private_networks and (not mapped.is_global or mapped.is_multicast):
            raise WebhookAddressUnusable(problem="it leads into a private network")

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        parts = self._parts(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for *_, address in found:
            self._check_address(str(address[0]))
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            # To the address that was checked: the name might stand for another one by now.
            plain = socket.create_connection((str(found[0][4][0]), port), timeout=TIMEOUT_SECONDS)
            connection.sock = plain
            if parts.scheme == "https":
                connection.sock = self._tls.wrap_socket(plain, server_hostname=host)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {**headers, "Connection": "close"})
            return connection.getresponse().status
        finally:
            connection.close()
