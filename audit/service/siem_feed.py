"""Feeds security monitors by itself: each target of siem.toml follows the journal, and the recording of every session.

What was delivered is a number per stream in the database; what is to be delivered is read again from the journal and
from recordings, by a worker. So what waits takes no room, however long a target is away, and an erase reaches it. A
delivery's extent is written down before it is tried: one that may have been lost goes out again as the same delivery.

Each target has its own pace: one that is away holds up no other.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from audit.service.reading import Reader
from audit.service.worker_process import AGAINST_THE_RULES, RecordingHostileError, RecordingRefusedError
from audit.siem.decisions import DecisionEvent
from audit.siem.events import AuditEvent
from audit.siem.formats import DECISION_FORMATS, FORMATS
from audit.siem.outlets import Delivery, NotDelivered, Outlet, open_outlet
from audit.siem.shipper import BATCH_EVENTS, delivery_id
from audit.siem.targets import Target, Targets
from audit.storage.journal import JournalEntry, SqlJournal
from audit.storage.sessions import SqlSessions
from audit.storage.siem_places import Place, SqlSiemPlaces
from audit.vault.library import SessionLostError
from audit.vault.opening import RecordingErasedError, SealedForOthersError
from protocol.errors import ConsentryError, IntegrityError, UnavailableError
from serving.clock import Clock

log = structlog.get_logger(__name__)

FILE_NAME = "siem.toml"
JOURNAL = "journal"
READ_EVENTS = 10 * BATCH_EVENTS
"""Of a recording at one time: between two reads the worker is free for others."""

READ_LIMIT_BYTES = READ_EVENTS * 32 * 1024
"""Far above what so many events take, each with a path of 4,096 characters."""

RUNNING_AGAIN_SECONDS = 30.0
"""A running session is read from its beginning each time; its events are late by this at most."""

SHARE_OF_READING = 10
"""And no session takes more than a tenth of the worker's time."""

LOOK_AGAIN_SECONDS = 1.0
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 300.0

_events_decoder = msgspec.json.Decoder(AuditEvent)


class FeedStopped(UnavailableError):
    """A mistake of ours, which stands in the log."""

    sentence = "Feeding it failed ({problem}); the log says where."


@dataclass(frozen=True)
class SiemStatus:
    """`waiting_entries` of the journal and `waiting_sessions` are behind; `problem` is None while it delivers."""

    name: str
    to: str
    format: str
    problem: ConsentryError | None
    failing_since_ms: int | None
    delivered_at_ms: int | None
    waiting_entries: int
    waiting_sessions: int
    oldest_waiting_ms: int | None


class SiemFollower:
    """One target, for one event loop. `run` delivers for ever; `ship` once, what is due."""

    def __init__(
        self,
        target: Target,
        outlet: Outlet,
        places: SqlSiemPlaces,
        journal: SqlJournal,
        sessions: SqlSessions,
        reader: Reader,
        clock: Clock,
    ) -> None:
        self._target = target
        self._outlet = outlet
        self._places = places
        self._journal = journal
        self._sessions = sessions
        self._reader = reader
        self._clock = clock
        self._due: dict[bytes, float] = {}
        """Sessions to look at, not before this (monotonic seconds)."""
        self._not_before: dict[bytes, float] = {}
        self._stirred = asyncio.Event()
        self._problem: ConsentryError | None = None
        self._failing_since_ms: int | None = None
        self._delivered_at_ms: int | None = None

    def records_arrived(self, session_id: bytes, over: bool) -> None:
        self._due[session_id] = 0.0 if over else self._not_before.get(session_id, 0.0)
        if self._due[session_id] <= monotonic():
            self._stirred.set()

    async def status(self) -> SiemStatus:
        place = await self._places.of(self._target.name, JOURNAL)
        waiting, oldest_ms = await self._journal.waiting(place.delivered)
        return SiemStatus(
            name=self._target.name,
            to=self._target.to.partition("?")[0],
            format=self._target.format,
            problem=self._problem,
            failing_since_ms=self._failing_since_ms,
            delivered_at_ms=self._delivered_at_ms,
            waiting_entries=waiting,
            waiting_sessions=len(self._due),
            oldest_waiting_ms=oldest_ms,
        )

    async def run(self) -> None:
        """For ever, through every failure of the target."""
        await self._take_up()
        wait_seconds = FIRST_WAIT_SECONDS
        while True:
            self._stirred.clear()
            try:
                await self.ship()
                wait_seconds = FIRST_WAIT_SECONDS
                self._succeeded()
                await self._rest()
            except (ConsentryError, SQLAlchemyError, OSError) as error:
                self._failed(error)
                await asyncio.sleep(wait_seconds)
                wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)

    async def ship(self) -> None:
        """Everything that is due. Raises NotDelivered; what was delivered before that stays delivered."""
        await self._ship_journal()
        while (session_id := self._next_due()) is not None:
            over = self._due.pop(session_id) == 0.0
            try:
                await self._ship_session(session_id)
            except BaseException:
                self._due.setdefault(session_id, 0.0 if over else monotonic())
                raise

    async def _take_up(self) -> None:
        complete = await self._places.complete(self._target.name)
        for session_id, over in reversed(await self._sessions.readable()):
            if session_id.hex() not in complete:
                self.records_arrived(session_id, over)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                await self._stirred.wait()
        except TimeoutError:
            pass

    def _next_due(self) -> bytes | None:
        now = monotonic()
        return next((session_id for session_id, due in self._due.items() if due <= now), None)

    # ── streams ──

    async def _ship_journal(self) -> None:
        while True:
            place = await self._places.of(self._target.name, JOURNAL)
            entries = await self._journal.after(place.delivered, BATCH_EVENTS)
            if place.pending is not None:
                entries = [one for one in entries if one.entry_id <= place.pending] or entries
            if not entries:
                return
            events = [_decision(entry) for entry in entries]
            lines = [DECISION_FORMATS[self._target.format](event) for event in events]
            codes = [event.code for event in events]
            # Its events' own names: a database that is restored from a copy gives an entry's number again.
            name = f"{JOURNAL}:{events[0].uid}:{events[-1].uid}"
            await self._deliver(JOURNAL, place.delivered, entries[-1].entry_id, lines, codes, name=name)

    async def _ship_session(self, session_id: bytes) -> None:
        """Whatever is wrong with a recording, it is not what is wrong with the target."""
        begun = monotonic()
        known = await self._sessions.find(session_id)
        if known is None or known.erased_at_ms is not None:
            return
        try:
            await self._ship_events(session_id)
        except (SealedForOthersError, RecordingErasedError, SessionLostError):
            return  # the next start tries again: somebody may have added the key
        except (RecordingHostileError, RecordingRefusedError, IntegrityError) as error:
            log.warning("siem_session_unread", session=session_id.hex(), target=self._target.name, problem=str(error))
        if known.finished:
            await self._places.is_complete(self._target.name, session_id.hex())
            self._not_before.pop(session_id, None)
            return
        took_seconds = monotonic() - begun
        self._not_before[session_id] = monotonic() + max(RUNNING_AGAIN_SECONDS, SHARE_OF_READING * took_seconds)

    async def _ship_events(self, session_id: bytes) -> None:
        stream = session_id.hex()
        while True:
            place = await self._places.of(self._target.name, stream)
            events, fault = await self._read(session_id, place.delivered)
            await self._ship_batches(stream, place, events)
            if fault is not None:
                raise fault
            if len(events) < READ_EVENTS:
                return

    async def _read(self, session_id: bytes, first: int) -> tuple[list[AuditEvent], ConsentryError | None]:
        """Events from there on, and what is wrong with the recording: what was proved before that is told all the same.

        What the worker says is not believed: it has read what somebody else made.
        """
        data, fault = bytearray(), None
        try:
            async for piece in self._reader.stream("events", session_id, first=first, limit=READ_EVENTS):
                data += piece
                if len(data) > READ_LIMIT_BYTES:
                    raise RecordingHostileError(problem=AGAINST_THE_RULES)
        except (RecordingHostileError, RecordingRefusedError, IntegrityError) as error:
            fault = error
        try:
            return _events_decoder.decode_lines(data[: data.rfind(b"\n") + 1])[:READ_EVENTS], fault
        except msgspec.MsgspecError:
            return [], RecordingHostileError(problem=AGAINST_THE_RULES)

    async def _ship_batches(self, stream: str, place: Place, events: Sequence[AuditEvent]) -> None:
        first = place.delivered
        size = BATCH_EVENTS if place.pending is None else place.pending - first  # the same again, under the same id
        while batch := events[first - place.delivered :][:size]:
            lines = [FORMATS[self._target.format](event) for event in batch]
            await self._deliver(stream, first, first + len(batch), lines, [event.code for event in batch])
            first, size = first + len(batch), BATCH_EVENTS

    async def _deliver(
        self, stream: str, first: int, last: int, lines: Sequence[str], codes: Sequence[str], name: str = ""
    ) -> None:
        await self._places.begins(self._target.name, stream, first, last)
        delivery = Delivery(delivery_id(name or stream, first, last), lines, codes)
        await asyncio.to_thread(self._outlet.deliver, delivery)
        await self._places.arrived(self._target.name, stream, last)
        self._delivered_at_ms = self._clock.unix_ms()

    # ── how it goes ──

    def _succeeded(self) -> None:
        if self._failing_since_ms is not None:
            log.info("siem_delivers_again", target=self._target.name)
        self._problem, self._failing_since_ms = None, None

    def _failed(self, error: Exception) -> None:
        problem = error if isinstance(error, ConsentryError) else FeedStopped(problem=type(error).__name__)
        if self._failing_since_ms is None:
            self._failing_since_ms = self._clock.unix_ms()
            event = "siem_not_delivered" if isinstance(error, NotDelivered) else "siem_stopped"
            log.error(event, target=self._target.name, problem=str(problem))
        self._problem = problem


def _decision(entry: JournalEntry) -> DecisionEvent:
    happening = entry.happening
    return DecisionEvent(
        source=happening.source,
        source_key=happening.source_key,
        kind=happening.kind,
        t_ms=happening.at_ms,
        actor=happening.actor,
        subject=happening.subject,
        address=happening.address,
        session_id=happening.session_id.hex() if happening.session_id else "",
        facts=dict(happening.facts),
    )


class SiemFeed:
    """All targets."""

    def __init__(self, followers: Sequence[SiemFollower], reader: Reader) -> None:
        self._followers = followers
        self._reader = reader

    def records_arrived(self, session_id: bytes, over: bool) -> None:
        for follower in self._followers:
            follower.records_arrived(session_id, over)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for follower in self._followers:
                group.create_task(follower.run())

    async def status(self) -> list[SiemStatus]:
        return [await follower.status() for follower in self._followers]

    async def aclose(self) -> None:
        await self._reader.aclose()


def open_targets(data_folder: Path, clock: Clock) -> list[tuple[Target, Outlet]]:
    """Those of the data folder's siem.toml. Raises SiemTargetsUnusable, OutletUnusable."""
    path = data_folder / FILE_NAME
    targets = Targets.load(path)
    return [(one, _outlet_of(one, targets.secret_of(one, path), data_folder, clock)) for one in targets.target]


def _outlet_of(target: Target, secret: bytes, data_folder: Path, clock: Clock) -> Outlet:
    """One attempt at a time: this feed waits without holding a thread, and can be stopped while it waits."""
    to = target.to if "://" in target.to else str(data_folder / target.to)
    return open_outlet(to, secret=secret, host_name=socket.gethostname(), now_ms=clock.unix_ms, sleep=sleep, attempts=1)
