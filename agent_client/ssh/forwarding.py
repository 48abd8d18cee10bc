"""Direct TCP connections (`ssh -L`, `ssh -W`, `ssh -D`): from the customer's machine, under a scope of their own.

Only the outgoing direction exists. A listening port on the customer's machine (`ssh -R`), UNIX sockets, X11, agent and
tunnel devices are never offered.
"""

import asyncio
from collections.abc import Callable
from typing import Literal, cast

import asyncssh

from agent_client.access import Access
from agent_client.recording import Recording
from agent_client.shell.tally import ChannelRecord
from protocol.details import system_reason
from protocol.events import ConnectionForwarded
from protocol.grants import Scope

CONNECT_TIMEOUT_SECONDS = 10.0
"""A destination that has not answered by then is unreachable to a person who waits."""


def destination_text(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class ForwardedConnection(asyncssh.SSHTCPSession[bytes]):
    """The SSH side of one connection. Bytes are counted and hashed, not recorded: only where they went is."""

    def __init__(self, access: Access, record: ChannelRecord, on_lost: "Callable[[ForwardedConnection], None]") -> None:
        self._access = access
        self._record = record
        self._on_lost = on_lost
        self._channel: asyncssh.SSHTCPChannel[bytes] | None = None
        self._far: asyncio.Transport | None = None
        """None again once it is lost: on uvloop a closed transport raises where asyncio's says nothing."""
        self._came_early: list[bytes] = []
        self._paused = False
        self._near_ended = False
        self._far_ended = False

    async def connect(self, recording: Recording, host: str, port: int) -> "ForwardedConnection":
        """Open the far side. Raises ChannelOpenError, which the client shows."""
        if not self.still_allowed():
            _tell(recording, self._record, host, port, "refused")
            raise self._withdrawn()
        outcome: Literal["ok", "failed"] = "failed"
        try:
            await recording.wait_for_room()
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: _FarSide(self), host, port)
            outcome = "ok"
        except (OSError, TimeoutError, UnicodeError) as error:
            reason = system_reason(error, "the destination does not answer")
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, reason) from None
        finally:
            _tell(recording, self._record, host, port, outcome)
            if outcome != "ok":
                self._record.close(None)
                self._on_lost(self)
        await recording.wait_until_durable()
        if not self.still_allowed():
            raise self._withdrawn()
        return self

    def _withdrawn(self) -> asyncssh.ChannelOpenError:
        self.give_up()
        return asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "The grant was withdrawn")

    def still_allowed(self) -> bool:
        return self._access.allows(Scope.FORWARD)

    def access_changed(self) -> None:
        if not self.still_allowed():
            self.cut()

    def pause(self) -> None:
        self._paused = True
        if self._far is not None:
            self._far.pause_reading()
        if self._channel is not None:
            self._channel.pause_reading()

    def resume(self) -> None:
        self._paused = False
        if self._far is not None:
            self._far.resume_reading()
        if self._channel is not None:
            self._channel.resume_reading()

    def give_up(self) -> None:
        """Before asyncssh has opened the channel: it tells nothing of an end to what never began."""
        self.cut()
        self._on_lost(self)

    def cut(self) -> None:
        if self._far is not None:
            self._far.abort()
        if self._channel is not None:
            self._channel.abort()
        self._record.close(None)

    # ── the engineer's side, called by asyncssh ─────────────────────────────────────────────────────────────────

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        self._channel = chan

    def session_started(self) -> None:
        for data in self._came_early:
            self.far_side_received(data)
        self._came_early = []
        if self._far is None:
            self.far_side_lost()
            return
        if self._far_ended:
            self.far_side_ended()
        if not self._paused:
            self._far.resume_reading()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        del datatype
        if self._far is not None:
            self._record.took_input(data)
            self._far.write(data)

    def eof_received(self) -> bool:
        self._near_ended = True
        if self._far is not None and self._far.can_write_eof():
            self._far.write_eof()
        self._close_if_both_ended()
        return True

    def pause_writing(self) -> None:
        if self._far is not None:
            self._far.pause_reading()

    def resume_writing(self) -> None:
        if self._far is not None and not self._paused:
            self._far.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._far is not None:
            self._far.close()
        self._channel = None
        self._record.close(None)
        self._on_lost(self)

    # ── the far side ────────────────────────────────────────────────────────────────────────────────────────────

    def far_side_made(self, transport: asyncio.Transport) -> None:
        self._far = transport

    def far_side_received(self, data: bytes) -> None:
        if self._channel is None:
            # Mail and database servers speak first. uvloop starts to read after `connection_made`, whatever is said
            # there: so one piece is kept here until the channel is open.
            self._came_early.append(data)
            if self._far is not None:
                self._far.pause_reading()
        elif not self._channel.is_closing():
            self._record.output.written(data)
            self._record.output.settle(0)
            self._channel.write(data)

    def far_side_ended(self) -> None:
        self._far_ended = True
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write_eof()
        self._close_if_both_ended()

    def far_side_lost(self) -> None:
        self._far = None
        if self._channel is not None:
            self._channel.close()

    def _close_if_both_ended(self) -> None:
        """One direction may end long before the other; the connection ends with both."""
        if self._near_ended and self._far_ended:
            if self._far is not None:
                self._far.close()
            if self._channel is not None:
                self._channel.close()

    def hold_input(self, held: bool) -> None:
        if self._channel is None or self._paused:
            return
        if held:
            self._channel.pause_reading()
        else:
            self._channel.resume_reading()


class _FarSide(asyncio.Protocol):
    def __init__(self, connection: ForwardedConnection) -> None:
        self._connection = connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is one in all but name
        self._connection.far_side_made(cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        self._connection.far_side_received(data)

    def eof_received(self) -> bool:
        self._connection.far_side_ended()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._connection.far_side_lost()

    def pause_writing(self) -> None:
        self._connection.hold_input(True)

    def resume_writing(self) -> None:
        self._connection.hold_input(False)


def tell_refused(recording: Recording, record: ChannelRecord, host: str, port: int) -> None:
    _tell(recording, record, host, port, "refused")
    record.close(None)


def _tell(
    recording: Recording, record: ChannelRecord, host: str, port: int, outcome: Literal["ok", "refused", "failed"]
) -> None:
    recording.record(
        ConnectionForwarded(
            t_ms=recording.elapsed_ms(),
            channel=record.channel,
            participant=record.participant,
            destination=destination_text(host, port)[:300],
            outcome=outcome,
        )
    )
