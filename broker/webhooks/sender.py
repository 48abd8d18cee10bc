"""One request of a webhook, with the standard library's client in a thread of its own pool: whoever answers byte by
byte holds up other webhooks at most, and those for seconds.

An address that an administrator types makes the broker ask whatever is there: so a name is looked up here, once, what
it stands for has to be out in the world, and exactly that address is connected to. Answers are not followed anywhere,
and not read.
"""

import http.client
import ipaddress
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from urllib.parse import SplitResult, urlsplit

from protocol.details import Detail
from protocol.errors import InputError
from serving.http.outgoing import Opened, connect, in_time

TIMEOUT_SECONDS = 10.0
"""For each step."""

REQUEST_SECONDS = 20.0
"""For all of them together; then the connection is cut."""

AT_ONCE = 8

URL_LIMIT_CHARACTERS = 500


class WebhookAddressUnusable(InputError):
    sentence = "The webhook's address cannot be used: {problem}."


IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_IPV6_OF_THE_WORLD = ipaddress.IPv6Network("2000::/3")
"""What is handed out for use in the world: every other part is for something else, if for anything."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _is_out_in_the_world(address: IPAddress) -> bool:
    """Of an IPv6 address that stands for an IPv4 one, whether that one is: a translator in the house goes there."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return _is_out_in_the_world(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return _is_out_in_the_world(inner)
        if address not in _IPV6_OF_THE_WORLD:
            return False
    return address.is_global and not address.is_multicast


class Sender:
    """`private_networks`: addresses inside the house, and plain HTTP, are allowed."""

    def __init__(self, *, private_networks: bool) -> None:
        self._private_networks = private_networks
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")

    def check(self, url: str) -> None:
        """What can be said without looking the name up. Raises WebhookAddressUnusable."""
        self._parts(url)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """The answer's status. Raises WebhookAddressUnusable, OSError, HTTPException."""
        return await in_time(self._threads, REQUEST_SECONDS, partial(self._post, url, headers, body))

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reads every authority that the system trusts, which a broker without webhooks need not wait for."""
        return ssl.create_default_context()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _parts(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise WebhookAddressUnusable(problem="it is no address") from None
        wanted = ("https", "http") if self._private_networks else ("https",)
        if parts.scheme not in wanted or not parts.hostname or port == 0:
            raise WebhookAddressUnusable(
                problem=Detail("it has to begin with {scheme}:// and name a host", scheme=wanted[0])
            )
        if parts.username or parts.password or parts.fragment or not url.isascii() or not url.isprintable():
            raise WebhookAddressUnusable(problem="it holds a user, a fragment, or what is not ASCII")
        with suppress(ValueError):  # a name, which is looked up when it is asked
            self._check_address(parts.hostname)
        return parts

    def _check_address(self, text: str) -> None:
        """Raises ValueError for what is no address, WebhookAddressUnusable for one that is not to be asked."""
        address = ipaddress.ip_address(text.partition("%")[0])
        if not self._private_networks and not _is_out_in_the_world(address):
            raise WebhookAddressUnusable(problem="it leads into a private network")

    def _post(self, url: str, headers: dict[str, str], body: bytes, opened: Opened) -> int:
        parts = self._parts(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for *_, address in found:
            self._check_address(str(address[0]))
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            # To the address that was checked: the name might stand for another one by now.
            tls = self._tls if parts.scheme == "https" else None
            connection.sock = connect((str(found[0][4][0]), port), host, tls, TIMEOUT_SECONDS, opened)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {**headers, "Connection": "close"})
            return connection.getresponse().status
        finally:
            connection.close()
