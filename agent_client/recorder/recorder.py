"""The recorder of one session: takes events, never blocks, and says when the shell has to wait.

    record ──► EventHeap ──► SealingLine (thread: seal, sign, spool, fdatasync) ──► UnackedWindow ──► RecordUpload
                                                                                        ▲               │
                                                                                        └── acknowledged ┘

`start` puts record 0 on the broker's disk, or there is no session. `finish` seals what is left and the FINAL record.
Whatever goes wrong in between, the recorder has no room any more (`has_room` is false for good) and reports once
through `on_failed`; whoever waits gets RecordingStopped. There is no state in which a session goes on unrecorded.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import structlog

from agent_client.recorder.errors import RecordingNotOpened, RecordingStopped, RecordingUnconfirmed
from agent_client.recorder.gathering import EventHeap
from agent_client.recorder.limits import SEAL_NOW_BYTES, RecorderLimits, limits_for
from agent_client.recorder.recorded_session import FinishedRecording, RecordedSession, RecorderCallbacks
from agent_client.recorder.sealing import Clock, SealingLine
from agent_client.recorder.spool import DiskCalls, Spool, SpoolHead, spool_folder
from agent_client.recorder.upload import Connect, RecordUpload, connect_to
from agent_client.recorder.window import SealedRecord, UnackedWindow
from protocol.errors import ConsentryError
from protocol.events import Event, FinalSummary, ManifestRecorded, SessionClosing
from protocol.messages.fields import EndReason
from protocol.messages.recorder import UploadRecords
from protocol.record_sealing import RecordSealer
from tunnel.backoff import Backoff

log = structlog.get_logger(__name__)

T = TypeVar("T")


def unix_now_ms() -> int:
    return time.time_ns() // 1_000_000


def monotonic_now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Recorder:
    """Fulfils `agent_client.recording.Recording`. All methods belong to the event loop's thread."""

    def __init__(
        self,
        session: RecordedSession,
        state: Path,
        *,
        connect: Connect | None = None,
        callbacks: RecorderCallbacks | None = None,
        limits: RecorderLimits | None = None,
        unix_ms: Clock = unix_now_ms,
        monotonic_ms: Clock = monotonic_now_ms,
        disk: DiskCalls | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._session = session
        self._state = state
        self._connect = connect or connect_to(session.profile)
        self._backoff = backoff
        self._callbacks = callbacks or RecorderCallbacks()
        self._limits = limits or limits_for(session.profile.output_policy)
        self._unix_ms = unix_ms
        self._now_ms = monotonic_ms
        self._disk = disk
        self._began_ms = monotonic_ms()
        self._heap = EventHeap(self._limits)
        self._window = UnackedWindow(self._limits)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="seal-records")
        self._line: SealingLine | None = None
        self._spool: Spool | None = None
        self._upload: RecordUpload | None = None
        self._sealing: list[asyncio.Task[None]] = []
        self._uploading: list[asyncio.Task[None]] = []
        self._seal_wanted = asyncio.Event()
        self._heap_is_full = asyncio.Event()
        self._sealed_at_ms = self._began_ms
        self._seal_timer: asyncio.TimerHandle | None = None
        self._stage_timer: asyncio.TimerHandle | None = None
        self._waiters: set[asyncio.Future[None]] = set()
        self._chain_head = b""
        self._paused = False
        self._closed = False
        self._failure: ConsentryError | None = None

    # ── what the session's parts call (agent_client.recording.Recording) ────────────────────────────────────────

    @property
    def strict(self) -> bool:
        return self._session.profile.output_policy == "strict"

    @property
    def has_room(self) -> bool:
        return self._failure is None and self._window.stage(self._now_ms()) == "open"

    def hurry(self) -> None:
        """The broker was reached on another way: what waits to be sent need not wait for the upload's next try."""
        if self._upload is not None:
            self._upload.hurry()

    def elapsed_ms(self) -> int:
        return self._now_ms() - self._began_ms

    def record(self, event: Event) -> None:
        """Takes one event. Never blocks, never refuses; after the end or a failure it is only logged that one came."""
        if self._closed or self._failure is not None:
            log.warning("event_after_recording_ended", kind=type(event).__name__)
            return
        before = self._heap.size_bytes
        now_ms = self._now_ms()
        self._heap.add(event, now_ms)
        self._window.recorded(self._heap.size_bytes - before)
        self._arm_sealing(now_ms)

    async def wait_for_room(self) -> None:
        """Returns when `has_room` is true again. Raises RecordingStopped."""
        while not self.has_room:
            await self._moved()

    async def wait_until_durable(self) -> None:
        """Strict: returns when all that was recorded before is on the broker's disk. Raises RecordingStopped."""
        if not self.strict:
            return
        until = self._heap.event_count
        # Somebody waits: seal what there is at once. What comes while that runs is gathered for the next record.
        self._seal_wanted.set()
        while self._window.acked_events < until:
            await self._moved()

    # ── what the session calls ──────────────────────────────────────────────────────────────────────────────────

    async def start(self, manifest: bytes, salt: bytes) -> None:
        """Opens the recording: record 0 durable at the broker, then the manifest as the first event.

        `SHA-256(salt ‖ manifest)` is what the broker gets to see. Raises RecordingNotOpened after 15 s, RecordsRefused,
        SpoolBroken, or an error of the sealer; nothing is left behind then.
        """
        commitment = sha256(salt + manifest).digest()
        try:
            opened = await self._in_thread(lambda: self._open_line(commitment))
            self._start_upload(commitment)
            self._take_sealed(opened, 0)
            async with asyncio.timeout(self._limits.start_within_ms / 1000):
                while self._window.acked_seq < 1:
                    await self._moved()
        except TimeoutError:
            await self._give_up_start()
            raise RecordingNotOpened from None
        except RecordingStopped:
            await self._give_up_start()
            raise self._failure or RecordingNotOpened() from None
        except BaseException:
            await self._give_up_start()
            raise
        self._sealing = [asyncio.create_task(self._seal_forever(), name="seal records")]
        self.record(ManifestRecorded(self.elapsed_ms(), salt, manifest))

    async def finish(self, reason: EndReason) -> FinishedRecording:
        """Seals what is left, then FINAL, and waits a while for the last acknowledgement. Raises nothing."""
        summary: FinalSummary | None = None
        if self._failure is None:
            self.record(SessionClosing(self.elapsed_ms(), reason))
        self._closed = True
        try:
            # The task ends after the batch that is under way, and after this last one.
            self._seal_wanted.set()
            self._heap_is_full.set()
            await asyncio.gather(*self._sealing)
            if self._failure is None and self._line is not None:
                summary = await self._seal_rest(self._line, reason)
        except ConsentryError as error:
            self._fail(error)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.finish_within_ms / 1000):
                while self._upload_goes_on() and self._window.acked_seq < self._window.next_seq:
                    await self._moved(fail=False)
        delivered = self._window.acked_seq == self._window.next_seq
        if delivered and self._spool is not None:
            self._spool.remove()
        await self.aclose()
        return FinishedRecording(self._window.next_seq, self._chain_head, summary, delivered)

    async def aclose(self) -> None:
        """Lets go of everything without another word to the broker; the spool stays for the next start."""
        self._closed = True
        for timer in (self._seal_timer, self._stage_timer):
            if timer is not None:
                timer.cancel()
        tasks = self._sealing + self._uploading
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A batch may still be in the thread: the spool is not closed under its hands.
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)
        if self._spool is not None:
            self._spool.close()

    # ── sealing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _open_line(self, commitment: bytes) -> list[SealedRecord]:
        """In the sealing thread."""
        session = self._session
        sealer = RecordSealer(session.session_id, session.signing_key, session.profile.audit_recipients, commitment)
        head = SpoolHead(
            version=1,
            profile=session.profile,
            session_id=session.session_id,
            session_token=session.session_token,
            agent_key=session.signing_key.public_key().public_bytes_raw(),
            manifest_commitment=commitment,
            started_at_ms=self._unix_ms(),
        )
        self._spool = Spool.create(spool_folder(self._state), head, disk=self._disk)
        self._line = SealingLine(sealer, self._spool, self._limits, unix_ms=self._unix_ms, monotonic_ms=self._now_ms)
        return self._line.open()

    def _arm_sealing(self, now_ms: int) -> None:
        due_at_ms = self._heap.due_at_ms
        if due_at_ms is None:
            return
        if self._heap.size_bytes >= SEAL_NOW_BYTES:
            self._heap_is_full.set()
        wait_ms = due_at_ms - now_ms
        if wait_ms <= 0:
            self._seal_wanted.set()
        elif self._seal_timer is None:
            self._seal_timer = asyncio.get_running_loop().call_later(wait_ms / 1000, self._seal_wanted.set)

    async def _seal_forever(self) -> None:
        assert self._line is not None
        line = self._line
        try:
            while True:
                await self._seal_wanted.wait()
                await self._gather_more()
                await self._seal_heap(line)
                self._sealed_at_ms = self._now_ms()
                if self._closed and self._heap.due_at_ms is None:
                    return
        except ConsentryError as error:
            self._fail(error)

    async def _gather_more(self) -> None:
        """Under flood: lets the heap grow for what is left of the pause after the last round."""
        left_ms = self._sealed_at_ms + self._limits.seal_pause_ms - self._now_ms()
        if left_ms > 0 and not self._closed and self._heap.size_bytes < SEAL_NOW_BYTES:
            self._heap_is_full.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_ms / 1000):
                    await self._heap_is_full.wait()

    async def _seal_heap(self, line: SealingLine) -> None:
        self._seal_wanted.clear()
        if self._seal_timer is not None:
            self._seal_timer.cancel()
            self._seal_timer = None
        batches = self._heap.take()
        if batches:
            acked_seq = self._window.acked_seq
            records = await self._in_thread(lambda: line.seal(batches, acked_seq))
            self._take_sealed(records, sum(batch.size_bytes for batch in batches))

    async def _seal_rest(self, line: SealingLine, reason: EndReason) -> FinalSummary:
        final, summary = await self._in_thread(lambda: line.seal_final(reason))
        self._take_sealed([final], 0)
        return summary

    def _take_sealed(self, records: list[SealedRecord], plaintext_bytes: int) -> None:
        now_ms = self._now_ms()
        for record in records:
            self._window.sealed(record, plaintext_bytes, now_ms)
            plaintext_bytes = 0
            self._chain_head = record.chain_hash
        if self._upload is not None:
            self._upload.offer()
        self._progress()

    async def _in_thread(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    # ── uploading ───────────────────────────────────────────────────────────────────────────────────────────────

    def _start_upload(self, commitment: bytes) -> None:
        session = self._session
        self._upload = RecordUpload(
            UploadRecords(1, session.session_id, session.session_token, commitment),
            self._window,
            connect=self._connect,
            backoff=self._backoff,
            on_acked=self._progress,
            on_connection=self._callbacks.on_connection,
        )
        self._uploading = [asyncio.create_task(self._run_upload(self._upload), name="upload records")]

    async def _run_upload(self, upload: RecordUpload) -> None:
        try:
            await upload.run()
        except ConsentryError as error:
            self._fail(error)

    def _upload_goes_on(self) -> bool:
        return any(not task.done() for task in self._uploading)

    async def _give_up_start(self) -> None:
        self._failure = self._failure or RecordingNotOpened()
        await self.aclose()
        if self._spool is not None:
            self._spool.remove()

    # ── stages and waiters ──────────────────────────────────────────────────────────────────────────────────────

    def _progress(self) -> None:
        """Something was sealed or acknowledged."""
        self._callbacks.on_progress(self._window.sealed_bytes, self._window.acked_bytes)
        self._check_stage()
        self._wake()

    def _check_stage(self) -> None:
        if self._stage_timer is not None:
            self._stage_timer.cancel()
            self._stage_timer = None
        now_ms = self._now_ms()
        stage = self._window.stage(now_ms)
        if stage == "failed":
            self._fail(RecordingUnconfirmed())
            return
        if stage == "paused" and not self._paused:
            self._paused = True
            self._callbacks.on_pause()
        elif stage == "open" and self._paused:
            self._paused = False
            self._callbacks.on_resume()
        next_at_ms = self._window.next_stage_at_ms(now_ms)
        if next_at_ms is not None and not self._closed:
            wait_seconds = max(next_at_ms - now_ms, 1) / 1000
            self._stage_timer = asyncio.get_running_loop().call_later(wait_seconds, self._check_stage)

    def _fail(self, error: ConsentryError) -> None:
        if self._failure is not None:
            return
        self._failure = error
        log.error("recording_failed", error=type(error).__name__)
        if self._line is not None and self._window.acked_seq > 0 and not self._closed:
            self._callbacks.on_failed(error)
        self._wake()

    async def _moved(self, *, fail: bool = True) -> None:
        """Returns after the next acknowledgement or seal. Raises RecordingStopped if there will be none."""
        if fail and self._failure is not None:
            raise RecordingStopped(problem=str(self._failure))
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
        if fail and self._failure is not None:
            raise RecordingStopped(problem=str(self._failure))

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
