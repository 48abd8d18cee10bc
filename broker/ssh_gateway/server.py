"""The gateway's SSH server. One way in, one thing to do there:

    authentication    one Ed25519 key that a signed-in engineer's browser has named for a session that goes on
    channel           `direct-tcpip` to SESSION:22, where SESSION is the 32 hexadecimal digits of such a session
    anything else     is refused: other destinations and channels (shells, commands, subsystems, sockets, X11, agents,
                      tunnels), and every global request (listening ports, sockets)

A connection that carries nothing is closed after a minute, one whose client is gone after the third keepalive.
"""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import asyncssh
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.organisation.folder import encode_private_key
from broker.relay.relay import Relay
from broker.ssh_gateway.carrier import Carrier
from broker.ssh_gateway.leg import join_relay
from broker.ssh_gateway.openings import Opening, Openings
from protocol.errors import RefusedError, UnavailableError
from protocol.key_schedule import STREAM_ID_BYTES
from protocol.ssh_keys import is_ed25519, public_line
from protocol.stream import ResumableStream
from protocol.stream_frames import StreamKind
from serving.clock import Clock
from serving.http.server import listen_on
from serving.limits import KeyedBuckets, TooBusy
from tunnel.engineer_stream import StreamUnavailable, keep_stream
from tunnel.ssh_bulk import REKEY_BYTES, BulkConnection
from tunnel.ssh_tuning import install_cached_gcm
from tunnel.tasks import TaskGroupOwner

log = structlog.get_logger(__name__)

SSH_PORT = 22
"""What `ssh` asks for when no port is named."""

KEY_EXCHANGES = ("mlkem768x25519-sha256", "curve25519-sha256")
CIPHERS = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com")
MACS = ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com")
"""As at the agent's SSH server, and for its reasons."""

_SESSION = re.compile(r"[0-9a-f]{32}")


class DestinationRefused(RefusedError):
    """The same for sessions that do not exist, that are others', that are over, and for whatever is no session."""

    sentence = "This gateway leads only to your own live sessions, by the name that the console shows, at port 22."


class AgentAway(UnavailableError):
    sentence = "The customer's machine did not take the connection: it is away, or too many wait there. Try again."


class TooManyConnections(RefusedError):
    sentence = "Too many connections through the gateway. Close one, then try again."


@dataclass(frozen=True)
class GatewayLimits:
    """Numbers that tests change."""

    connections: int = 512
    unproved_connections: int = 64
    """Those that have not proved a key: what strangers can hold at one time."""
    connections_of_engineer: int = 16
    channels: int = 16
    """Of one connection."""
    per_minute_per_address: int = 120
    login_seconds: float = 20.0
    idle_seconds: float = 60.0
    keepalive_seconds: float = 15.0
    keepalives: int = 3
    open_seconds: float = 15.0
    """How long a session's agent may take to be found."""


class SshGateway:
    """`may_reach(session_id, user_id)`: does the customer allow that at this moment. `count` hears of every outcome:
    `refused`, `limited`, `admitted` for connections, `opened`, `denied`, `unreachable` for channels."""

    def __init__(
        self,
        openings: Openings,
        relay: Relay,
        *,
        may_reach: Callable[[bytes, int], bool],
        count: Callable[[str], None],
        clock: Clock,
        limits: GatewayLimits = GatewayLimits(),
    ) -> None:
        self.openings = openings
        self.limits = limits
        self.port = 0
        self.host_key_line = ""
        """As `known_hosts` has it, without the name."""
        self._relay = relay
        self._may_reach = may_reach
        self.count = count
        self._clock = clock
        self._addresses: KeyedBuckets[str] = KeyedBuckets(
            per_minute=limits.per_minute_per_address, burst=limits.per_minute_per_address
        )
        self._connections: set[_Connection] = set()
        self._listener: asyncio.AbstractServer | None = None
        self._tasks = TaskGroupOwner()

    def __len__(self) -> int:
        """Connections at this time."""
        return len(self._connections)

    async def start(self, host: str, port: int, key: Ed25519PrivateKey) -> None:
        """Raises AddressInUse."""
        install_cached_gcm()
        asyncssh.set_log_level(logging.WARNING)
        host_key = asyncssh.import_private_key(encode_private_key(key))
        self.host_key_line = public_line(host_key.public_data)
        options: asyncssh.SSHServerConnectionOptions = await asyncssh.SSHServerConnectionOptions.construct(
            server_factory=lambda: _Connection(self),
            server_host_keys=[host_key],
            server_version="Consentry-Gateway",
            config=None,
            kex_algs=KEY_EXCHANGES,
            encryption_algs=CIPHERS,
            mac_algs=MACS,
            compression_algs=None,
            signature_algs=["ssh-ed25519"],
            public_key_auth=True,
            password_auth=False,
            kbdint_auth=False,
            host_based_auth=False,
            gss_host=None,
            allow_pty=False,
            line_editor=False,
            x11_forwarding=False,
            agent_forwarding=False,
            encoding=None,
            rekey_bytes=REKEY_BYTES,
            rekey_seconds=0,
            login_timeout=self.limits.login_seconds,
            keepalive_interval=self.limits.keepalive_seconds,
            keepalive_count_max=self.limits.keepalives,
        )
        loop = asyncio.get_running_loop()
        listener = listen_on(host, port)
        self.port = listener.getsockname()[1]
        self._listener = await loop.create_server(lambda: BulkConnection(loop, options), sock=listener)
        log.info("ssh_gateway_listening", port=self.port)

    async def aclose(self) -> None:
        if self._listener is not None:
            self._listener.close()
        for connection in list(self._connections):
            connection.abort()
        await self._tasks.aclose()

    def shut_out(self, user_id: int) -> None:
        """An engineer who may no longer act."""
        self.openings.close_user(user_id)
        self._cut({user_id})

    def shut_out_logins(self, logins: Collection[bytes]) -> None:
        """Keys that were named under these logins come in no more."""
        self._cut(self.openings.close_logins(logins))

    def _cut(self, user_ids: set[int]) -> None:
        for connection in [one for one in self._connections if one.user_id in user_ids]:
            connection.abort()

    # ── for connections ─────────────────────────────────────────────────────────────────────────────────────────

    def arrived(self, connection: "_Connection", address: str) -> bool:
        """Is there room for one more?"""
        unproved = sum(1 for one in self._connections if one.user_id is None)
        try:
            self._addresses.take(address, self._clock.monotonic_ms())
        except TooBusy:
            return False
        if len(self._connections) >= self.limits.connections or unproved >= self.limits.unproved_connections:
            return False
        self._connections.add(connection)
        return True

    def has_room_for(self, user_id: int) -> bool:
        """Is there room for one more of this engineer's?"""
        return sum(1 for one in self._connections if one.user_id == user_id) <= self.limits.connections_of_engineer

    def left(self, connection: "_Connection") -> None:
        self._connections.discard(connection)

    def opening(self, user_id: int, ssh_user_key: bytes, host: str, port: int) -> Opening:
        """What a destination stands for. Raises DestinationRefused."""
        name = host.lower()
        if not _SESSION.fullmatch(name) or port != SSH_PORT:
            raise DestinationRefused
        opening = self.openings.reach(user_id, ssh_user_key, bytes.fromhex(name))
        if opening is None or not self._may_reach(opening.session_id, user_id):
            raise DestinationRefused
        return opening

    async def carrier(self, opening: Opening, on_closed: Callable[[Carrier], None]) -> Carrier:
        """A stream to the session's agent, ready to be piped. Raises AgentAway."""
        loop = asyncio.get_running_loop()
        machine = ResumableStream.open(
            opening.gateway_key,
            StreamKind.SSH,
            opening.gateway_id,
            os.urandom(STREAM_ID_BYTES),
            int(loop.time() * 1000),
            resume_window_ms=opening.resume_window_ms,
        )
        try:
            async with asyncio.timeout(self.limits.open_seconds):
                stream = await keep_stream(
                    machine, lambda: join_relay(self._relay, opening.leg_ticket), tasks=self._tasks
                )
        except (TimeoutError, StreamUnavailable):
            raise AgentAway from None
        return Carrier(stream, on_closed)


class _Connection(asyncssh.SSHServer):
    """One connection of an engineer's `ssh`, as asyncssh asks about it. What is not answered here is refused there."""

    def __init__(self, gateway: SshGateway) -> None:
        self.user_id: int | None = None
        """Whose it is, once the key is proved."""
        self._gateway = gateway
        self._ssh: asyncssh.SSHServerConnection | None = None
        self._claimed: tuple[int, bytes] | None = None
        self._ssh_user_key = b""
        self._opening = 0
        self._carriers: set[Carrier] = set()
        self._is_lost = False
        self._idle: asyncio.TimerHandle | None = None

    def abort(self) -> None:
        if self._ssh is not None:
            self._ssh.abort()

    # ── called by asyncssh ──────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._ssh = conn
        if not self._gateway.arrived(self, str(conn.get_extra_info("peername", ("",))[0])):
            self._gateway.count("limited")
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._is_lost = True
        self._gateway.left(self)
        self._stop_idling()
        for carrier in list(self._carriers):
            carrier.cut()
        if self.user_id is None:
            self._gateway.count("refused")
        else:
            log.info("ssh_gateway_left", user=self.user_id)

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Asked before the signature is checked: what is remembered counts once `auth_completed` was called."""
        user_id = self._gateway.openings.admits(username, key.public_data) if is_ed25519(key.public_data) else None
        self._claimed = None if user_id is None else (user_id, key.public_data)
        return user_id is not None

    def auth_completed(self) -> None:
        assert self._claimed is not None
        assert self._ssh is not None
        self.user_id, self._ssh_user_key = self._claimed
        if not self._gateway.has_room_for(self.user_id):
            self._gateway.count("limited")
            self._ssh.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, str(TooManyConnections()))
            return
        self._gateway.count("admitted")
        log.info("ssh_gateway_entered", user=self.user_id)
        self._start_idling()

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[asyncssh.SSHTCPSession[bytes]]:
        del orig_host, orig_port
        assert self.user_id is not None
        if len(self._carriers) + self._opening >= self._gateway.limits.channels:
            raise self._denied(asyncssh.OPEN_RESOURCE_SHORTAGE, TooManyConnections())
        try:
            opening = self._gateway.opening(self.user_id, self._ssh_user_key, dest_host, dest_port)
        except DestinationRefused as error:
            raise self._denied(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, error) from None
        self._stop_idling()
        self._opening += 1  # not only once it begins: any number may be asked for in one breath
        return self._open(opening)

    async def _open(self, opening: Opening) -> asyncssh.SSHTCPSession[bytes]:
        try:
            carrier = await self._gateway.carrier(opening, self._closed)
        except AgentAway as error:
            self._gateway.count("unreachable")
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, str(error)) from None
        finally:
            self._opening -= 1
            self._start_idling()
        if self._is_lost:
            carrier.cut()
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "The client has gone.")
        self._carriers.add(carrier)
        self._stop_idling()
        self._gateway.count("opened")
        log.info("ssh_gateway_opened", user=opening.user_id, session=opening.session_id.hex())
        return carrier

    def _closed(self, carrier: Carrier) -> None:
        self._carriers.discard(carrier)
        self._start_idling()

    def _denied(self, code: int, error: RefusedError) -> asyncssh.ChannelOpenError:
        self._gateway.count("denied")
        log.info("ssh_gateway_denied", user=self.user_id, reason=type(error).__name__)
        return asyncssh.ChannelOpenError(code, str(error))

    # ── idling ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _start_idling(self) -> None:
        self._stop_idling()
        if not self._carriers and not self._opening and not self._is_lost:
            seconds = self._gateway.limits.idle_seconds
            self._idle = asyncio.get_running_loop().call_later(seconds, self._idled)

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _idled(self) -> None:
        if self._ssh is not None:
            self._ssh.disconnect(asyncssh.DISC_BY_APPLICATION, "Nothing was carried for a while.")
