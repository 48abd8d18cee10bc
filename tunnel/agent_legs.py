"""The customer's end of the relay: keeps a spare leg ready, and finds out from its first bytes what it is for.

    spare leg ──OPENING──► a stream never seen before     `on_stream`, and a new spare is dialled
                           a known stream, newer leg      the stream goes on there
                           one that has ended             CLOSE(GONE)
                           forged, stale, too many        CLOSE(REFUSED); nothing else is harmed

Stream ids that were once accepted are remembered until the session ends: a relay that replays an old opening must not
get a second stream with the same keys. They are few bytes each, and their number is bounded.
"""

import asyncio
import ssl
from collections.abc import Callable

from protocol.errors import ConsentryError
from protocol.legs import AGENT_LEG_PATH, LegRefused
from protocol.profile import Profile
from protocol.stream import OpeningRefused, ResumableStream
from protocol.stream_frames import OPENING_BYTES, CloseCode, NoOpening, StreamOpening, close_frame, parse_opening
from tunnel.backoff import LONGEST_WHILE_WAITED_FOR_SECONDS, Backoff
from tunnel.lazy_logger import LazyLogger
from tunnel.leg import Leg, StreamLeg, dial_leg
from tunnel.patience import Patience
from tunnel.stream_connection import StreamConnection
from tunnel.tasks import TaskGroupOwner
from tunnel.trust import ssl_context
from tunnel.unanswered import UnansweredStreams

log = LazyLogger(__name__)

SPARE_LEGS = 1
"""Legs that wait for an opening. The broker asks for more where more are wanted (DialLegs)."""

SPARE_LEGS_LIMIT = 16

LIVE_STREAMS_LIMIT = 64
"""At a time. Each may keep SEND_BUFFER_BYTES."""

STREAM_IDS_LIMIT = 65_536
"""Of one session, ever: one `ssh` a second for 18 hours."""

SPARE_PING_SECONDS = 15.0
SPARE_SILENCE_SECONDS = 45.0


class AgentLegs:
    """The legs and streams of one session.

    `stream_key_for(pairing_id)` gives the stream key of an admitted pairing or None; `on_stream` takes each new stream
    and has to set its protocol, or start reading it, before it returns to the event loop.
    """

    def __init__(
        self,
        profile: Profile,
        ticket: str,
        *,
        stream_key_for: Callable[[bytes], bytes | None],
        on_stream: Callable[[StreamConnection], None],
    ) -> None:
        self.ticket = ticket
        """Replace it when the broker issues another one."""
        self.on_spare: Callable[[bool], None] | None = None
        """Told True when a spare leg is connected and False when the last one is lost: is the relay in reach?"""
        self._profile = profile
        self._tls: ssl.SSLContext = ssl_context(profile)
        self._stream_key_for = stream_key_for
        self._on_stream = on_stream
        self._streams: dict[tuple[bytes, bytes], StreamConnection] = {}
        self._seen: set[tuple[bytes, bytes]] = set()
        self._dialling = 0
        self._spares: dict[_SpareLeg, None] = {}  # a set has another order in every process
        self._unanswered: UnansweredStreams[StreamConnection] = UnansweredStreams()
        self._patience = Patience(Backoff(longest_seconds=LONGEST_WHILE_WAITED_FOR_SECONDS))
        self._tasks = TaskGroupOwner()
        self._refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closed = False

    @property
    def streams(self) -> list[StreamConnection]:
        """Those that have not ended."""
        return list(self._streams.values())

    @property
    def spare_legs(self) -> int:
        """Connected, waiting for an opening."""
        return len(self._spares)

    async def run(self) -> None:
        """Keeps a spare leg until cancelled or closed. Raises LegRefused when the broker says that it is over."""
        self._keep_spares()
        while not self._refused.done():
            await asyncio.wait([self._refused], timeout=SPARE_PING_SECONDS)
            self._check_spares()
            self._tell_of_unanswered_streams()
        await self._refused

    def dial(self, count: int) -> None:
        """The broker asks for this many legs more."""
        for _ in range(min(count, SPARE_LEGS_LIMIT - self._dialling - len(self._spares))):
            self._dialling += 1
            self._tasks.start(self._dial(), name="dial agent leg")

    def hurry(self) -> None:
        """The broker was reached on another way: do not wait for the next try."""
        self._patience.hurry()

    async def close(self, code: CloseCode = CloseCode.OVER) -> None:
        """Ends everything at once: streams are told `code`, legs are closed, `run` returns."""
        self._closed = True
        await self._tasks.aclose()
        for stream in self.streams:
            stream.kill(code)
        for spare in list(self._spares):
            spare.leg.close()
        self._spares.clear()
        if not self._refused.done():
            self._refused.set_result(None)

    # ── spare legs ──────────────────────────────────────────────────────────────────────────────────────────────

    def _keep_spares(self) -> None:
        if not self._closed and not self._refused.done():
            self.dial(SPARE_LEGS - self._dialling - len(self._spares))

    async def _dial(self) -> None:
        """Dials until there is a leg: a broker that restarts is a matter of seconds."""
        try:
            while True:
                try:
                    leg = await dial_leg(self._profile.broker_origin, self._tls, AGENT_LEG_PATH, self.ticket)
                    break
                except LegRefused as error:
                    if error.is_final:
                        self._give_up(error)
                        return
                    if self._spares:
                        return  # there are enough, and the relay has said so
                except ConsentryError as error:
                    log.info("agent_leg_not_dialled", reason=str(error))
                await self._patience.wait()
            self._patience.reset()
            self._spares[_SpareLeg(leg, self)] = None
            if self.on_spare is not None:
                self.on_spare(True)
        finally:
            self._dialling -= 1

    def _give_up(self, error: LegRefused) -> None:
        if not self._refused.done():
            self._refused.set_exception(error)

    def _check_spares(self) -> None:
        now = asyncio.get_running_loop().time()
        for spare in list(self._spares):
            if now - spare.leg.heard_at_seconds > SPARE_SILENCE_SECONDS:
                spare.leg.close()
                self.spare_ended(spare)
            else:
                spare.leg.ping()

    def _tell_of_unanswered_streams(self) -> None:
        for stream in self._unanswered.look(self.streams, asyncio.get_running_loop().time()):
            log.warning(
                "stream_not_acknowledged",
                alert=True,
                pairing=stream.pairing_id.hex(),
                kind=stream.kind.name.lower(),
                waiting_bytes=stream.buffered_bytes,
            )

    def spare_ended(self, spare: "_SpareLeg") -> None:
        """A spare is lost, or is a spare no more."""
        self._spares.pop(spare, None)
        if not self._spares and self.on_spare is not None:
            self.on_spare(False)
        self._keep_spares()

    # ── openings ────────────────────────────────────────────────────────────────────────────────────────────────

    def opening_received(self, leg: StreamLeg, opening: StreamOpening, rest: bytes) -> None:
        """A leg has said what it is for. `rest` are the bytes that came right behind."""
        stream_key = self._stream_key_for(opening.pairing_id)
        if stream_key is None:
            self.refuse(leg, CloseCode.REFUSED)
            return
        name = (opening.pairing_id, opening.stream_id)
        stream = self._streams.get(name)
        try:
            if stream is not None:
                stream.leg_brought(leg, opening)
            elif name in self._seen:
                self.refuse(leg, CloseCode.GONE if opening.is_authentic(stream_key) else CloseCode.REFUSED)
                return
            elif len(self._streams) >= LIVE_STREAMS_LIMIT or len(self._seen) >= STREAM_IDS_LIMIT:
                log.warning("stream_refused", reason="too many streams")
                self.refuse(leg, CloseCode.REFUSED)
                return
            else:
                stream = self._accept(leg, opening, stream_key, name)
        except OpeningRefused as error:
            log.warning("opening_refused", reason=str(error))
            self.refuse(leg, CloseCode.REFUSED)
            return
        if rest:
            stream.leg_bytes_received(leg, memoryview(rest))

    def _accept(
        self, leg: StreamLeg, opening: StreamOpening, stream_key: bytes, name: tuple[bytes, bytes]
    ) -> StreamConnection:
        loop = asyncio.get_running_loop()
        window_ms = self._profile.resume_window_seconds * 1000
        machine = ResumableStream.accept(opening, stream_key, int(loop.time() * 1000), resume_window_ms=window_ms)
        stream = StreamConnection(machine)
        self._seen.add(name)
        self._streams[name] = stream
        stream.closed.add_done_callback(lambda _: self._streams.pop(name, None))
        self._on_stream(stream)
        stream.adopt_leg(leg)
        return stream

    @staticmethod
    def refuse(leg: StreamLeg, code: CloseCode) -> None:
        leg.send([close_frame(code, 0)])
        leg.close()


class _SpareLeg:
    """Listens to a leg until it has said what it is for."""

    def __init__(self, leg: Leg, owner: AgentLegs) -> None:
        self.leg = leg
        self._owner = owner
        self._received = b""
        leg.listener = self

    def leg_bytes_received(self, leg: StreamLeg, data: memoryview) -> None:
        self._received += data
        try:
            opening = parse_opening(self._received)
        except NoOpening:
            AgentLegs.refuse(leg, CloseCode.PROTOCOL)
            self._owner.spare_ended(self)
            return
        if opening is not None:
            leg.listener = None
            self._owner.spare_ended(self)
            self._owner.opening_received(leg, opening, self._received[OPENING_BYTES:])

    def leg_writable(self, leg: StreamLeg) -> None:
        """A spare writes nothing that would fill it."""

    def leg_lost(self, leg: StreamLeg, code: int | None) -> None:  # noqa: ARG002 (any loss is answered by a new spare)
        self._owner.spare_ended(self)
