"""What becomes of records once they are here: a worker reads them, and what it found is kept.

A live session is read once its manifest has arrived, and again when it has ended. Whatever harms the worker marks the
session, and harms nothing else.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from audit.quality.marks import MarkRules
from audit.quality.sessions import SessionFacts
from audit.quality.store import QualityStore
from audit.service.reading import Reader
from audit.service.unsound import Unsound
from audit.service.worker_process import RecordingHostileError, RecordingRefusedError, WorkerUnavailableError
from audit.storage.sessions import Condition, SqlSessions
from audit.vault.external_key import OpenerFailedError
from audit.vault.opening import RecordingErasedError, SealedForOthersError
from audit.vault.reading import RecordingChanged
from protocol.errors import ConsentryError, IntegrityError
from serving.clock import Clock

log = structlog.get_logger(__name__)

CHANGED = "recording-changed"

RECORDS_OF_A_BEGINNING = 2
"""An EPOCH and the first DATA record, which holds the manifest."""


READ_BY_SERVICE = "service"
"""Stamp of facts that a worker gathered: `consentry review` on the same folder reads them anew."""


class Intake:
    """For one event loop. `run` works through what `records_arrived` names."""

    def __init__(
        self,
        sessions: SqlSessions,
        reader: Reader,
        quality: QualityStore,
        unsound: Unsound,
        clock: Clock,
        mark_rules: Callable[[], MarkRules],
        on_read: Callable[[bytes], Awaitable[None]],
    ) -> None:
        """`on_read` hears of each session of which something new is known."""
        self._sessions = sessions
        self._reader = reader
        self._quality = quality
        self._unsound = unsound
        self._clock = clock
        self._mark_rules = mark_rules
        self._on_read = on_read
        self._due: dict[bytes, None] = {}
        self._stirred = asyncio.Event()

    async def records_arrived(self, session_id: bytes, finished: bool) -> None:
        known = await self._sessions.find(session_id)
        if known is None or known.condition == "broken":
            return
        if finished or (known.digest is None and known.next_seq >= RECORDS_OF_A_BEGINNING):
            self._due[session_id] = None
            self._stirred.set()

    async def run(self) -> None:
        for session_id in await self._sessions.unread():
            self._due.setdefault(session_id, None)
        while True:
            while self._due:
                session_id = next(iter(self._due))
                del self._due[session_id]
                await self._read(session_id)
            self._stirred.clear()
            await self._stirred.wait()

    async def _read(self, session_id: bytes) -> None:
        condition: Condition = "sound"
        problem: ConsentryError | None = None
        digest = None
        try:
            digest = await self._reader.read("digest", session_id)
            now_ms, rules = self._clock.unix_ms(), self._mark_rules()
            facts = await self._reader.read("quality", session_id, now_ms=now_ms, mark_rules=rules)
            found = msgspec.json.decode(facts, type=SessionFacts)
            await self._quality.put_session(found, READ_BY_SERVICE)
            if found.state in ("partial", "lost"):
                await self._unsound.tell(session_id, found.state)
            elif found.state == "complete" and not found.intact:
                condition, problem = "broken", RecordingChanged()
        except (WorkerUnavailableError, OpenerFailedError) as error:
            log.error("recording_not_read", session=session_id.hex(), problem=str(error))
            return  # not the recording's fault; the next start tries again
        except SealedForOthersError as error:
            condition, problem = "sealed", error
        except RecordingRefusedError as error:
            changed = error.fields["code"] == CHANGED
            condition, problem = ("broken", RecordingChanged()) if changed else ("unread", error)
        except RecordingErasedError as error:
            condition, problem = "unread", error
        except RecordingHostileError as error:
            condition, problem = "hostile", error
        except IntegrityError as error:
            condition, problem = "broken", error
        except (ConsentryError, OSError) as error:
            log.error("recording_not_read", session=session_id.hex(), problem=str(error))
            return
        if problem is not None:
            known = await self._sessions.find(session_id)
            if known is None or known.erased_at_ms is not None:
                return  # while it was read: nobody need hear that it cannot be
            log.warning("recording_not_sound", session=session_id.hex(), condition=condition, problem=str(problem))
            await self._unsound.tell(session_id, condition)
        await self._sessions.was_read(session_id, condition, problem, digest)
        await self._on_read(session_id)
