"""Where lines go. `deliver` returns when the receiver has them, as far as its protocol can say so, or raises.

file      appended and synced
syslog    RFC 5424 over TCP or TLS, octet counting (RFC 6587, 3.4.1). It has no acknowledgement: lines that were in
          flight when a connection broke may be lost, which only the webhook can tell
webhook   POST; signed over time, delivery id and body; anything but 2xx is tried again
"""

import hashlib
import hmac
import http.client
import io
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from protocol.details import system_reason
from protocol.errors import InputError, UnavailableError

TIMEOUT_SECONDS = 15.0
SYSLOG_PORTS = {"syslog+tcp": 601, "syslog+tls": 6514}
"""RFC 3195 and RFC 5425."""

AUDIT_FACILITY = 13
"""`log audit` (RFC 5424, 6.2.1)."""
_SYSLOG_SEVERITY = {"I": 6, "W": 4, "E": 3}

SIGNATURE_HEADER, TIME_HEADER, DELIVERY_HEADER = "Consentry-Signature", "Consentry-Time", "Consentry-Delivery"
ATTEMPTS = 6
FIRST_WAIT_SECONDS = 1.0


class OutletUnusable(InputError):
    sentence = "Events cannot be sent to {target}: {problem}."


class NotDelivered(UnavailableError):
    sentence = "Events could not be delivered to {target} ({problem}). They are kept, and sent again."


@dataclass(frozen=True, slots=True)
class Delivery:
    """`delivery_id` is the same whenever these lines are sent again. `codes` are those of the lines."""

    delivery_id: str
    lines: Sequence[str]
    codes: Sequence[str]


class Outlet(Protocol):
    """A receiver of lines."""

    def deliver(self, delivery: Delivery) -> None:
        """Raises NotDelivered."""
        ...


class FileOutlet:
    """Appends to a file, which is synced before `deliver` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def deliver(self, delivery: Delivery) -> None:
        data = "".join(f"{line}\n" for line in delivery.lines).encode("utf-8", "replace")
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "r+b", buffering=0) as file:
                size_bytes = file.seek(0, os.SEEK_END)
                if size_bytes:
                    file.seek(size_bytes - 1)
                    if file.read(1) != b"\n":
                        data = b"\n" + data  # a line that was torn when the power went: ended, not lengthened
                _append(file, data, size_bytes)
                os.fsync(file.fileno())
        except OSError as error:
            raise NotDelivered(target=self._path, problem=system_reason(error)) from None


def _append(file: io.FileIO, data: bytes, size_bytes: int) -> None:
    """All of it, or nothing: what a disk that is full has taken of it is cut off again. Raises OSError."""
    try:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
    except OSError:
        with suppress(OSError):
            file.truncate(size_bytes)
        raise


class SyslogOutlet:
    """`tls` None: plain TCP, for a receiver on this machine or behind a tunnel."""

    def __init__(
        self, host: str, port: int, tls: ssl.SSLContext | None, *, host_name: str, now_ms: Callable[[], int]
    ) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._host_name, self._now_ms = host_name, now_ms

    def deliver(self, delivery: Delivery) -> None:
        frames = b"".join(
            syslog_frame(line, code, self._host_name, self._now_ms())
            for line, code in zip(delivery.lines, delivery.codes, strict=True)
        )
        try:
            with closing(self._connect()) as connection:
                connection.sendall(frames)
                _hang_up(connection)
        except OSError as error:
            problem = system_reason(error)
            raise NotDelivered(target=f"{self._host}:{self._port}", problem=problem) from None

    def _connect(self) -> socket.socket:
        plain = socket.create_connection((self._host, self._port), timeout=TIMEOUT_SECONDS)
        return plain if self._tls is None else self._tls.wrap_socket(plain, server_hostname=self._host)


def _hang_up(connection: socket.socket) -> None:
    """Until the receiver has read all and hung up too. With TLS many close without a word: that is no fault."""
    if isinstance(connection, ssl.SSLSocket):
        with suppress(OSError):
            connection.unwrap()
        return
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


def syslog_frame(line: str, code: str, host_name: str, now_ms: int) -> bytes:
    """One message of RFC 5424 behind its length in bytes."""
    priority = AUDIT_FACILITY * 8 + _SYSLOG_SEVERITY[code[-1]]
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = f"<{priority}>1 {moment} {host_name or '-'} consentry - {code} - {line}".encode("utf-8", "replace")
    return str(len(message)).encode() + b" " + message


class WebhookOutlet:
    """`sleep` and `now_ms` are given, so that a test owns the clock. `content_type` says what a line is."""

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        tls: ssl.SSLContext | None,
        now_ms: Callable[[], int],
        sleep: Callable[[float], None],
        attempts: int = ATTEMPTS,
    ) -> None:
        self._url, self._secret, self._tls = url, secret, tls
        self._now_ms, self._sleep, self._attempts = now_ms, sleep, attempts

    def deliver(self, delivery: Delivery) -> None:
        body = "".join(f"{line}\n" for line in delivery.lines).encode("utf-8", "replace")
        problem = ""
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
            try:
                status = self._post(delivery.delivery_id, body)
            except (OSError, http.client.HTTPException) as error:
                problem = system_reason(error, "its answer is not HTTP")
                continue
            if 200 <= status < 300:
                return
            problem = f"HTTP status {status}"
            if 400 <= status < 500 and status not in (408, 425, 429):
                break  # it will say the same again
        raise NotDelivered(target=urlsplit(self._url).netloc, problem=problem)

    def _post(self, delivery_id: str, body: bytes) -> int:
        parts = urlsplit(self._url)
        seconds = str(self._now_ms() // 1000)
        headers = {
            "Content-Type": "application/x-ndjson",
            DELIVERY_HEADER: delivery_id,
            TIME_HEADER: seconds,
            SIGNATURE_HEADER: sign(self._secret, seconds, delivery_id, body),
        }
        with closing(self._connection(parts.scheme, parts.netloc)) as connection:
            connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else "") or "/", body, headers)
            response = connection.getresponse()
            response.read(64 * 1024)
            return response.status

    def _connection(self, scheme: str, netloc: str) -> http.client.HTTPConnection:
        if scheme == "https":
            return http.client.HTTPSConnection(netloc, context=self._tls, timeout=TIMEOUT_SECONDS)
        return http.client.HTTPConnection(netloc, timeout=TIMEOUT_SECONDS)


def sign(secret: bytes, seconds: str, delivery_id: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA-256 over `seconds.delivery id.body` in hex; receivers refuse a time that is far off."""
    return "v1=" + hmac.new(secret, f"{seconds}.{delivery_id}.".encode() + body, hashlib.sha256).hexdigest()


def open_outlet(
    target: str,
    *,
    secret: bytes,
    host_name: str,
    now_ms: Callable[[], int],
    sleep: Callable[[float], None],
    attempts: int = ATTEMPTS,
) -> Outlet:
    """`syslog+tls://host:port`, `syslog+tcp://host:port`, `https://…`, or a file. Raises OutletUnusable."""
    if "://" not in target:
        return FileOutlet(Path(target))
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError:
        raise OutletUnusable(target=target, problem="its host or port is malformed") from None
    if not parts.hostname or parts.username is not None:
        raise OutletUnusable(target=target, problem="it must name a host, and no user")
    if parts.scheme in SYSLOG_PORTS:
        tls = ssl.create_default_context() if parts.scheme == "syslog+tls" else None
        return SyslogOutlet(parts.hostname, port or SYSLOG_PORTS[parts.scheme], tls, host_name=host_name, now_ms=now_ms)
    is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
        raise OutletUnusable(target=target, problem="take syslog+tls, syslog+tcp, https, or a file")
    if len(secret) < 16:
        raise OutletUnusable(target=target, problem="a webhook needs a secret of at least 16 bytes, see --secret-file")
    return WebhookOutlet(
        target, secret, tls=ssl.create_default_context(), now_ms=now_ms, sleep=sleep, attempts=attempts
    )
