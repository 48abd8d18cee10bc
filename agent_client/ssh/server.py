"""The session's SSH server: algorithms, limits, the one admitted key, and everything that runs through it.

An SSH connection is one resumable stream. asyncssh speaks SSH on it; nothing here listens on a port. Algorithms and
limits: AES-GCM only, which Terrapin (CVE-2023-48795) does not touch and every CPU of today does fast; a post-quantum
key exchange where the client knows one; one raw user key, Ed25519 (a browser's: ECDSA P-256), never a certificate, a
password or a question.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

import asyncssh
import structlog

from agent_client.access import Access, ScopeNotGranted
from agent_client.gateway import CONNECTIONS_LIMIT, WAITING_CONNECTIONS_LIMIT
from agent_client.recording import Recording, RedactorFactory
from agent_client.shell.environment import ShellProfile, shell_profile
from agent_client.shell.pause import Pause
from agent_client.shell.process_tree import ProcessTree
from agent_client.shell.room import Room
from agent_client.ssh.channel import EngineerChannel
from agent_client.ssh.forwarding import ForwardedConnection, destination_text, tell_refused
from agent_client.ssh.host_keys import HostKeys
from agent_client.ssh.refusal import TooManyChannels
from agent_client.ssh.runs import Surroundings
from protocol.events import ROOM_CHANNEL
from protocol.grants import Scope
from tunnel.ssh_bulk import REKEY_BYTES, BulkConnection
from tunnel.ssh_tuning import install_cached_gcm

log = structlog.get_logger(__name__)

KEY_EXCHANGES = ("mlkem768x25519-sha256", "curve25519-sha256")
CIPHERS = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com")
MACS = ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com")
"""Never used: AES-GCM brings its own. Without a list of ours, asyncssh would name SHA-1 and 64-bit tags, too."""
USER_KEY_ALGORITHM = "ssh-ed25519"

BROWSER_KEY_EXCHANGE = "ecdh-sha2-nistp384"
BROWSER_KEY_ALGORITHM = "ecdsa-sha2-nistp256"
"""The browser's SSH library knows none of the above. Both are offered to an engineer who asked with such a key, and to
nobody else: what a stock client may negotiate stays as it is."""

LOGIN_TIMEOUT_SECONDS = 20.0
"""At the gateway, where nobody has proved anything yet. A stream of the pairing is its engineer's: a cut in the middle
of their login is a cut as any other, and may last as long as the stream does."""

WINDOW_BYTES = 2 * 1024 * 1024
"""Receive window of a channel when it opens, as sshd's. On a long way it is widened: see `tuning.widen_window`."""

PACKET_BYTES = 256 * 1024
"""Of data, in one packet to us. OpenSSH's client stays at what it reads at a time; a browser pays for each packet."""

CHANNEL_LIMIT = 64
"""Channels open at once on one connection, forwarded connections included."""

END_TIMEOUT_SECONDS = 0.15
"""How long `end` waits for open files to be closed and recorded: everything has to stand still within 200 ms."""

_SCOPES_WITH_CHANNELS = (Scope.VIEW, Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE, Scope.FORWARD)


class SessionSsh:
    """One per session. Belongs to the event loop's thread."""

    def __init__(
        self,
        host_keys: HostKeys,
        room: Room,
        recording: Recording,
        redactor_factory: RedactorFactory,
        profile: ShellProfile | None = None,
    ) -> None:
        install_cached_gcm()
        # At INFO asyncssh logs commands and paths: what an engineer does belongs into the recording alone.
        asyncssh.set_log_level(logging.WARNING)
        self._host_keys = host_keys
        self._room = room
        self._recording = recording
        self._redactor_factory = redactor_factory
        self.profile = profile or shell_profile()
        self._pause = Pause()
        self._numbers = count(ROOM_CHANNEL + 1)
        self._connections: set[_Connection] = set()
        self._accesses: dict[int, Access] = {}
        self.trees: dict[int, ProcessTree] = {}
        self._kills: set[asyncio.Task[None]] = set()
        self._ended = False

    async def serve(self, stream: asyncio.Transport, access: Access) -> None:
        """Speak SSH on `stream` until it closes. The stream's extra info `stream_id` names it in the recording."""
        await self._serve(stream, access, access, login_timeout_seconds=0.0)

    async def serve_gateway(self, stream: asyncio.Transport, access: Access, through: Access) -> None:
        """As `serve`, for a stream of the broker's gateway. `through` is `access` as far as it counts there.

        Whoever is at the gateway has proved nothing to us before SSH has: of such there are a few at a time.
        """
        there = [connection for connection in self._connections if connection.access is not access]
        theirs = [connection for connection in there if connection.participant == access.participant]
        waiting = [connection for connection in theirs if not connection.is_in]
        if len(waiting) >= WAITING_CONNECTIONS_LIMIT or len(theirs) >= CONNECTIONS_LIMIT:
            log.warning("gateway_connection_refused", participant=access.participant, reason="too many connections")
            stream.abort()
            return
        await self._serve(stream, access, through, login_timeout_seconds=LOGIN_TIMEOUT_SECONDS)

    async def _serve(
        self, stream: asyncio.Transport, watched: Access, access: Access, *, login_timeout_seconds: float
    ) -> None:
        if self._ended:
            stream.abort()
            return
        self._watch(watched)
        connection = _Connection(self, self._surroundings(stream, access), access)
        self._connections.add(connection)
        try:
            options = await self._options(connection, login_timeout_seconds)
            ssh = BulkConnection(asyncio.get_running_loop(), options)
            stream.set_protocol(ssh)
            ssh.connection_made(stream)
            stream.resume_reading()
            await connection.lost
        finally:
            self._connections.discard(connection)
            connection.abort()

    def pause(self) -> None:
        """Freeze what engineers started and hold every operation; the room pauses by itself."""
        self._pause.begin()
        for tree in self.trees.values():
            tree.freeze()
        for connection in self._connections:
            connection.each(lambda part: part.pause())

    def resume(self) -> None:
        for tree in self.trees.values():
            tree.thaw()
        for connection in self._connections:
            connection.each(lambda part: part.resume())
        self._pause.end()

    async def end(self) -> None:
        """The session is over: nothing that came through here runs or moves any more. The room has its own end."""
        self._ended = True
        self._pause.end()
        await self._end(list(self._connections), list(self.trees.values()))
        await asyncio.gather(*(tree.close() for tree in self.trees.values()))
        for kill in self._kills:
            kill.cancel()

    async def _end(self, connections: "list[_Connection]", trees: list[ProcessTree]) -> None:
        for tree in trees:
            tree.kill_now()
        for connection in connections:
            # The client is told that its channels are closed, but not waited for: it may be busy with what it got.
            connection.cut()
            connection.abort()
        await asyncio.gather(*(tree.kill() for tree in trees))
        waiting = [connection.all_closed() for connection in connections]
        if waiting:
            await asyncio.wait([asyncio.ensure_future(one) for one in waiting], timeout=END_TIMEOUT_SECONDS)

    # ── grants ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _watch(self, access: Access) -> None:
        if self._accesses.get(access.participant) is not access:
            self._accesses[access.participant] = access
            access.on_change(lambda: self._access_changed(access))

    def _access_changed(self, access: Access) -> None:
        """A grant is another one now. What it no longer covers ends now; its children a few milliseconds later."""
        if not access.allows(Scope.SHELL):
            tree = self.trees.get(access.participant)
            if tree is not None:
                tree.kill_now()
                self._kill_later(tree.kill())
            if self._room.running and not any(other.allows(Scope.SHELL) for other in self._accesses.values()):
                # The room's shell holds what this engineer started there; nobody is left who may have started it.
                self._kill_later(self._room.stop_shell())
        self._room.access_changed()
        for connection in [one for one in self._connections if one.participant == access.participant]:
            connection.each(lambda part: part.access_changed())
            if not any(connection.access.allows(scope) for scope in _SCOPES_WITH_CHANNELS):
                connection.abort()

    def _kill_later(self, killing: Awaitable[None]) -> None:
        """In the background, from the next turn of the event loop on, until nothing is left."""
        task = asyncio.ensure_future(killing)
        self._kills.add(task)
        task.add_done_callback(self._kills.discard)

    # ── connections ─────────────────────────────────────────────────────────────────────────────────────────────

    def _surroundings(self, stream: asyncio.Transport, access: Access) -> Surroundings:
        tree = self.trees.get(access.participant)
        if tree is None:
            tree = self.trees[access.participant] = ProcessTree(f"participant {access.participant}")
        return Surroundings(
            recording=self._recording,
            redactor_factory=self._redactor_factory,
            room=self._room,
            profile=self.profile,
            pause=self._pause,
            tree=tree,
            access=access,
            stream_id=stream.get_extra_info("stream_id"),
            next_channel=self._numbers.__next__,
        )

    async def _options(
        self, connection: "_Connection", login_timeout_seconds: float
    ) -> asyncssh.SSHServerConnectionOptions:
        is_browser = connection.key_algorithm == BROWSER_KEY_ALGORITHM
        options: asyncssh.SSHServerConnectionOptions = await asyncssh.SSHServerConnectionOptions.construct(
            server_factory=lambda: connection,
            server_host_keys=list(self._host_keys.private_keys),
            server_version="Consentry",
            config=None,
            kex_algs=(*KEY_EXCHANGES, BROWSER_KEY_EXCHANGE) if is_browser else KEY_EXCHANGES,
            encryption_algs=CIPHERS,
            mac_algs=MACS,
            compression_algs=None,
            signature_algs=[BROWSER_KEY_ALGORITHM if is_browser else USER_KEY_ALGORITHM],
            public_key_auth=True,
            password_auth=False,
            kbdint_auth=False,
            host_based_auth=False,
            gss_host=None,
            allow_pty=True,
            line_editor=False,
            x11_forwarding=False,
            agent_forwarding=False,
            encoding=None,
            window=WINDOW_BYTES,
            max_pktsize=PACKET_BYTES,
            rekey_bytes=REKEY_BYTES,
            rekey_seconds=0,
            login_timeout=login_timeout_seconds,  # 0 for none
            keepalive_interval=0,
        )
        return options


Part = EngineerChannel | ForwardedConnection
P = TypeVar("P", EngineerChannel, ForwardedConnection)


class _Connection(asyncssh.SSHServer):
    """One SSH connection of one engineer, as asyncssh asks about it."""

    def __init__(self, session: SessionSsh, around: Surroundings, access: Access) -> None:
        self._session = session
        self._around = around
        self.access = access
        self.is_in = False
        """The client has proved the key to admit."""
        self._ssh: asyncssh.SSHServerConnection | None = None
        self._parts: set[Part] = set()
        self._none_left = asyncio.Event()
        self._none_left.set()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def participant(self) -> int:
        return self.access.participant

    @property
    def key_algorithm(self) -> str:
        """Of the one key to admit: how its blob begins (RFC 4253, section 6.6). "" for what is no key."""
        blob = self.access.ssh_user_key
        return blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii", "replace")

    def each(self, act: Callable[[Part], None]) -> None:
        for part in list(self._parts):
            act(part)

    def cut(self) -> None:
        """End every channel at once, so that each records what it was."""
        self.each(lambda part: part.cut())

    async def all_closed(self) -> None:
        await self._none_left.wait()

    def abort(self) -> None:
        if self._ssh is not None:
            self._ssh.abort()

    # ── called by asyncssh ──────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._ssh = conn

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            log.info("ssh_connection_lost", participant=self.participant, problem=type(exc).__name__)
        if not self.lost.done():
            self.lost.set_result(None)

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def auth_completed(self) -> None:
        self.is_in = True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        del username
        admitted = any(self.access.allows(scope) for scope in _SCOPES_WITH_CHANNELS)
        return admitted and key.public_data == self.access.ssh_user_key

    def session_requested(self) -> EngineerChannel:
        self._refuse_crowd()
        return self._keep(EngineerChannel(self._around, self._forget))

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[ForwardedConnection]:
        del orig_host, orig_port
        self._refuse_crowd()
        record = self._around.record("forward", destination_text(dest_host, dest_port)[:300])
        if not self.access.allows(Scope.FORWARD):
            tell_refused(self._around.recording, record, dest_host, dest_port)
            sentence = str(ScopeNotGranted(scope=Scope.FORWARD.value))
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, sentence)
        # It counts from now on: any number could be asked for while everything stands still, or in one breath.
        forwarded = self._keep(ForwardedConnection(self.access, record, self._forget))
        return self._forward(forwarded, dest_host, dest_port)

    async def _forward(self, forwarded: ForwardedConnection, host: str, port: int) -> ForwardedConnection:
        await self._around.pause.passed()
        await forwarded.connect(self._around.recording, host, port)
        if self.lost.done():
            forwarded.give_up()
        return forwarded

    def _refuse_crowd(self) -> None:
        if len(self._parts) >= CHANNEL_LIMIT:
            sentence = str(TooManyChannels(limit=CHANNEL_LIMIT))
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, sentence)

    def _keep(self, part: P) -> P:
        self._parts.add(part)
        self._none_left.clear()
        return part

    def _forget(self, part: Part) -> None:
        self._parts.discard(part)
        if not self._parts:
            self._none_left.set()
